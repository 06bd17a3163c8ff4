import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { formatState } from "../../../lib/alerts/engine/state_codec.ts";
import { emptyState } from "../../../lib/alerts/engine/alert_state.ts";
import type { Arrived } from "../../_fakes/fake_channel.ts";
import { createAlertBench, HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";

const RUNBOOK = "look at it";

function rule(name: string, fields: Partial<AlertRule> = {}): AlertRule {
  return { name, check: name, severity: "error", runbook: RUNBOOK, ...fields };
}

Deno.test("createAlerts() tells once that something is wrong and once that it is over, under one key", async () => {
  const bench = createAlertBench({ rules: [rule("disk")] });
  await bench.pass(
    3,
    () => bench.see("disk", "failed", { subject: "home", values: { freeRatio: 0.0123456789 } }),
  );
  await bench.pass(3, () => bench.see("disk", "ok", { subject: "home", reason: "there is room" }));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
  assert.deepEqual(bench.told("mail"), ["trigger disk", "resolve disk"]);
  assert.deepEqual(bench.told("pager"), []);
  const [{ notification: trigger }, { notification: resolve, thread }] = bench.channels.slack.arrived as [
    Arrived,
    Arrived,
  ];
  assert.equal(trigger.message, "disk (home): disk is failed");
  assert.equal(trigger.runbook, RUNBOOK);
  assert.equal(trigger.source, "pot on host-1");
  assert.deepEqual(trigger.details, { freeRatio: "0.0123457" });
  assert.equal(trigger.timestamp, new Date(1_800_000_000_000 + MINUTE_MS).toISOString());
  assert.equal(trigger.alerts[0]?.state, "firing");
  assert.match(trigger.alerts[0]!.fingerprint, /^disk-[0-9a-f]{12}$/);
  assert.equal(resolve.key, trigger.key);
  assert.match(trigger.key, /^[\x21-\x7e]{1,128}$/);
  assert.notEqual(resolve.id, trigger.id);
  assert.equal(thread, `slack ${trigger.key}`);
  assert.equal(resolve.message, "disk (home): there is room");
  assert.equal(resolve.alerts[0]?.state, "resolved");
});

Deno.test("createAlerts() gives the same alert the same fingerprint everywhere, another installation another one", async () => {
  const fingerprints = [];
  for (const origin of ["pot/a", "pot/a", "pot/b"]) {
    const bench = createAlertBench({ rules: [rule("disk")], origin });
    await bench.see("disk", "failed");
    fingerprints.push((await bench.alerts.view()).alerts[0]?.fingerprint);
  }
  assert.equal(fingerprints[0], fingerprints[1]);
  assert.notEqual(fingerprints[0], fingerprints[2]);
});

Deno.test("createAlerts() waits as long as a rule asks before it tells, and before it takes back", async () => {
  const bench = createAlertBench({
    rules: [rule("disk", { forMs: 3 * MINUTE_MS, clearForMs: 2 * MINUTE_MS })],
  });
  const bad = () => bench.see("disk", "failed");
  const good = () => bench.see("disk", "ok");
  await bench.pass(3, bad);
  assert.equal((await bench.alerts.view()).alerts[0]?.state, "pending");
  await bench.pass(1, good);
  await bench.pass(3, bad);
  assert.deepEqual(bench.told("slack"), []);
  await bench.pass(1, bad);
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  await bench.pass(2, good);
  await bench.pass(1, bad);
  await bench.pass(2, good);
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  await bench.pass(1, good);
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
});

Deno.test("createAlerts() compares values with hysteresis", async () => {
  const when = { value: "days", below: 14, clearAbove: 21 };
  const bench = createAlertBench({ rules: [rule("balance", { when })] });
  const states: string[] = [];
  for (const days of [20, 15, 14, 13.9, 14, 20, 21, 21.1, 20, 13]) {
    await bench.pass(1, () => bench.see("balance", "ok", { values: { days } }));
    const [alert] = (await bench.alerts.view()).alerts;
    states.push(`${days} ${alert?.state ?? "-"}`);
  }
  assert.deepEqual(states, [
    "20 -",
    "15 -",
    "14 -",
    "13.9 firing",
    "14 firing",
    "20 firing",
    "21 firing",
    "21.1 resolved",
    "20 resolved",
    "13 firing",
  ]);
});

Deno.test("createAlerts() takes unknown for no answer, and its lasting for missing data", async () => {
  const missing = { afterMs: 10 * MINUTE_MS, severity: "warning" as const };
  const bench = createAlertBench({ rules: [rule("balance", { missing })] });
  await bench.see("balance", "failed");
  await bench.pass(5, () => bench.see("balance", "unknown"));
  assert.deepEqual(bench.told("slack"), ["trigger balance"]);
  await bench.pass(1, () => bench.see("balance", "ok"));
  assert.deepEqual(bench.told("slack"), ["trigger balance", "resolve balance"]);
  await bench.pass(10, () => bench.see("balance", "unknown"));
  assert.equal(bench.told("slack").length, 2);
  await bench.pass(5);
  assert.deepEqual(bench.told("slack").slice(2), ["trigger balance"]);
  const [alert] = (await bench.alerts.view()).alerts;
  assert.ok(alert?.isMissing);
  assert.match(alert.message, /^nothing is known since 20/);
  assert.equal(alert.severity, "warning");
  await bench.pass(1, () => bench.see("balance", "ok"));
  assert.deepEqual(bench.told("slack").slice(3), ["resolve balance"]);
});

Deno.test("createAlerts() misses nothing for the time that it was not running itself", async () => {
  const missing = { afterMs: 10 * MINUTE_MS, severity: "warning" as const };
  const bench = createAlertBench({ rules: [rule("balance", { missing })] });
  await bench.see("balance", "ok");
  bench.nowMs += 5 * HOUR_MS;
  bench.restart();
  await bench.pass(9);
  assert.deepEqual(bench.told("slack"), []);
  await bench.pass(5);
  assert.deepEqual(bench.told("slack"), ["trigger balance"]);
});

Deno.test("createAlerts() resolves at its start what recovered while it was down", async () => {
  const bench = createAlertBench({ rules: [rule("disk")] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  bench.nowMs += 5 * HOUR_MS;
  bench.restart();
  await bench.pass(1, () => bench.see("disk", "ok"));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
});

Deno.test("createAlerts() resolves what no rule speaks of any more", async () => {
  const bench = createAlertBench({ rules: [rule("disk"), rule("other")] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  bench.restart({ rules: [rule("other")] });
  await bench.pass(1);
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
  assert.equal(
    bench.channels.slack.arrived[1]!.notification.message,
    "disk: its rule is not in use any more",
  );
});

Deno.test("createAlerts() makes one incident of one cause, and tells at once where it gets worse", async () => {
  const rules = [
    rule("slow", {
      check: "endpoint",
      cause: "endpoint",
      severity: { degraded: "warning", failed: "critical" },
    }),
    rule("quorum", { cause: "endpoint" }),
  ];
  const bench = createAlertBench({ rules });
  await bench.pass(1, () => bench.see("endpoint", "degraded", { subject: "a" }));
  await bench.pass(1, () => bench.see("endpoint", "degraded", { subject: "b" }));
  await bench.pass(1, () => bench.see("quorum", "failed"));
  assert.deepEqual(bench.told("slack"), ["trigger slow", "repeat quorum"]);
  assert.deepEqual(bench.told("pager"), []);
  await bench.pass(2, () => bench.see("endpoint", "failed", { subject: "b" }));
  assert.deepEqual(bench.told("slack"), ["trigger slow", "repeat quorum", "repeat slow"]);
  assert.deepEqual(bench.told("pager"), ["trigger slow"]);
  const keys = new Set(
    (["slack", "pager"] as const).flatMap((name) =>
      bench.channels[name].arrived.map((a) => a.notification.key)
    ),
  );
  assert.equal(keys.size, 1);
  const [trigger] = bench.channels.pager.arrived;
  assert.equal(trigger?.notification.message, "slow (b): endpoint is failed (and 2 more)");
  assert.deepEqual(trigger?.notification.alerts.map((a) => `${a.rule} ${a.subject}`), [
    "slow b",
    "quorum ",
    "slow a",
  ]);
  await bench.pass(1, () => bench.see("endpoint", "ok", { subject: "b" }));
  await bench.pass(1, () => bench.see("endpoint", "ok", { subject: "a" }));
  assert.equal(bench.told("pager").length, 1);
  await bench.pass(1, () => bench.see("quorum", "ok"));
  assert.deepEqual(bench.told("pager"), ["trigger slow", "resolve slow"]);
  assert.equal(bench.told("slack").at(-1), "resolve slow");
});

Deno.test("createAlerts() makes an incident of each subject where a rule groups by it", async () => {
  const bench = createAlertBench({ rules: [rule("job", { groupBy: "subject" })] });
  await bench.pass(1, async () => {
    await bench.see("job", "failed", { subject: "anchor" });
    await bench.see("job", "failed", { subject: "audit" });
  });
  assert.deepEqual(bench.told("slack"), ["trigger job", "trigger job"]);
  assert.equal(new Set(bench.channels.slack.arrived.map((a) => a.notification.key)).size, 2);
});

Deno.test("createAlerts() keeps consequences quiet from the first sign of their cause until a while after it", async () => {
  const rules = [
    rule("endpoint", { forMs: 5 * MINUTE_MS, inhibits: ["lag", "job:anchor"], severity: "critical" }),
    rule("lag"),
    rule("job", { groupBy: "subject" }),
  ];
  const bench = createAlertBench({ rules });
  const all = (status: "ok" | "failed") => async () => {
    await bench.see("endpoint", status);
    await bench.see("lag", "failed");
    await bench.see("job", "failed", { subject: "anchor" });
  };
  await bench.pass(10, all("failed"));
  assert.deepEqual(bench.told("slack"), ["trigger endpoint"]);
  const { alerts } = await bench.alerts.view();
  assert.deepEqual(alerts.map((a) => `${a.rule} ${a.state} ${a.quietBecause ?? ""}`).sort(), [
    "endpoint firing ",
    "job silenced endpoint",
    "lag silenced endpoint",
  ]);
  await bench.pass(1, () => bench.see("job", "failed", { subject: "audit" }));
  assert.deepEqual(bench.told("slack"), ["trigger endpoint", "trigger job"]);
  await bench.pass(5, all("ok"));
  assert.deepEqual(bench.told("slack"), ["trigger endpoint", "trigger job", "resolve endpoint"]);
  await bench.pass(1, all("ok"));
  assert.deepEqual(bench.told("slack").slice(3).sort(), ["trigger job", "trigger lag"]);
});

Deno.test("createAlerts() tells of flapping once, and is calm only when it has been for half an hour", async () => {
  const bench = createAlertBench({ rules: [rule("endpoint")] });
  for (let i = 0; i < 20; i++) {
    await bench.pass(1, () => bench.see("endpoint", "failed"));
    await bench.pass(1, () => bench.see("endpoint", "ok"));
  }
  const expected = ["trigger", "resolve", "trigger", "resolve", "trigger"].map((kind) => `${kind} endpoint`);
  assert.deepEqual(bench.told("slack"), expected);
  const { notification } = bench.channels.slack.arrived.at(-1)!;
  assert.equal(notification.message, "endpoint: flapping: endpoint is failed");
  assert.equal(notification.alerts[0]?.state, "flapping");
  await bench.pass(29);
  assert.equal((await bench.alerts.view()).alerts[0]?.state, "flapping");
  await bench.pass(2);
  assert.deepEqual(bench.told("slack"), [...expected, "resolve endpoint"]);
});

Deno.test("createAlerts() repeats, and escalates what is critical and nobody acknowledges, to more channels", async () => {
  const rules = [rule("audit", { severity: "critical", repeatMs: 2 * HOUR_MS, channels: ["slack"] })];
  const bench = createAlertBench({ rules, escalateTo: ["mail", "nowhere"] });
  const bad = () => bench.see("audit", "failed");
  await bench.pass(15, bad);
  assert.deepEqual(bench.told("slack"), ["trigger audit"]);
  await bench.pass(1, bad);
  assert.deepEqual(bench.told("slack"), ["trigger audit", "escalate audit"]);
  assert.deepEqual(bench.told("mail"), ["trigger audit"]);
  await bench.pass(60, bad);
  assert.deepEqual(bench.told("slack").slice(2), ["escalate audit", "escalate audit"]);
  assert.deepEqual(bench.told("mail"), ["trigger audit", "escalate audit", "escalate audit"]);
  await bench.pass(120, bad);
  assert.deepEqual(bench.told("slack").slice(4), ["repeat audit"]);
  await bench.pass(1, () => bench.see("audit", "ok"));
  assert.equal(bench.told("slack").at(-1), "resolve audit");
  assert.equal(bench.told("mail").at(-1), "resolve audit");
  assert.equal(bench.told("pager").length, 0);
});

Deno.test("acknowledge() ends repeats and escalation, until it gets worse", async () => {
  const severity = { degraded: "warning", failed: "critical" } as const;
  const bench = createAlertBench({ rules: [rule("disk", { severity, repeatMs: HOUR_MS })] });
  await bench.pass(1, () => bench.see("disk", "degraded"));
  const [alert] = (await bench.alerts.view()).alerts;
  assert.equal(await bench.alerts.acknowledge("disk-000000000000", { by: "ana" }), undefined);
  const key = await bench.alerts.acknowledge(alert!.fingerprint, { by: "ana", note: "making room" });
  assert.equal(key, alert!.incident);
  await bench.pass(180, () => bench.see("disk", "degraded"));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "acknowledge disk"]);
  const { details, alerts } = bench.channels.slack.arrived[1]!.notification;
  assert.deepEqual(details, { "acknowledged by": "ana", note: "making room" });
  assert.equal(alerts[0]?.state, "acknowledged");
  await bench.pass(17, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("slack").slice(2), ["repeat disk", "escalate disk"]);
  assert.deepEqual(bench.told("pager"), ["trigger disk", "escalate disk"]);
});

Deno.test("silence() keeps what it covers from being told until it ends, but not from being resolved", async () => {
  const bench = createAlertBench({ rules: [rule("disk", { repeatMs: HOUR_MS })] });
  await bench.pass(1, () => bench.see("disk", "failed", { subject: "home" }));
  const silence = await bench.alerts.silence({
    rule: "di*",
    forMs: 3 * HOUR_MS,
    reason: "new disk",
    by: "ana",
  });
  await bench.pass(100, () => bench.see("disk", "failed", { subject: "home" }));
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  const { alerts, silences } = await bench.alerts.view();
  assert.deepEqual(silences, [silence]);
  assert.equal(alerts[0]?.state, "silenced");
  assert.equal(alerts[0]?.quietBecause, "new disk");
  await bench.pass(1, () => bench.see("disk", "ok", { subject: "home" }));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
  await bench.pass(60, () => bench.see("disk", "failed", { subject: "home" }));
  assert.equal(bench.told("slack").length, 2);
  await bench.pass(20, () => bench.see("disk", "failed", { subject: "home" }));
  assert.deepEqual(bench.told("slack").slice(2), ["trigger disk"]);
  assert.equal(await bench.alerts.expireSilence(silence.id), false);
});

Deno.test("silence() refuses one without matcher, reason or end", async () => {
  const { alerts } = createAlertBench();
  const good = { rule: "a", forMs: HOUR_MS, reason: "b", by: "c" };
  const { rule: _rule, ...unmatched } = good;
  await assert.rejects(alerts.silence(unmatched), {
    message: "Cannot add the silence as it names neither a rule, a subject nor a fingerprint",
  });
  await assert.rejects(alerts.silence({ ...good, reason: " " }), {
    message: "Cannot add the silence as it gives no reason",
  });
  for (const forMs of [0, -1, NaN, Infinity, 91 * 24 * HOUR_MS]) {
    await assert.rejects(alerts.silence({ ...good, forMs }), {
      message: "Cannot add the silence as it must end, within 90 days from now",
    });
  }
  assert.deepEqual((await alerts.view()).silences, []);
});

Deno.test("observe() tells of an occurrence once, however often it is handed in, and resolves it when it stays away", async () => {
  const rules: AlertRule[] = [{
    name: "foreign",
    occurrence: "foreign-transaction",
    severity: "critical",
    runbook: RUNBOOK,
  }];
  const bench = createAlertBench({ rules });
  const seen = (id: string) => () =>
    bench.alerts.observe({
      occurrences: [{ id, name: "foreign-transaction", subject: "7", detail: "nonce 7", atMs: bench.nowMs }],
    });
  await bench.pass(59, seen("a"));
  assert.deepEqual(bench.told("pager"), [
    "trigger foreign",
    "escalate foreign",
    "escalate foreign",
    "escalate foreign",
  ]);
  await bench.pass(2, seen("a"));
  assert.equal(bench.told("pager").at(-1), "resolve foreign");
  bench.restart();
  await bench.pass(24 * 60 + 5, seen("a"));
  assert.equal(bench.told("pager").length, 5);
  await bench.pass(1, seen("b"));
  assert.equal(bench.told("pager").at(-1), "trigger foreign");
});

Deno.test("announce() sends a message once to each channel that it is bad enough for", async () => {
  const bench = createAlertBench({ rules: [] });
  const digest = {
    id: "digest 2026-11-22",
    severity: "info" as const,
    message: "all is well",
    details: { records: "12" },
  };
  await bench.alerts.announce(digest);
  await bench.alerts.announce(digest);
  await bench.deliver();
  await bench.alerts.announce(digest);
  await bench.deliver();
  assert.deepEqual(bench.told("slack"), ["message all is well"]);
  assert.deepEqual(bench.told("mail"), []);
});

Deno.test("createAlerts() keeps an incident open for alerts that are too many to follow", async () => {
  const bench = createAlertBench({ rules: [rule("disk")], limits: { alertsOfIncident: 5 } });
  const look = (failing: (index: number) => boolean) => () =>
    bench.alerts.observe({
      observations: Array.from({ length: 20 }, (_, i) => ({
        check: "disk",
        subject: `${i}`,
        status: failing(i) ? "failed" as const : "ok" as const,
        reason: `disk ${i}`,
        atMs: bench.nowMs,
      })),
    });
  await bench.pass(3, look(() => true));
  const [trigger] = bench.channels.slack.arrived;
  assert.equal(trigger?.notification.message, "disk (0): disk 0 (and 19 more)");
  assert.equal(trigger?.notification.alerts.length, 5);
  assert.equal(trigger?.notification.details["not listed"], "at least 15 more alerts");
  // Those that are followed recover first.
  await bench.pass(3, look((i) => i >= 5));
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
  await bench.pass(10, look(() => false));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "resolve disk"]);
});

Deno.test("createAlerts() says so when more is wrong than it can follow, and stays within its bounds", async () => {
  const bench = createAlertBench({ limits: { alerts: 30 } });
  const look = (status: "ok" | "failed") => () =>
    bench.alerts.observe({
      observations: Array.from({ length: 100 }, (_, i) => ({
        check: "job",
        subject: `job-${i}`,
        status,
        reason: status,
        atMs: bench.nowMs,
      })),
    });
  await bench.pass(8, look("failed"));
  assert.deepEqual(bench.told("pager"), ["trigger too-many-alerts"]);
  const { alerts, incidents } = await bench.alerts.view();
  assert.equal(alerts.length, 31);
  assert.equal(incidents.length, 26);
  await bench.pass(90, look("ok"));
  assert.equal(bench.told("pager").at(-1), "resolve too-many-alerts");
});

Deno.test("createAlerts() opens so many incidents and no more, but for the one that says so", async () => {
  const bench = createAlertBench({
    rules: [...DEFAULT_RULES, rule("disk", { groupBy: "subject" })],
    limits: { incidents: 5 },
  });
  await bench.pass(2, async () => {
    for (let i = 0; i < 8; i++) await bench.see("disk", "failed", { subject: `${i}` });
  });
  const { incidents } = await bench.alerts.view();
  assert.deepEqual(
    incidents.map(({ group }) => group),
    [..."01234"].map((i) => `disk ${i}`).concat("too-many-alerts"),
  );
});

Deno.test("createAlerts() counts a severity that it does not know as the worst", async () => {
  const bench = createAlertBench({ rules: [rule("disk", { severity: "catastrophic" as never })] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("pager"), ["trigger disk"]);
});

Deno.test("createAlerts() keeps no secret, and cuts what is huge, binary or markup", async () => {
  const bench = createAlertBench({ rules: [rule("disk")] });
  const reason = `${"\u0000\u202e<b>".repeat(50_000)} https://user:hunter2@rpc.example/v2/s3cr3tpath`;
  const noSecret = {
    check: "disk",
    subject: "https://rpc.example/v2/s3cr3tpath",
    status: "failed" as const,
    atMs: 0,
  };
  await bench.alerts.observe({
    observations: [
      {
        ...noSecret,
        reason: "asked https://user:hunter2@rpc.example/v2/s3cr3tpath",
        details: { url: "https://rpc.example/v2/s3cr3tpath" },
      },
      {
        ...noSecret,
        subject: "b",
        reason,
        details: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`d${i}`, reason])),
      },
    ],
  });
  const { bytes } = (await bench.store.read("alerts"))!;
  const text = new TextDecoder().decode(bytes);
  assert.doesNotMatch(text, /hunter2|s3cr3tpath/);
  assert.ok(bytes.length < 60_000, `${bytes.length}`);
  await bench.deliver();
  for (const { notification } of bench.channels.slack.arrived) {
    assert.ok(JSON.stringify(notification).length < 30_000);
  }
});

Deno.test("createAlerts() refuses rules with mistakes, each by its name", () => {
  const open = (...rules: AlertRule[]) => createAlertBench({ rules });
  assert.throws(() =>
    open(
      rule("a", { occurrence: "b" }),
      rule("a"),
      rule("c", { inhibits: ["nothing"], forMs: -1, runbook: "" }),
      rule("D d"),
      rule("e", { when: { value: "x", above: 1, clearBelow: 2 } }),
      rule("f", { inhibits: ["g"] }),
      rule("g", { inhibits: ["f"], channels: ["fax"] }),
    ), {
    name: "UsageError",
    message: "Cannot use the alert rules as 10 things are wrong",
    facts: [
      "rule a: it must have a check or an occurrence, not both",
      "rule a: its name must be its own: another rule has it",
      "rule c: runbook must say the first step to try",
      "rule c: for must be a year at most",
      "rule c: inhibits must name rules or causes (nothing is none)",
      "rule D d: its name must be lowercase letters, digits and -, up to 40",
      "rule D d: check, occurrence and cause must be lowercase letters, digits and -",
      "rule e: it must clear on the other side of where it fires (fires at 1, clears at 2)",
      "rule g: channels must be configured ones (fax is not)",
      "rule f: it must not inhibit itself (f → g → f)",
    ],
  });
});

Deno.test("createAlerts() refuses the document of a newer program, and of none", async () => {
  const bench = createAlertBench();
  const text = formatState(emptyState());
  let version: string | undefined;
  const write = async (content: string) => {
    version = await bench.store.write("alerts", new TextEncoder().encode(content), { version });
  };
  await write(text.replace('"version":1', '"version":2'));
  await assert.rejects(bench.alerts.observe({}), {
    name: "UsageError",
    message: "Cannot read the state of alerts as a newer version of pot wrote it",
  });
  for (const broken of ["", "[]", "{}", text.replace('"outbox":[]', '"outbox":{}'), text.slice(1)]) {
    await write(broken);
    await assert.rejects(bench.alerts.view(), /^PotError: Cannot read the state of alerts as it/);
  }
  await write(text);
  await bench.alerts.observe({});
});
