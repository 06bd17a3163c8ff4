import assert from "node:assert/strict";
import { createDrivenClock } from "../_fakes/driven_clock.ts";
import { createDrivenScheduler } from "../_fakes/driven_scheduler.ts";
import {
  forEver,
  holdJob,
  HOUR_MS,
  MINUTE_MS,
  runsOf,
  START,
  startJobs,
  untilAborted,
} from "../_fakes/job_fixture.ts";
import { createForgetfulDisk } from "../_fakes/forgetful_files.ts";
import { openFileStateStore } from "../../lib/io/file_state_store.ts";
import type { StateStore } from "../../lib/io/state_store.ts";
import { createMemoryStateStore } from "../_fakes/memory_state_store.ts";
import type { Seen } from "../../lib/alerts/alerts.ts";
import { createJobRunner } from "../../jobs/create_job_runner.ts";
import { createJobRecords } from "../../jobs/job_records.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";

/** A clock at the start, a shared store, and a job that the test holds. */
function setUp(more: Parameters<typeof holdJob>[1] = {}) {
  const clock = createDrivenClock(START);
  const state = createMemoryStateStore();
  return { clock, state, held: holdJob(clock, more) };
}

const minutesAfterStart = (times: readonly number[]) => times.map((atMs) => (atMs - START) / MINUTE_MS);

Deno.test("createJobRunner() runs a job at each of its times, and keeps what became of it", async () => {
  const { clock, state, held } = setUp();
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(25 * MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 20]);
  const [first] = await runsOf(state);
  const { attemptId, ...run } = first!;
  assert.match(attemptId, /^[0-9a-f-]{36}$/);
  assert.deepEqual(run, {
    trigger: "schedule",
    missedCount: 0,
    dueAtMs: START + 10 * MINUTE_MS,
    startedAtMs: START + 10 * MINUTE_MS,
    endedAtMs: START + 10 * MINUTE_MS,
    outcome: "ok",
    summary: "done",
    holder: { host: "one", pid: 7 },
    nextDueMs: START + 20 * MINUTE_MS,
  });
  assert.deepEqual(daemon.lines, ["work: done", "work: done"]);
  const last = daemon.observations.at(-1)!;
  assert.deepEqual([last.check, last.subject, last.status, last.reason], ["job", "work", "ok", "done"]);
  assert.deepEqual(last.values, { ageMs: 5 * MINUTE_MS, failureCount: 0, durationMs: 0 });
  await daemon.stop();
});

Deno.test("createJobRunner() goes through months of schedules, each time once", async () => {
  const clock = createDrivenClock(START);
  const state = createMemoryStateStore();
  const hourly = holdJob(clock, { name: "hourly", schedule: "0 * * * *" });
  const sundays = holdJob(clock, { name: "sundays", schedule: "30 3 * * SUN" });
  const jobs = planJobs([hourly.job, sundays.job], {});
  const seen: Seen[] = [];
  const runner = createJobRunner({
    jobs,
    state,
    clock,
    holder: { host: "one", pid: 7 },
    log: () => {},
    onSeen: (some) => Promise.resolve(void seen.push(some)),
  });
  const stop = new AbortController();
  await runner.tick({ due: "all" });
  const started = createDrivenScheduler({ clock }).start(jobs, {
    signal: stop.signal,
    onDue: (name) => runner.tick({ due: name }),
  });
  await clock.run(60 * 24 * HOUR_MS);
  assert.equal(hourly.startedAtMs.length, 60 * 24);
  assert.equal(new Set(hourly.startedAtMs).size, 60 * 24);
  assert.equal(sundays.startedAtMs.length, 9);
  // What is kept does not grow without end.
  assert.equal((await runsOf(state, "hourly")).length, 20);
  assert.ok(seen.every(({ occurrences }) => occurrences!.length === 0));
  stop.abort();
  await started;
});

Deno.test("createJobRunner() writes why a run failed, and counts failures in a row until one goes well", async () => {
  const { clock, state, held } = setUp();
  held.behave(() => Promise.reject(new Error("no answer from https://rpc.example.org/v2/abcdef?key=1")));
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(11 * MINUTE_MS);
  const [failed] = await runsOf(state);
  assert.equal(failed!.outcome, "failed");
  assert.equal(failed!.error, "no answer from https://rpc.example.org/[secret]?[secret]");
  assert.equal(daemon.observations.at(-1)!.status, "degraded");
  await clock.run(10 * MINUTE_MS);
  const second = daemon.observations.at(-1)!;
  assert.deepEqual([second.status, second.values!.failureCount], ["failed", 2]);
  assert.equal(second.values!.ageMs, 21 * MINUTE_MS);
  held.behave(() => Promise.resolve({ summary: "well again" }));
  await clock.run(10 * MINUTE_MS);
  assert.deepEqual([daemon.observations.at(-1)!.status, daemon.observations.at(-1)!.reason], [
    "ok",
    "well again",
  ]);
  await daemon.stop();
});

Deno.test("createJobRunner() goes on with the others when one throws at once, or never ends", async () => {
  const { clock, state, held } = setUp();
  const stuck = holdJob(clock, { name: "stuck" });
  stuck.behave(forEver);
  const bad = { ...holdJob(clock, { name: "bad" }).job, run: () => assert.fail("at once") };
  const daemon = startJobs([bad, stuck.job, held.job], { clock, state, drain: { waitMs: 0, abortMs: 1 } });
  await clock.run(45 * MINUTE_MS);
  assert.equal(held.startedAtMs.length, 4);
  assert.deepEqual((await runsOf(state, "bad")).map(({ error }) => error), Array(4).fill("at once"));
  const stopping = daemon.stop();
  await clock.run(MINUTE_MS);
  await stopping;
});

Deno.test("createJobRunner() aborts a run over its time", async () => {
  const { clock, state, held } = setUp({ timeoutMs: 90_000 });
  held.behave(untilAborted);
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(15 * MINUTE_MS);
  const [run] = await runsOf(state);
  assert.deepEqual([run!.outcome, run!.error, run!.endedAtMs - run!.startedAtMs], [
    "timed out",
    "work took over 90000 ms",
    90_000,
  ]);
  await daemon.stop();
});

Deno.test("createJobRunner() catches up once what was missed while nobody was there, and says so", async () => {
  const { clock, state, held } = setUp();
  const before = startJobs([held.job], { clock, state });
  await clock.run(11 * MINUTE_MS);
  await before.stop();
  clock.jump(2 * HOUR_MS);
  const after = startJobs([held.job], { clock, state });
  await clock.run(MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 131]);
  const run = (await runsOf(state)).at(-1)!;
  // 12:20, …, 14:00 went by, and 14:10 is caught up a minute late.
  assert.deepEqual([run.trigger, run.missedCount, run.dueAtMs], ["catch-up", 11, START + 130 * MINUTE_MS]);
  assert.equal(
    after.lines[0],
    "work: 11 runs were missed up to 2026-01-31T14:10:00.000Z; caught up now",
  );
  assert.deepEqual(after.occurrences.map(({ name, subject }) => [name, subject]), [["job-missed", "work"]]);
  assert.ok(
    after.observations.some(({ status, details }) => status === "failed" && details?.outcome === "missed"),
  );
  await clock.run(30 * MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 131, 140, 150, 160]);
  assert.equal(after.observations.at(-1)!.status, "ok");
  await after.stop();
});

Deno.test("createJobRunner() catches up once after the machine slept, and after its scheduler forgot", async () => {
  const { clock, state, held } = setUp();
  const forgotten = new Set([START + 20 * MINUTE_MS]);
  const daemon = startJobs([held.job], {
    clock,
    state,
    scheduler: (clock) => createDrivenScheduler({ clock, forgets: (_, atMs) => forgotten.has(atMs) }),
  });
  await clock.run(21 * MINUTE_MS);
  // Half a minute is left to the scheduler.
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 20.5]);
  clock.jump(5 * HOUR_MS + 2 * MINUTE_MS);
  await clock.run(MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 20.5, 323]);
  assert.equal((await runsOf(state)).at(-1)!.missedCount, 30);
  await daemon.stop();
});

Deno.test("createJobRunner() never doubles a run that is still under way, tells of it once, and catches up after it", async () => {
  const { clock, state, held } = setUp({ timeoutMs: HOUR_MS });
  const end = Promise.withResolvers<{ summary: string }>();
  held.behave(() => end.promise);
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(38 * MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10]);
  assert.deepEqual(daemon.lines, ["work: it still ran when it was due again"]);
  assert.deepEqual(daemon.occurrences.map(({ name }) => name), ["job-overrun"]);
  const seen = daemon.observations.at(-1)!;
  assert.deepEqual([seen.status, seen.details!.outcome], ["degraded", "overrun"]);
  held.behave(() => Promise.resolve({ summary: "quick" }));
  end.resolve({ summary: "slow" });
  await clock.run(MINUTE_MS);
  assert.deepEqual(minutesAfterStart(held.startedAtMs), [10, 38]);
  assert.equal(held.running.most, 1);
  const [slow, quick] = await runsOf(state);
  assert.deepEqual([slow!.summary, quick!.summary, quick!.dueAtMs], [
    "slow",
    "quick",
    START + 30 * MINUTE_MS,
  ]);
  // It overran, and was not missed.
  assert.equal(daemon.occurrences.length, 1);
  await daemon.stop();
});

Deno.test("createJobRunner() notices a run that does not heed its time limit, and is not held up by it at the end", async () => {
  const { clock, state, held } = setUp({ timeoutMs: MINUTE_MS });
  held.behave(forEver);
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(12 * MINUTE_MS);
  assert.deepEqual(daemon.lines, ["work: it still runs after it was told to end"]);
  assert.equal(daemon.observations.at(-1)!.status, "failed");
  const stopping = daemon.stop();
  await clock.run(20_000);
  await stopping;
  assert.equal(daemon.lines.at(-1), "work: left behind: it did not end when it was told to");
  const [run] = await runsOf(state);
  assert.deepEqual([run!.outcome, run!.error], ["stopped", "it did not end when it was told to"]);
  await clock.run(MINUTE_MS);
  assert.equal((await createJobRecords(state).read("work"))!.state.claim, undefined);
});

Deno.test("createJobRunner() lets runs end by themselves for a while when the daemon ends, then aborts them; the next daemon makes up for it", async () => {
  const { clock, state, held } = setUp({ schedule: "0 3 * * *" });
  const quick = holdJob(clock, { name: "quick", schedule: "0 3 * * *" });
  const end = Promise.withResolvers<{ summary: string }>();
  quick.behave(() => end.promise);
  held.behave(untilAborted);
  const daemon = startJobs([held.job, quick.job], { clock, state });
  await clock.runTo(Date.parse("2026-02-01T03:00:30Z"));
  const stopping = daemon.stop();
  await clock.run(10_000);
  end.resolve({ summary: "in time" });
  await clock.run(10_000);
  await stopping;
  assert.deepEqual((await runsOf(state, "quick")).map(({ outcome }) => outcome), ["ok"]);
  assert.deepEqual((await runsOf(state)).map(({ outcome, error }) => [outcome, error]), [
    ["stopped", "work was stopped"],
  ]);
  clock.jump(5 * MINUTE_MS);
  held.behave(() => Promise.resolve({ summary: "made up for" }));
  const next = startJobs([held.job, quick.job], { clock, state });
  await clock.run(MINUTE_MS);
  const [, again] = await runsOf(state);
  assert.deepEqual([again!.outcome, again!.trigger, again!.dueAtMs], [
    "ok",
    "catch-up",
    Date.parse("2026-02-01T03:00:00Z"),
  ]);
  assert.equal(quick.startedAtMs.length, 1);
  await next.stop();
});

Deno.test("createJobRunner() finds a run whose process died, records it, and begins it again a few times at most", async () => {
  const { clock, state, held } = setUp({ schedule: "0 3 * * *" });
  held.behave(forEver);
  await clock.runTo(Date.parse("2026-02-01T02:59:50Z"));
  for (let life = 0; life < 5; life++) {
    const daemon = startJobs([held.job], { clock, state });
    await clock.run(life === 0 ? 5 * MINUTE_MS : MINUTE_MS);
    daemon.kill();
  }
  assert.equal(held.startedAtMs.length, 3);
  const runs = await runsOf(state);
  assert.deepEqual(runs.map(({ outcome, error }) => [outcome, error]), [
    ["crashed", "the process that ran it is gone: one (process 7)"],
    ["crashed", "the process that ran it is gone: one (process 7)"],
    ["crashed", "the process that ran it is gone: one (process 7)"],
  ]);
  held.behave(() => Promise.resolve({ summary: "well" }));
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(24 * HOUR_MS);
  assert.equal(held.startedAtMs.length, 4);
  assert.equal((await runsOf(state)).at(-1)!.trigger, "schedule");
  await daemon.stop();
});

Deno.test("createJobRunner() finds that a process of another host is dead by watching it, whatever its clock said", async () => {
  const { clock, state, held } = setUp({ schedule: "0 3 * * *" });
  held.behave(forEver);
  await clock.runTo(Date.parse("2026-02-01T02:59:50Z"));
  const one = startJobs([held.job], { clock, state });
  await clock.run(15_000);
  one.kill();
  const records = createJobRecords(state);
  const { state: kept, version } = (await records.read("work"))!;
  // Its clock is minutes ahead of ours.
  const claim = { ...kept.claim!, renewedAtMs: clock.now() + 5 * MINUTE_MS };
  await records.write("work", { ...kept, claim }, version);
  held.behave(() => Promise.resolve({ summary: "done" }));
  const other = startJobs([held.job], { clock, state, holder: { host: "other", pid: 8 } });
  await clock.run(29_000);
  assert.equal(held.startedAtMs.length, 1);
  await clock.run(17_000);
  assert.deepEqual((await runsOf(state)).map(({ outcome }) => outcome), ["crashed", "ok"]);
  await other.stop();
});

Deno.test("createJobRunner() runs each time in one of two daemons that both believe themselves in charge", async () => {
  const { clock, state, held } = setUp();
  const one = startJobs([held.job], { clock, state });
  const other = startJobs([held.job], { clock, state, holder: { host: "other", pid: 8 } });
  await clock.run(5 * HOUR_MS);
  assert.equal(held.startedAtMs.length, 30);
  assert.equal(held.running.most, 1);
  assert.equal(new Set((await runsOf(state)).map(({ dueAtMs }) => dueAtMs)).size, 20);
  await Promise.all([one.stop(), other.stop()]);
});

Deno.test("createJobRunner() gives up a run that another process took over", async () => {
  const { clock, state, held } = setUp({ timeoutMs: HOUR_MS });
  held.behave(untilAborted);
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(10 * MINUTE_MS + 1_000);
  const records = createJobRecords(state);
  const { state: found, version } = (await records.read("work"))!;
  await records.write("work", { ...found, failureCount: 5 }, version);
  await clock.run(10_000);
  assert.equal(held.running.now, 0);
  // Neither its claim nor its end is written over what the other one wrote.
  assert.equal((await records.read("work"))!.state.failureCount, 5);
  assert.deepEqual(await runsOf(state), []);
  await daemon.stop();
});

Deno.test("createJobRunner() runs nothing while the state cannot be kept, says so once, and goes on afterwards", async () => {
  const { clock, state, held } = setUp();
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(MINUTE_MS);
  state.failure = new Error("the disk is full");
  await clock.run(30 * MINUTE_MS);
  assert.deepEqual(held.startedAtMs, []);
  assert.deepEqual(daemon.lines, ["work: cannot be started: the disk is full"]);
  assert.deepEqual([daemon.observations.at(-1)!.status, daemon.observations.at(-1)!.reason], [
    "unknown",
    "the disk is full",
  ]);
  state.failure = undefined;
  await clock.run(MINUTE_MS);
  assert.equal(held.startedAtMs.length, 1);
  await daemon.stop();
});

Deno.test("createJobRunner() says once for a whole outage that nothing can be written, although it can be read", async () => {
  const { clock, state, held } = setUp({ schedule: "* * * * *" });
  const full: StateStore = {
    read: state.read,
    write: (...args) => isFull ? Promise.reject(new Error("the disk is full")) : state.write(...args),
  };
  let isFull = false;
  const daemon = startJobs([held.job], { clock, state: full });
  await clock.run(10_000);
  isFull = true;
  await clock.run(10 * MINUTE_MS);
  assert.deepEqual(daemon.lines, ["work: cannot be started: the disk is full"]);
  isFull = false;
  await clock.run(2 * MINUTE_MS);
  isFull = true;
  await clock.run(2 * MINUTE_MS);
  assert.equal(daemon.lines.filter((line) => line.includes("cannot be started")).length, 2);
  daemon.kill();
});

Deno.test("createJobRunner() keeps the record of a run as soon as that can be kept", async () => {
  const { clock, state, held } = setUp({ timeoutMs: HOUR_MS });
  const end = Promise.withResolvers<{ summary: string }>();
  held.behave(() => end.promise);
  const daemon = startJobs([held.job], { clock, state });
  await clock.run(10 * MINUTE_MS + 5_000);
  state.failure = new Error("the disk is full");
  end.resolve({ summary: "done" });
  await clock.run(MINUTE_MS);
  state.failure = undefined;
  await clock.run(MINUTE_MS);
  assert.deepEqual((await runsOf(state)).map(({ outcome }) => outcome), ["ok"]);
  assert.equal(held.startedAtMs.length, 1);
  await daemon.stop();
});

Deno.test("createJobRunner() goes on while nobody takes what was seen, and hands it over later", async () => {
  const { clock, state, held } = setUp({ schedule: "* * * * *" });
  const taken: Seen[] = [];
  let take: (seen: Seen) => Promise<void> = () => Promise.reject(new Error("the disk is full"));
  const lines: string[] = [];
  const jobs = planJobs([held.job], {});
  const runner = createJobRunner({
    jobs,
    state,
    clock,
    holder: { host: "one", pid: 7 },
    log: (line) => lines.push(line),
    onSeen: (seen) => take(seen),
  });
  const minute = async () => {
    runner.tick({ due: "all" });
    await clock.run(MINUTE_MS);
  };
  for (let i = 0; i < 3; i++) await minute();
  assert.equal(held.startedAtMs.length, 2);
  assert.deepEqual(lines.filter((line) => line.startsWith("alerts")), [
    "alerts: what was seen cannot be kept yet: the disk is full",
  ]);
  // One that never answers holds up nothing either.
  take = forEver;
  for (let i = 0; i < 4; i++) await minute();
  const count = held.startedAtMs.length;
  assert.ok(count >= 4, String(count));
  take = (seen) => Promise.resolve(void taken.push(seen));
  await clock.run(2 * MINUTE_MS);
  await minute();
  const done = taken.flatMap(({ observations = [] }) => observations).filter(({ reason }) =>
    reason === "done"
  );
  assert.ok(done.length >= count);
});

Deno.test("createJobRunner() leaves alone what is switched off, and misses nothing of that time", async () => {
  const { clock, state, held } = setUp();
  const config = { work: { isEnabled: false } };
  const first = startJobs([held.job], { clock, state });
  await clock.run(11 * MINUTE_MS);
  await first.stop();
  const off = startJobs([held.job], { clock, state, config });
  await clock.run(3 * HOUR_MS);
  assert.equal(held.startedAtMs.length, 1);
  assert.deepEqual(off.observations, []);
  await off.stop();
  const on = startJobs([held.job], { clock, state });
  await clock.run(5 * MINUTE_MS);
  assert.equal(held.startedAtMs.length, 1);
  await clock.run(10 * MINUTE_MS);
  assert.equal(held.startedAtMs.length, 2);
  assert.deepEqual(on.occurrences, []);
  await on.stop();
});

Deno.test("createJobRunner() goes on after a clock that was years ahead is set right", async () => {
  const { clock, state, held } = setUp();
  clock.jump(4 * 365 * 24 * HOUR_MS);
  const ahead = startJobs([held.job], { clock, state });
  await clock.run(11 * MINUTE_MS);
  await ahead.stop();
  clock.jump(-4 * 365 * 24 * HOUR_MS);
  const right = startJobs([held.job], { clock, state });
  await clock.run(25 * MINUTE_MS);
  assert.ok(held.startedAtMs.length >= 3, String(held.startedAtMs.length));
  await right.stop();
});

Deno.test("createJobRunner() goes on within minutes after a clock is set back by less than an hour", async () => {
  const { clock, state, held } = setUp({ schedule: "* * * * *" });
  const ahead = startJobs([held.job], { clock, state });
  await clock.run(45 * MINUTE_MS);
  await ahead.stop();
  const before = held.startedAtMs.length;
  clock.jump(-40 * MINUTE_MS);
  const right = startJobs([held.job], { clock, state });
  await clock.run(10 * MINUTE_MS);
  assert.ok(held.startedAtMs.length >= before + 9, String(held.startedAtMs.length - before));
  await right.stop();
});

Deno.test("createJobRunner() loses no run and records none twice, wherever the power is cut", async () => {
  for (let call = 1;; call++) {
    const clock = createDrivenClock(START, { turns: 400 });
    const disk = createForgetfulDisk();
    const open = () => openFileStateStore("/home/state", { files: disk.mount() });
    const held = holdJob(clock, { schedule: "0 13 * * *" });
    const before = startJobs([held.job], { clock, state: open() });
    await clock.run(HOUR_MS - 1_000);
    disk.cutAtCall(disk.calls + call);
    const uncut = disk.calls + call;
    await clock.run(5_000);
    const isWhole = disk.calls < uncut;
    before.kill();
    disk.cutPower(call % 2 === 0 ? "nothing" : { some: call });
    const after = startJobs([held.job], { clock, state: open() });
    await clock.run(2 * MINUTE_MS);
    const runs = await runsOf(open());
    const good = runs.filter(({ outcome }) => outcome === "ok");
    assert.deepEqual(good.map(({ dueAtMs }) => dueAtMs), [START + HOUR_MS], `cut at call ${call}`);
    await after.stop();
    if (isWhole) return;
  }
});

Deno.test("runNow() runs a job by hand with claim and record, and refuses while it runs elsewhere", async () => {
  const { clock, state, held } = setUp({ timeoutMs: HOUR_MS });
  const jobs = planJobs([held.job], {});
  const lines: string[] = [];
  const runnerOf = (pid: number) =>
    createJobRunner({ jobs, state, clock, holder: { host: "one", pid }, log: (line) => lines.push(line) });
  const { signal } = new AbortController();
  const { run } = await runnerOf(1).runNow("work", { signal });
  assert.deepEqual([run.trigger, run.outcome, run.summary, run.dueAtMs], [
    "by hand",
    "ok",
    "done",
    undefined,
  ]);
  assert.equal((await runsOf(state)).length, 1);

  const daemon = startJobs([held.job], { clock, state });
  const end = Promise.withResolvers<{ summary: string }>();
  held.behave(() => end.promise);
  await clock.run(10 * MINUTE_MS + 25_000);
  await assert.rejects(() => runnerOf(2).runNow("work", { signal }), {
    message: "Cannot run the job as it is running",
    facts: ["job: work", "since: 2026-01-31T12:10:00.000Z", "by: one, process 7"],
  });
  end.resolve({ summary: "by the daemon" });
  await clock.run(1_000);

  // The other way round: the daemon waits for what was begun by hand.
  const byHand = Promise.withResolvers<{ summary: string }>();
  held.behave(() => byHand.promise);
  const running = runnerOf(3).runNow("work", { signal });
  await clock.run(15 * MINUTE_MS);
  assert.equal(held.running.most, 1);
  byHand.resolve({ summary: "by hand" });
  await clock.run(MINUTE_MS);
  assert.equal((await running).run.summary, "by hand");
  assert.deepEqual((await runsOf(state)).map(({ trigger }) => trigger), [
    "by hand",
    "schedule",
    "by hand",
    "catch-up",
  ]);
  await daemon.stop();
  await assert.rejects(() => runnerOf(4).runNow("wrok", { signal }), {
    message: "Cannot run the job as there is none of that name",
    facts: ['name: "wrok"', "jobs: work"],
  });
  assert.deepEqual(lines, []);
});

Deno.test("runNow() answers with a failure, and ends the run when it is stopped", async () => {
  const { clock, state, held } = setUp();
  const runner = createJobRunner({
    jobs: planJobs([held.job], {}),
    state,
    clock,
    holder: { host: "one", pid: 1 },
    log: () => {},
  });
  held.behave(() => Promise.reject(new Error("broken")));
  const failed = await runner.runNow("work", { signal: new AbortController().signal });
  assert.deepEqual([failed.run.outcome, failed.run.error], ["failed", "broken"]);
  held.behave(untilAborted);
  const stop = new AbortController();
  const stopped = runner.runNow("work", { signal: stop.signal });
  await clock.run(1_000);
  stop.abort();
  assert.equal((await stopped).run.outcome, "stopped");
  assert.equal((await runsOf(state)).length, 2);
});
