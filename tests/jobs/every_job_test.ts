import assert from "node:assert/strict";
import type { Job } from "../../jobs/job.ts";
import { openJobs } from "../../jobs/open_jobs.ts";
import { createDrivenClock } from "../_fakes/driven_clock.ts";
import { openInstallation, UNSERVED_CHAIN } from "../_fakes/installation.ts";
import {
  forEver,
  holdJob,
  MINUTE_MS,
  runsOf,
  START,
  startJobs,
  untilAborted,
} from "../_fakes/job_fixture.ts";
import { createMemoryStateStore } from "../_fakes/memory_state_store.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";

/** Every job that there is where there are a chain and backups, as data; what each does has tests of its own. */
async function everyJob(): Promise<readonly Job[]> {
  const env = { ...UNSERVED_CHAIN, POT_BACKUP_TARGETS: "file:backups" };
  await using installation = await openInstallation({ env });
  await using opened = await openJobs(installation.runtime);
  return opened.jobs.map(({ job }) => job);
}

const jobs = await everyJob();
const QUICK_END = { waitMs: 0, abortMs: 1_000 };

Deno.test("openJobs() has jobs that a scheduler takes, each under a name of its own", () => {
  assert.equal(new Set(jobs.map(({ name }) => name)).size, jobs.length);
  // What Deno.cron takes of names, and a state store of documents.
  for (const { name } of jobs) assert.match(name, /^[a-z][a-z0-9-]{0,50}$/);
  for (const { schedule, timeoutMs } of planJobs(jobs, {})) {
    const periodMs = schedule.next(schedule.next(START)) - schedule.next(START);
    assert.ok(timeoutMs >= 1_000);
    // A run that is timed out should be over before many more are due.
    assert.ok(timeoutMs <= Math.max(10 * periodMs, 10 * MINUTE_MS), schedule.text);
  }
});

for (const { name, schedule, timeoutMs } of jobs) {
  /** The same job with its work in the test's hand, up to just before it is first due. */
  const setUp = async () => {
    const clock = createDrivenClock(START);
    const state = createMemoryStateStore();
    const held = holdJob(clock, { name, schedule, timeoutMs });
    const times = planJobs([held.job], {})[0]!.schedule;
    const dueMs = times.next(times.next(START));
    clock.jump(dueMs - START - MINUTE_MS / 2);
    const first = startJobs([held.job], { clock, state, drain: QUICK_END });
    await clock.runTo(dueMs - 1_000);
    const outcomes = async () => (await runsOf(state, name)).map(({ outcome }) => outcome);
    return { clock, state, held, times, dueMs, daemon: first, outcomes };
  };

  Deno.test(`the job ${name} runs when it is due, and goes well`, async () => {
    const { clock, held, dueMs, daemon, outcomes } = await setUp();
    assert.deepEqual(held.startedAtMs, []);
    await clock.runTo(dueMs + 1_000);
    assert.deepEqual(held.startedAtMs, [dueMs]);
    assert.deepEqual(await outcomes(), ["ok"]);
    await daemon.stop();
  });

  Deno.test(`the job ${name} fails, and runs again when it is due next`, async () => {
    const { clock, held, dueMs, times, daemon, outcomes } = await setUp();
    held.behave(() => Promise.reject(new Error("broken")));
    await clock.runTo(dueMs + 1_000);
    assert.deepEqual(await outcomes(), ["failed"]);
    held.behave(() => Promise.resolve({ summary: "mended" }));
    const nextMs = times.next(dueMs);
    clock.jump(nextMs - clock.now() - 1_000);
    await clock.runTo(nextMs + 1_000);
    assert.deepEqual(await outcomes(), ["failed", "ok"]);
    await daemon.stop();
  });

  Deno.test(`the job ${name} is aborted when its time is over`, async () => {
    const { clock, held, dueMs, daemon, state } = await setUp();
    held.behave(untilAborted);
    await clock.runTo(dueMs + timeoutMs);
    const [run] = await runsOf(state, name);
    assert.deepEqual([run!.outcome, run!.endedAtMs - run!.startedAtMs], ["timed out", timeoutMs]);
    await daemon.stop();
  });

  Deno.test(`the job ${name} is caught up once when it was missed`, async () => {
    const { clock, held, dueMs, times, daemon, state } = await setUp();
    await daemon.stop();
    const backMs = times.next(times.next(dueMs)) + 2 * MINUTE_MS;
    clock.jump(backMs - clock.now());
    const later = startJobs([held.job], { clock, state, drain: QUICK_END });
    await clock.run(1_000);
    assert.equal(held.startedAtMs.length, 1);
    const [run] = await runsOf(state, name);
    assert.deepEqual([run!.outcome, run!.trigger], ["ok", "catch-up"]);
    assert.ok(run!.missedCount >= 3);
    assert.ok(later.observations.some(({ details }) => details?.outcome === "missed"));
    await later.stop();
  });

  Deno.test(`the job ${name} never runs twice at once`, async () => {
    const { clock, held, dueMs, times, daemon } = await setUp();
    held.behave(forEver);
    await clock.runTo(dueMs + 1_000);
    for (let again = 0, atMs = dueMs; again < 3; again++) {
      atMs = times.next(atMs);
      clock.jump(Math.max(0, atMs - clock.now() - 1_000));
      await clock.run(MINUTE_MS);
    }
    assert.equal(held.running.most, 1);
    assert.ok(daemon.observations.some(({ details }) => details?.outcome === "overrun"));
    const stopping = daemon.stop();
    await clock.run(MINUTE_MS);
    await stopping;
  });
}
