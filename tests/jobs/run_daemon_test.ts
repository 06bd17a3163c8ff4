import assert from "node:assert/strict";
import { join } from "node:path";
import type { DaemonOptions } from "../../jobs/run_daemon.ts";
import { runDaemon } from "../../jobs/run_daemon.ts";
import { planJobs } from "../../jobs/plan_jobs.ts";
import { anchorJob } from "../../jobs/anchor_job.ts";
import type { Scheduler } from "../../jobs/scheduler.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { openFileStateStore } from "../../lib/io/file_state_store.ts";
import { type Leadership, soleLeadership } from "../../lib/io/leadership.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { createDrivenClock } from "../_fakes/driven_clock.ts";
import { forEver, holdJob, MINUTE_MS, runsOf, START, untilAborted } from "../_fakes/job_fixture.ts";
import { createMemoryStateStore } from "../_fakes/memory_state_store.ts";
import { makeTempFolder, openRecorder, recordSteps } from "../_fakes/recorder_fixture.ts";

/** Says at once that everything is due, then waits for the end. */
function createEagerScheduler(): Scheduler & { readonly called: Promise<void> } {
  const called = Promise.withResolvers<void>();
  return {
    called: called.promise,
    async start(scheduled, { signal, onDue }) {
      for (const { name } of scheduled) await onDue(name);
      called.resolve();
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
    },
  };
}

function optionsIn(home: string, more: Partial<DaemonOptions> = {}): DaemonOptions & { lines: string[] } {
  const lines: string[] = [];
  return {
    home,
    lines,
    jobs: [],
    state: openFileStateStore(join(home, "state"), { files: denoFiles }),
    scheduler: createEagerScheduler(),
    leadership: soleLeadership,
    clock: systemClock,
    holder: { host: "here", pid: 4711 },
    port: 0,
    log: (line) => lines.push(line),
    signal: new AbortController().signal,
    ...more,
  };
}

const urlOf = (lines: readonly string[]) =>
  lines[0]!.match(/^status server on (http:\/\/127\.0\.0\.1:\d+\/)$/)![1]!;

async function until(isMet: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  while (!isMet()) await systemClock.sleep(2, { signal });
}

Deno.test("runDaemon() runs jobs, serves the status, and ends in order when it is stopped", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordSteps(opened.recorder, 1, 3);
  const stop = new AbortController();
  const scheduler = createEagerScheduler();
  const jobs = planJobs([anchorJob(opened.recorder)], {});
  // Ten minutes later than it first met its jobs.
  const before = createDrivenClock(Date.now() - 20 * MINUTE_MS);
  const first = new AbortController();
  const options = optionsIn(folder.path, { jobs, scheduler, signal: stop.signal });
  const meeting = runDaemon(opened, { ...options, clock: before, signal: first.signal });
  await scheduler.called;
  first.abort();
  await meeting;
  options.lines.length = 0;

  const daemon = runDaemon(opened, options);
  await until(() => options.lines.some((line) => line.startsWith("anchor: anchored")));
  assert.ok(
    options.lines.includes("anchor: anchored 3 records, 0 anchors moved on"),
    options.lines.join("\n"),
  );
  const url = urlOf(options.lines);
  assert.equal(await (await fetch(`${url}healthz`)).text(), "ok\n");
  const { records } = await (await fetch(`${url}api/v1/status`)).json();
  assert.equal(records.local, 3);

  // Somebody who never finishes the request does not hold up the end.
  using idle = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await idle.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  stop.abort();
  await daemon;
  await assert.rejects(() => Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) }));
  assert.equal((await runsOf(options.state, "anchor")).length, 1);
  assert.deepEqual(await runsOf(options.state, "confirm"), []);
});

Deno.test("runDaemon() refuses a home folder that another daemon works on, naming it", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const stop = new AbortController();
  const first = optionsIn(folder.path, { signal: stop.signal });
  const daemon = runDaemon(opened, first);
  await until(() => first.lines.length > 0);
  const second = optionsIn(folder.path, { holder: { host: "there", pid: 12 } });
  await assert.rejects(() => runDaemon(opened, second), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, "Cannot start the daemon as one works on this home folder already");
    assert.deepEqual(error.facts, [`home: ${folder.path}`, "process: 4711 on here"]);
    return true;
  });
  assert.deepEqual(second.lines, []);
  stop.abort();
  await daemon;
  // The folder is free again, whoever had it.
  const third = optionsIn(folder.path, { signal: AbortSignal.abort() });
  await runDaemon(opened, third);
});

Deno.test("runDaemon() serves the status while it stands by, and acts in its turns only", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const stop = new AbortController();
  let begin: (turn: AbortController) => Promise<void> = forEver;
  const leadership: Leadership = {
    async lead(work, { signal }) {
      begin = (turn) => work(AbortSignal.any([turn.signal, signal]));
      await untilAborted(signal).catch(() => {});
    },
  };
  const clock = createDrivenClock(START);
  const leads: boolean[] = [];
  const held = holdJob(clock, { schedule: "* * * * *" });
  held.behave(untilAborted);
  const options = optionsIn(folder.path, {
    state: createMemoryStateStore(),
    jobs: planJobs([held.job], {}),
    leadership,
    signal: stop.signal,
    clock,
    onLeading: (is) => leads.push(is),
  });
  const daemon = runDaemon(opened, options);
  await until(() => options.lines.length > 0);
  assert.equal(await (await fetch(`${urlOf(options.lines)}healthz`)).text(), "ok\n");
  await clock.run(5 * MINUTE_MS);
  assert.deepEqual(held.startedAtMs, []);

  const turn = new AbortController();
  const acting = begin(turn);
  await until(() => options.lines.length > 0);
  await clock.run(2 * MINUTE_MS);
  assert.equal(held.running.now, 1);
  assert.deepEqual(leads, [true]);
  // Another daemon may be in charge by now: nothing waits for anything.
  turn.abort();
  await clock.settle();
  assert.equal(held.running.now, 0);
  await clock.run(10_000);
  await acting;
  assert.deepEqual(leads, [true, false]);
  await clock.run(5 * MINUTE_MS);
  assert.equal(held.startedAtMs.length, 1);
  stop.abort();
  await daemon;
});

Deno.test("runDaemon() sends alerts every few seconds, says once what is wrong with them, and sends a last time at its end", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const stop = new AbortController();
  const clock = createDrivenClock(START);
  let delivered = 0;
  let failure: Error | undefined;
  const options = optionsIn(folder.path, {
    clock,
    state: createMemoryStateStore(),
    signal: stop.signal,
    alerts: {
      observe: () => Promise.resolve(),
      deliver() {
        delivered++;
        return failure ? Promise.reject(failure) : Promise.resolve({ accepted: 0, waiting: 0, dead: 0 });
      },
    },
  });
  const daemon = runDaemon(opened, options);
  await until(() => options.lines.length > 0);
  await clock.run(20_000);
  assert.equal(delivered, 4);
  failure = new Error("the disk is full");
  await clock.run(20_000);
  assert.deepEqual(options.lines.slice(1), ["alerts: the disk is full"]);
  failure = undefined;
  stop.abort();
  await clock.run(1_000);
  await daemon;
  assert.equal(delivered, 9);
});

Deno.test("runDaemon() names the port that is taken", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await assert.rejects(() => runDaemon(opened, optionsIn(folder.path, { port })), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.message, `Cannot start the daemon as port ${port} is taken`);
    assert.equal(
      error.hint,
      "stop what listens there, or choose another port: pot up --port 0 picks a free one",
    );
    return true;
  });
});

Deno.test("runDaemon() stops serving when the scheduler fails", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const scheduler: Scheduler = { start: () => Promise.reject(new Error("no cron")) };
  const options = optionsIn(folder.path, { scheduler });
  await assert.rejects(() => runDaemon(opened, options), { message: "no cron" });
  const port = Number(options.lines[0]!.match(/:(\d+)\/$/)![1]);
  await assert.rejects(() => Deno.connect({ hostname: "127.0.0.1", port }));
});
