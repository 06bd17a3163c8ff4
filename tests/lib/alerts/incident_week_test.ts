import assert from "node:assert/strict";
import { createAlerts } from "../../../lib/alerts/create_alerts.ts";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { isAtLeast, SEVERITIES, type Severity } from "../../../lib/alerts/severity.ts";
import type { HealthStatus, Observation } from "../../../lib/core/observation.ts";
import { HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";
import { createCountingStateStore } from "../../_fakes/counting_state_store.ts";
import { type Arrived, createFakeChannel } from "../../_fakes/fake_channel.ts";
import { createMortalProcess, type Death, Killed } from "../../_fakes/mortal_process.ts";

const START_MS = Date.UTC(2026, 10, 23);
const HOUR = 60;
const DAY = 24 * HOUR;

/** Minutes from Monday, 0:00. */
const PAUSED = span(3 * DAY + 9 * HOUR, HOUR);
const OUTAGE = span(1 * DAY + 14 * HOUR, 3 * HOUR);
const FLAPPING = span(0 * DAY + 10 * HOUR, 2 * HOUR);
const MAIL_DOWN = span(3 * DAY + 8 * HOUR + 30, 2 * HOUR);
const SLACK_BUSY = span(4 * DAY + 11 * HOUR, 90);
const DISK_SHORT = span(4 * DAY + 11 * HOUR + 5, 30);
const JOB_FAILS = span(2 * DAY + 3 * HOUR, 2 * HOUR);
const TOPPED_UP = 5 * DAY + 12 * HOUR;

/** Ten deaths, and how long nobody notices. */
const DEATHS: readonly (readonly [minute: number, death: Death, downMinutes: number])[] = [
  [FLAPPING.from + 3, "after-send", 1],
  [FLAPPING.from + 30, "before-write", 2],
  [OUTAGE.from + 2, "after-write", 1],
  [OUTAGE.from + 60, "before-write", 20],
  // It recovers while the daemon is down.
  [OUTAGE.until - 5, "before-write", 30],
  [JOB_FAILS.from + 4, "after-write", 0],
  [PAUSED.from, "after-send", 3],
  [PAUSED.until - 1, "after-write", 5],
  [DISK_SHORT.until, "after-send", 0],
  [TOPPED_UP, "after-send", 7],
];

function span(from: number, minutes: number): { readonly from: number; readonly until: number } {
  return { from, until: from + minutes };
}

function isIn(minute: number, { from, until }: { readonly from: number; readonly until: number }): boolean {
  return minute >= from && minute < until;
}

/** What every check sees in that minute. */
function world(minute: number, atMs: number): readonly Observation[] {
  const isOut = isIn(minute, OUTAGE);
  const isPaused = isIn(minute, PAUSED);
  const flaps = isIn(minute, FLAPPING) && Math.floor((minute - FLAPPING.from) / 5) % 2 === 0;
  const seen = (check: string, status: HealthStatus, more: Partial<Observation> = {}): Observation => ({
    check,
    status,
    reason: `${check} is ${status}`,
    atMs,
    ...more,
  });
  /** Of what the chain has to be asked for. */
  const asked = (check: string, status: HealthStatus, more: Partial<Observation> = {}) =>
    seen(check, isOut ? "unknown" : status, isOut ? {} : more);
  const waitingSince = isOut ? OUTAGE.from : isPaused ? PAUSED.from : minute;
  const runwayDays = minute < TOPPED_UP ? 24 - 4.4 * minute / DAY : 60;
  return [
    seen("endpoint", isOut || flaps ? "failed" : "ok", {
      subject: "endpoint-1",
      values: { lagBlocks: 0, p95Ms: 90 },
    }),
    seen("endpoint", isOut ? "failed" : "ok", { subject: "endpoint-2", values: { lagBlocks: 0, p95Ms: 90 } }),
    seen("quorum", isOut ? "failed" : "ok"),
    asked("contract-code", "ok"),
    asked("contract-paused", isPaused ? "failed" : "ok"),
    asked("contract-owner", "ok"),
    asked("balance", "ok", { values: { runwayDays } }),
    asked("gas-price", "ok"),
    asked("success-rate", isPaused ? "degraded" : "ok"),
    asked("clock-skew", "ok"),
    seen(
      "pending-age",
      minute - waitingSince > 60 ? "failed" : minute - waitingSince > 20 ? "degraded" : "ok",
    ),
    seen("log-writable", "ok"),
    seen("disk-space", "ok", { values: { freeRatio: isIn(minute, DISK_SHORT) ? 0.05 : 0.5 } }),
    seen("job", (isOut || isPaused) && minute - waitingSince > 10 ? "failed" : "ok", { subject: "anchor" }),
    seen("job", isIn(minute, JOB_FAILS) ? "failed" : "ok", { subject: "cost" }),
  ];
}

Deno.test("createAlerts() tells a week of incidents once each, through outages of channels and ten deaths", async () => {
  const store = createCountingStateStore();
  let minute = 0;
  const now = () => START_MS + minute * MINUTE_MS;
  const slack = createFakeChannel("slack", { now });
  const mail = createFakeChannel("mail", { minSeverity: "warning", now });
  const pager = createFakeChannel("pager", { minSeverity: "critical", now });
  mail.answer = () => isIn(minute, MAIL_DOWN) ? { outcome: "retry", reason: "421 try later" } : undefined;
  let asked = 0;
  slack.answer = () =>
    isIn(minute, SLACK_BUSY) && asked++ % 3 < 2
      ? { outcome: "retry", reason: "429", retryAfterMs: 3 * MINUTE_MS }
      : undefined;
  const start = () => {
    const process = createMortalProcess(store, [slack, mail, pager]);
    const alerts = createAlerts({
      rules: DEFAULT_RULES,
      ...process,
      clock: { now, sleep: () => Promise.resolve() },
      random: () => 0.5,
      source: "pot on host-1",
      origin: "pot/week",
      limits: { escalations: 0 },
    });
    return { process, alerts };
  };

  const deaths = [...DEATHS];
  let { process, alerts } = start();
  let dead = 0;
  for (minute = 0; minute < 7 * DAY; minute++) {
    const [next] = deaths;
    if (next !== undefined && minute >= next[0]) process.death = next[1];
    try {
      await alerts.observe({ observations: world(minute, now()) });
      await alerts.deliver({ signal: new AbortController().signal });
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!process.isDead) continue;
    dead++;
    minute += deaths.shift()![2];
    ({ process, alerts } = start());
  }
  assert.equal(dead, DEATHS.length);

  const view = await alerts.view();
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
    `${kind} ${Math.round((atMs - START_MS) / HOUR_MS)}`
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
