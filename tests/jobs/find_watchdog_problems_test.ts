import assert from "node:assert/strict";
import { findWatchdogProblems } from "../../jobs/find_watchdog_problems.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";
import type { AlertRule } from "../../lib/alerts/alert_rule.ts";
import { createAlerts } from "../../lib/alerts/create_alerts.ts";
import type { Delivery } from "../../lib/alerts/alert_channel.ts";
import { createFakeChannel } from "../_fakes/fake_channel.ts";
import { createMemoryStateStore } from "../_fakes/memory_state_store.ts";

const MINUTE_MS = 60_000;
const signal = new AbortController().signal;
const RULE: AlertRule = { name: "disk", check: "disk", severity: "critical", runbook: "look" };

function start({ minSeverity = "info" as const } = {}) {
  const state = createMemoryStateStore();
  const clock = { now: () => bench.nowMs, sleep: () => Promise.resolve() };
  const slack = createFakeChannel("slack", { minSeverity });
  const pager = createFakeChannel("pager", { minSeverity: "critical" });
  const open = (channels = [slack, pager]) =>
    createAlerts({
      rules: [RULE],
      channels,
      store: state,
      clock,
      source: "pot",
      origin: "pot/test",
      random: () => 1,
    });
  const jobs = planJobs([{
    name: "health",
    schedule: "* * * * *",
    timeoutMs: 1_000,
    run: () => Promise.resolve({ summary: "well" }),
  }], {});
  const bench = {
    nowMs: 1_800_000_000_000,
    alerts: open(),
    slack,
    pager,
    state,
    only: () => bench.alerts = open([pager]),
    problems: () => findWatchdogProblems({ alerts: bench.alerts, state, jobs: () => jobs, clock }),
    async pass(minutes: number) {
      for (let i = 0; i < minutes; i++) {
        bench.nowMs += MINUTE_MS;
        const disk = { check: "disk", status: "failed", reason: "full", atMs: bench.nowMs } as const;
        await bench.alerts.observe({ observations: [disk] });
        await bench.alerts.deliver({ signal });
      }
    },
  };
  return bench;
}

const refused: Delivery = { outcome: "refused", reason: "token_revoked" };
const silent: Delivery = { outcome: "retry", reason: "no answer" };

Deno.test("findWatchdogProblems() finds nothing while alerts get out by one channel at least", async () => {
  const bench = start();
  await bench.pass(40);
  assert.deepEqual(await bench.problems(), []);
  const half = start();
  half.slack.answer = () => refused;
  await half.pass(40);
  assert.deepEqual(await half.problems(), []);
});

Deno.test("findWatchdogProblems() tells that nothing gets out where no channel answers", async () => {
  const bench = start();
  bench.slack.answer = bench.pager.answer = () => silent;
  await bench.pass(20);
  assert.deepEqual(await bench.problems(), []);
  await bench.pass(15);
  assert.equal((await bench.problems())[0], "alerts wait in the outbox, and no channel takes any");
});

Deno.test("findWatchdogProblems() tells that every channel refuses, though nothing waits then", async () => {
  const bench = start();
  bench.slack.answer = bench.pager.answer = () => refused;
  await bench.pass(2);
  assert.deepEqual(await bench.problems(), ["no channel of alerts takes what it is sent"]);
});

Deno.test("findWatchdogProblems() asks no channel that is not configured any more", async () => {
  const bench = start();
  await bench.pass(1);
  bench.only();
  bench.pager.answer = () => silent;
  // It is escalated in between.
  await bench.pass(55);
  assert.deepEqual(await bench.problems(), ["no channel of alerts takes what it is sent"]);
});

Deno.test("findWatchdogProblems() tells of alerts that cannot be kept", async () => {
  const bench = start();
  bench.state.failure = new Error("disk full");
  assert.deepEqual(await bench.problems(), ["alerts cannot be kept: disk full"]);
});
