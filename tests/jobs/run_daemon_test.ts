import assert from "node:assert/strict";
import type { Job } from "../../jobs/job.ts";
import { runDaemon } from "../../jobs/run_daemon.ts";
import type { Scheduler } from "../../jobs/scheduler.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { makeTempFolder, openRecorder, recordSteps } from "../_fakes/recorder_fixture.ts";

/** Runs every job once at once, then waits for the end. */
function createEagerScheduler(): Scheduler & { readonly jobs: Job[]; readonly ran: Promise<void> } {
  const ran = Promise.withResolvers<void>();
  const jobs: Job[] = [];
  return {
    jobs,
    ran: ran.promise,
    async start(given, { signal }) {
      jobs.push(...given);
      for (const job of given) await job.run(signal);
      ran.resolve();
      if (!signal.aborted) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      }
    },
  };
}

Deno.test("runDaemon() anchors, serves the status, and ends in order when it is stopped", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  await recordSteps(opened.recorder, 1, 3);
  const stop = new AbortController();
  const scheduler = createEagerScheduler();
  const lines: string[] = [];
  const daemon = runDaemon(opened, {
    scheduler,
    port: 0,
    log: (line) => lines.push(line),
    signal: stop.signal,
  });
  await scheduler.ran;
  assert.deepEqual(scheduler.jobs.map(({ name, schedule }) => [name, schedule]), [
    ["anchor", "*/10 * * * *"],
    ["confirm", "* * * * *"],
  ]);
  const url = lines[0]?.match(/^status server on (http:\/\/127\.0\.0\.1:\d+\/)$/)?.[1];
  assert.ok(url !== undefined, String(lines[0]));
  assert.equal(await (await fetch(`${url}healthz`)).text(), "ok\n");
  const { records } = await (await fetch(`${url}api/v1/status`)).json();
  assert.equal(records.local, 3);

  // Somebody who never finishes the request does not hold up the end.
  using idle = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await idle.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  stop.abort();
  await daemon;
  await assert.rejects(() => Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) }));
});

Deno.test("runDaemon() names the port that is taken", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const options = {
    scheduler: createEagerScheduler(),
    port,
    log: () => {},
    signal: new AbortController().signal,
  };
  await assert.rejects(() => runDaemon(opened, options), (error) => {
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
  const lines: string[] = [];
  const scheduler: Scheduler = { start: () => Promise.reject(new Error("no cron")) };
  const signal = new AbortController().signal;
  await assert.rejects(
    () => runDaemon(opened, { scheduler, port: 0, log: (line) => lines.push(line), signal }),
    {
      message: "no cron",
    },
  );
  const port = Number(lines[0]!.match(/:(\d+)\/$/)![1]);
  await assert.rejects(() => Deno.connect({ hostname: "127.0.0.1", port }));
});
