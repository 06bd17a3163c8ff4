import assert from "node:assert/strict";
import type { AlertRule } from "../../../lib/alerts/alert_rule.ts";
import { createAlertBench, HOUR_MS, MINUTE_MS } from "../../_fakes/alert_bench.ts";

const rule = (name: string, fields: Partial<AlertRule> = {}): AlertRule => ({
  name,
  check: name,
  severity: "critical",
  runbook: "look at it",
  ...fields,
});
const WATCHED = rule("disk", { missing: { afterMs: 10 * MINUTE_MS, severity: "warning" } });

Deno.test("createAlerts() misses nothing for the time that its host slept", async () => {
  const bench = createAlertBench({ rules: [WATCHED] });
  await bench.pass(3, () => bench.see("disk", "ok"));
  bench.nowMs += 8 * HOUR_MS;
  await bench.pass(9);
  assert.deepEqual(bench.told("slack"), []);
  await bench.pass(5);
  assert.deepEqual(bench.told("slack"), ["trigger disk"]);
});

Deno.test("createAlerts() tells nobody after a pause of what only held before it", async () => {
  const rules = [WATCHED, rule("quorum", { forMs: 2 * MINUTE_MS })];
  const bench = createAlertBench({ rules });
  // The network went down with the host.
  await bench.pass(1, () => bench.see("quorum", "failed"));
  bench.nowMs += 3 * HOUR_MS;
  bench.restart();
  await bench.alerts.observe({});
  await bench.deliver();
  assert.deepEqual(bench.told("pager"), []);
  // It is not up yet; then it stays away.
  await bench.pass(1, () => bench.see("quorum", "failed"));
  assert.deepEqual(bench.told("pager"), []);
  await bench.pass(1, () => bench.see("quorum", "failed"));
  assert.deepEqual(bench.told("pager"), ["trigger quorum"]);
});

Deno.test("createAlerts() tells in time what holds while its process dies again and again", async () => {
  const rules = [WATCHED, rule("quorum", { forMs: 3 * MINUTE_MS })];
  const bench = createAlertBench({ rules });
  for (let minute = 0; minute < 4; minute++) {
    bench.restart();
    await bench.see("disk", "ok");
    await bench.pass(1, () => bench.see("quorum", "failed"));
  }
  assert.deepEqual(bench.told("pager"), ["trigger quorum"]);
});

Deno.test("createAlerts() looks before it repeats or escalates what may have ended in a pause", async () => {
  const bench = createAlertBench({ rules: [rule("quorum"), rule("audit", { severity: "error" })] });
  const both = async (status: "failed" | "ok") => {
    await bench.see("quorum", status);
    await bench.see("audit", status);
  };
  await bench.pass(1, () => both("failed"));
  bench.nowMs += 9 * HOUR_MS;
  bench.restart();
  await bench.pass(1);
  await bench.pass(1, () => both("ok"));
  const expected = ["trigger quorum", "trigger audit", "resolve quorum", "resolve audit"];
  assert.deepEqual(bench.told("slack"), expected);

  await bench.pass(1, () => both("failed"));
  bench.nowMs += 9 * HOUR_MS;
  await bench.pass(3, () => both("failed"));
  assert.deepEqual(bench.told("slack").slice(4), [
    "trigger quorum",
    "trigger audit",
    "escalate quorum",
    "repeat audit",
  ]);
});

Deno.test("createAlerts() lets go of what nobody looks at any more, and misses it no longer", async () => {
  const missing = { afterMs: 10 * MINUTE_MS, severity: "warning" as const };
  const bench = createAlertBench({ rules: [rule("endpoint", { missing, groupBy: "subject" })] });
  await bench.pass(1, async () => {
    await bench.see("endpoint", "ok", { subject: "endpoint-1" });
    await bench.see("endpoint", "failed", { subject: "endpoint-2" });
    await bench.see("endpoint", "ok", { subject: "endpoint-3" });
  });
  bench.restart({ isWatched: (check, subject) => check === "endpoint" && subject === "endpoint-1" });
  await bench.pass(60, () => bench.see("endpoint", "ok", { subject: "endpoint-1" }));
  assert.deepEqual(bench.told("slack"), ["trigger endpoint", "resolve endpoint"]);
  assert.equal(
    bench.channels.slack.arrived[1]!.notification.message,
    "endpoint (endpoint-2): it is not looked at any more, as this installation is configured",
  );
});

Deno.test("createAlerts() tells every other channel of a broken one, where that is bad enough for none", async () => {
  const bench = createAlertBench();
  const { slack, pager } = bench.channels;
  bench.restart({ channels: [slack, pager] });
  slack.answer = () => ({ outcome: "refused", reason: "token_revoked" });
  await bench.pass(1, () => bench.see("price", "degraded"));
  await bench.pass(361, () => bench.see("price", "degraded"));
  assert.deepEqual([...new Set(bench.told("pager"))], ["trigger channel-broken"]);
});

Deno.test("createAlerts() wakes nobody for anything else that is below every minimum", async () => {
  const bench = createAlertBench();
  const { slack, pager } = bench.channels;
  bench.restart({ channels: [pager] });
  await bench.pass(20, () => bench.see("job", "failed", { subject: "cost" }));
  assert.deepEqual(bench.told("pager"), []);
  bench.restart({ channels: [slack, pager], limits: { channelBrokenMs: 24 * HOUR_MS } });
  slack.answer = () => ({ outcome: "retry", reason: "no answer" });
  await bench.pass(60, () => bench.see("job", "failed", { subject: "cost" }));
  assert.ok((await bench.alerts.view()).alerts.some((alert) => alert.rule === "outbox-age"));
  assert.deepEqual(bench.told("pager"), []);
});

Deno.test("createAlerts() never tells what happened while its cause was told, also not after that one's end", async () => {
  const happening: AlertRule = {
    name: "pause-changed",
    occurrence: "pause-changed",
    severity: "warning",
    runbook: "look",
  };
  const bench = createAlertBench({ rules: [rule("paused", { inhibits: ["pause-changed"] }), happening] });
  const happens = (id: string) =>
    bench.alerts.observe({
      occurrences: [{ id, name: "pause-changed", detail: "it changed", atMs: bench.nowMs }],
    });
  await bench.pass(1, () => bench.see("paused", "failed"));
  await happens("1");
  await bench.pass(10, () => bench.see("paused", "failed"));
  await bench.pass(60, () => bench.see("paused", "ok"));
  assert.deepEqual(bench.told("slack"), ["trigger paused", "resolve paused"]);
  await happens("2");
  await bench.pass(1);
  assert.deepEqual(bench.told("slack").slice(2), ["trigger pause-changed"]);
});

Deno.test("createAlerts() goes on when a clock that ran far ahead is set back", async () => {
  const bench = createAlertBench({ rules: [WATCHED, rule("quorum", { forMs: 2 * MINUTE_MS })] });
  const { slack } = bench.channels;
  bench.nowMs += 8_000 * HOUR_MS;
  slack.answer = () => ({ outcome: "retry", reason: "no route" });
  await bench.see("disk", "failed");
  await bench.pass(3, () => bench.see("disk", "failed"));
  await bench.see("quorum", "failed");
  await bench.alerts.silence({ rule: "nothing", forMs: HOUR_MS, reason: "a try", by: "ana" });
  slack.answer = () => undefined;
  bench.nowMs -= 8_000 * HOUR_MS;
  bench.restart();
  const { nowMs } = bench;
  await bench.pass(8, () => bench.see("quorum", "failed"));
  assert.deepEqual(bench.told("slack").toSorted(), ["trigger disk", "trigger quorum"]);
  // It is missed as ever.
  assert.match((await bench.alerts.view()).alerts.find((alert) => alert.rule === "disk")!.state, /firing/);
  await bench.pass(8, () => bench.see("quorum", "failed"));
  assert.ok((await bench.alerts.view()).alerts.find((alert) => alert.rule === "disk")!.isMissing);
  const { silences } = await bench.alerts.view();
  assert.deepEqual(silences.map(({ untilMs }) => untilMs - nowMs <= HOUR_MS + 2 * MINUTE_MS), [true]);
});
