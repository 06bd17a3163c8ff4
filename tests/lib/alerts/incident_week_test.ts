import assert from "node:assert/strict";
import { isAtLeast, SEVERITIES, type Severity } from "../../../lib/alerts/severity.ts";
import { HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";
import { DEATHS, isIn, MAIL_DOWN, playWeek, SLACK_BUSY, WEEK_START_MS } from "../../_fakes/alert_week.ts";
import { createCountingStateStore } from "../../_fakes/counting_state_store.ts";
import { type Arrived, createFakeChannel } from "../../_fakes/fake_channel.ts";

Deno.test("createAlerts() tells a week of incidents once each, through outages of channels and ten deaths", async () => {
  const store = createCountingStateStore();
  let minute = 0;
  const now = () => WEEK_START_MS + minute * MINUTE_MS;
  const slack = createFakeChannel("slack", { now });
  const mail = createFakeChannel("mail", { minSeverity: "warning", now });
  const pager = createFakeChannel("pager", { minSeverity: "critical", now });
  mail.answer = () => isIn(minute, MAIL_DOWN) ? { outcome: "retry", reason: "421 try later" } : undefined;
  let asked = 0;
  slack.answer = () =>
    isIn(minute, SLACK_BUSY) && asked++ % 3 < 2
      ? { outcome: "retry", reason: "429", retryAfterMs: 3 * MINUTE_MS }
      : undefined;
  const { view, deaths } = await playWeek({
    store,
    channels: [slack, mail, pager],
    onMinute: (at) => minute = at,
  });
  assert.equal(deaths, 10);
  assert.equal(view.waiting, 0);
  assert.deepEqual(view.deadLetters, []);
  assert.deepEqual(view.incidents, []);

  const bySlack = incidentsOf(slack.arrived);
  const shown = [...bySlack.values()].map(({ rules, severity, first }) =>
    `${new Date(first).toISOString().slice(8, 13)} ${severity} ${[...rules].sort().join("+")}`
  );
  assert.deepEqual(shown, [
    "23T10 warning endpoint-down",
    "23T10 warning endpoint-down",
    "23T10 warning endpoint-down",
    "24T14 critical chain-unreachable+endpoint-down+quorum-thin",
    "25T03 error job",
    "25T06 critical balance-critical+balance-low",
    "26T09 critical contract-paused",
    "26T09 error channel-broken+outbox-age",
    "27T11 warning disk-space",
  ]);

  // Each incident reached each channel that should have it, and no other.
  for (const channel of [mail, pager]) {
    const here = incidentsOf(channel.arrived);
    for (const [key, { severity, rules }] of bySlack) {
      const isAboutIt = rules.has("channel-broken") && channel === mail;
      const isWanted = isAtLeast(severity, channel.minSeverity) && !isAboutIt;
      assert.equal(here.has(key), isWanted, `${channel.name} ${[...rules]}`);
    }
    assert.ok(here.size <= bySlack.size);
  }
  assert.equal(incidentsOf(pager.arrived).size, 3);

  // One trigger, one resolve, in order; nothing twice but what a death fell upon.
  let doubled = 0;
  for (const channel of [slack, mail, pager]) {
    for (const { messages } of incidentsOf(channel.arrived).values()) {
      const once = messages.filter(({ notification: { id } }, i) =>
        messages.findIndex((other) => other.notification.id === id) === i
      );
      doubled += messages.length - once.length;
      const kinds = once.map(({ notification: { kind } }) => kind);
      assert.equal(kinds[0], "trigger");
      assert.equal(kinds.at(-1), "resolve");
      assert.ok(kinds.slice(1, -1).every((kind) => kind === "repeat"), kinds.join());
      for (const { thread, notification: { kind, key } } of once) {
        if (kind !== "trigger") assert.equal(thread, `${channel.name} ${key}`);
      }
    }
  }
  const sends = DEATHS.filter(([, death]) => death === "after-send").length;
  assert.ok(doubled >= 1 && doubled <= sends * 3, `${doubled} were sent twice`);

  // Repeats as configured: balance-low daily until it is critical, then every four hours.
  const [balance] = [...bySlack.values()].filter(({ rules }) => rules.has("balance-low"));
  const told = balance!.messages.map(({ notification: { kind }, atMs }) =>
    `${kind} ${Math.round((atMs - WEEK_START_MS) / HOUR_MS)}`
  );
  assert.deepEqual(told.filter((line, i) => told.indexOf(line) === i), EXPECTED_BALANCE);
  assert.ok(store.largestBytes < 64_000, `${store.largestBytes}`);
});

const EXPECTED_BALANCE = [
  "trigger 55",
  "repeat 79",
  "repeat 103",
  "repeat 115",
  "repeat 119",
  "repeat 123",
  "repeat 127",
  "repeat 131",
  "resolve 132",
];

interface Told {
  readonly messages: Arrived[];
  readonly rules: Set<string>;
  severity: Severity;
  readonly first: number;
}

function incidentsOf(arrived: readonly Arrived[]): ReadonlyMap<string, Told> {
  const incidents = new Map<string, Told>();
  for (const message of arrived) {
    const { key, severity, alerts, kind } = message.notification;
    let told = incidents.get(key);
    if (told === undefined) {
      told = {
        messages: [],
        rules: new Set(),
        severity: "info",
        first: Date.parse(message.notification.timestamp),
      };
      incidents.set(key, told);
    }
    told.messages.push(message);
    if (kind !== "resolve" && SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(told.severity)) {
      told.severity = severity;
    }
    for (const { rule, state } of alerts) if (state !== "silenced") told.rules.add(rule);
  }
  return incidents;
}
