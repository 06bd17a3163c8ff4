import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { createAlertBench, HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";
import type { Arrived } from "../../_fakes/fake_channel.ts";

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

Deno.test("createAlerts() says what is wrong again as soon as it is known again", async () => {
  const missing = { afterMs: 10 * MINUTE_MS, severity: "warning" as const };
  const bench = createAlertBench({ rules: [rule("balance", { missing })] });
  await bench.see("balance", "ok");
  await bench.pass(15);
  await bench.pass(1, () => bench.see("balance", "failed", { reason: "empty" }));
  const [alert] = (await bench.alerts.view()).alerts;
  assert.deepEqual([alert?.isMissing, alert?.message, alert?.severity], [false, "empty", "error"]);
  assert.deepEqual(bench.told("slack"), ["trigger balance", "repeat balance"]);
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
