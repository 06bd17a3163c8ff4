import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { createAlertBench, HOUR_MS } from "../../_fakes/alert_bench.ts";

const RUNBOOK = "look at it";

function rule(name: string, fields: Partial<AlertRule> = {}): AlertRule {
  return { name, check: name, severity: "error", runbook: RUNBOOK, ...fields };
}

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

Deno.test("acknowledge() ends by itself after a day", async () => {
  const bench = createAlertBench({ rules: [rule("disk", { repeatMs: 20 * HOUR_MS })] });
  await bench.pass(1, () => bench.see("disk", "failed"));
  await bench.alerts.acknowledge((await bench.alerts.view()).incidents[0]!.key, { by: "ana" });
  await bench.pass(24 * 60 - 1, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("slack"), ["trigger disk", "acknowledge disk"]);
  await bench.pass(1, () => bench.see("disk", "failed"));
  assert.deepEqual(bench.told("slack").slice(2), ["repeat disk"]);
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

Deno.test("view() shows the worst of what fires first", async () => {
  const rules = [rule("a", { severity: "warning" }), rule("b", { severity: "critical" }), rule("c")];
  const bench = createAlertBench({ rules });
  for (const name of ["b", "c", "a"]) await bench.pass(1, () => bench.see(name, "failed"));
  const { alerts } = await bench.alerts.view();
  assert.deepEqual(alerts.map(({ severity }) => severity), ["critical", "error", "warning"]);
});
