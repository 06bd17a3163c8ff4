import assert from "node:assert/strict";
import { createCronScheduler, type Cron, runOnce } from "../../jobs/cron_scheduler.ts";
import { anchorJob } from "../../jobs/anchor_job.ts";
import type { Job } from "../../jobs/job.ts";
import { PotError, UnreachableError } from "../../lib/core/errors.ts";

const jobOf = (run: Job["run"], more: Partial<Job> = {}): Job => ({
  name: "test",
  schedule: "* * * * *",
  timeoutMs: 10_000,
  run,
  ...more,
});

/** Runs a job that ends only when its signal aborts. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

async function linesOf(job: Job, signal = new AbortController().signal): Promise<string[]> {
  const lines: string[] = [];
  await runOnce(job, { signal, log: (line) => lines.push(line) });
  return lines;
}

Deno.test("runOnce() writes the summary of a run, or why it failed", async () => {
  assert.deepEqual(await linesOf(jobOf(() => Promise.resolve({ summary: "anchored 3" }))), [
    "test: anchored 3",
  ]);
  const error = new PotError("Cannot anchor as the account cannot pay", {
    facts: ["account: 0x1", "needed: 5 wei"],
  });
  assert.deepEqual(await linesOf(jobOf(() => Promise.reject(error))), [
    "test: failed: Cannot anchor as the account cannot pay; account: 0x1; needed: 5 wei",
  ]);
  const leaky = new Error("no answer from https://rpc.example.org/v2/abcdef?key=1");
  assert.deepEqual(await linesOf(jobOf(() => Promise.reject(leaky))), [
    "test: failed: no answer from https://rpc.example.org/[secret]?[secret]",
  ]);
  assert.deepEqual(
    await linesOf(jobOf(() => {
      throw "at once";
    })),
    ["test: failed: at once"],
  );
});

Deno.test("runOnce() calls the job as a method of itself", async () => {
  const job = {
    ...jobOf(() => Promise.reject()),
    count: 4,
    run() {
      return Promise.resolve({ summary: `${this.count}` });
    },
  };
  assert.deepEqual(await linesOf(job), ["test: 4"]);
});

Deno.test("runOnce() aborts a run over its time, and one that is stopped", async () => {
  assert.deepEqual(await linesOf(jobOf(untilAborted, { timeoutMs: 5 })), [
    "test: failed: test took over 5 ms",
  ]);
  const stop = new AbortController();
  const lines = linesOf(jobOf(untilAborted), stop.signal);
  stop.abort();
  assert.deepEqual(await lines, ["test: stopped"]);
});

/** A cron that calls handlers when told to, and resolves on abort without waiting for them, which is the least it may do. */
function createManualCron() {
  const handlers = new Map<string, () => Promise<void>>();
  const cron: Cron = async (name, schedule, { signal }, handler) => {
    if (schedule === "nonsense") throw new TypeError("Invalid cron schedule");
    handlers.set(name, handler);
    await untilAborted(signal).catch(() => {});
    handlers.delete(name);
  };
  return { cron, handlers };
}

Deno.test("createCronScheduler() runs each job when due, and ends once it is stopped and no run is under way", async () => {
  const { cron, handlers } = createManualCron();
  const lines: string[] = [];
  const stop = new AbortController();
  const end = Promise.withResolvers<{ summary: string }>();
  const started = createCronScheduler({ log: (line) => lines.push(line), cron }).start([
    jobOf(() => end.promise, { name: "slow" }),
    jobOf(() => Promise.reject(new Error("broken")), { name: "bad" }),
  ], { signal: stop.signal });
  let isOver = false;
  started.then(() => isOver = true);
  const slow = handlers.get("slow")!();
  await handlers.get("bad")!();
  assert.deepEqual(lines, ["bad: failed: broken"]);
  stop.abort();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isOver, false);
  end.resolve({ summary: "done" });
  await Promise.all([slow, started]);
  assert.deepEqual(lines, ["bad: failed: broken", "slow: done"]);
});

Deno.test("createCronScheduler() leaves nothing scheduled when one job cannot be", async () => {
  const { cron, handlers } = createManualCron();
  const job = jobOf(() => Promise.resolve({ summary: "" }));
  await assert.rejects(
    () =>
      createCronScheduler({ log: () => {}, cron }).start([
        { ...job, name: "good" },
        { ...job, schedule: "nonsense" },
      ], { signal: new AbortController().signal }),
    { message: "Invalid cron schedule" },
  );
  assert.equal(handlers.size, 0);
});

Deno.test("createCronScheduler() resolves on abort with the real Deno.cron, also when it was aborted before", async () => {
  assert.equal(typeof Deno.cron, "function", "deno.json must switch on the unstable feature cron");
  const job = anchorJob({ anchorPending: () => Promise.reject(), refreshAnchors: () => Promise.reject() });
  const scheduler = createCronScheduler({ log: () => {} });
  await scheduler.start([job], { signal: AbortSignal.abort() });
  for (let again = 0; again < 2; again++) {
    const stop = new AbortController();
    const started = scheduler.start([job], { signal: stop.signal });
    stop.abort();
    await started;
  }
  await assert.rejects(
    () => scheduler.start([{ ...job, schedule: "every day" }], { signal: new AbortController().signal }),
    TypeError,
  );
});

Deno.test("createCronScheduler() says how to enable Deno.cron where it is not", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `
      import { createCronScheduler } from ${
        JSON.stringify(new URL("../../jobs/cron_scheduler.ts", import.meta.url))
      };
      await createCronScheduler({ log() {} }).start([], { signal: new AbortController().signal }).catch((error) => {
        console.error(error.message, "|", error.hint);
        Deno.exit(error.exitCode);
      });`,
    ],
    stderr: "piped",
  }).output();
  assert.equal(
    new TextDecoder().decode(stderr).trim(),
    'Cannot schedule jobs as Deno.cron is not enabled | start Deno with --unstable-cron, or put "unstable": ["cron"] into deno.json',
  );
  assert.equal(code, 2);
});

Deno.test("anchorJob() refreshes, anchors, and sums up; an outage is its failure", async () => {
  const calls: string[] = [];
  const signal = new AbortController().signal;
  const job = anchorJob({
    refreshAnchors: (options) => {
      assert.equal(options?.signal, signal);
      calls.push("refresh");
      return Promise.resolve(2);
    },
    anchorPending: (options) => {
      assert.equal(options?.signal, signal);
      calls.push("anchor");
      return Promise.resolve({ recordCount: 30, storedCount: 0 });
    },
  });
  assert.deepEqual(await job.run(signal), { summary: "anchored 30 records, 2 anchors moved on" });
  // A reorganisation has to be seen before it can be made good.
  assert.deepEqual(calls, ["refresh", "anchor"]);
  const outage = new UnreachableError("Cannot reach the chain as no endpoint answered");
  const failing = anchorJob({
    refreshAnchors: () => Promise.resolve(0),
    anchorPending: () => Promise.reject(outage),
  });
  await assert.rejects(() => failing.run(signal), outage);
});
