import { soleLeadership } from "../../lib/io/leadership.ts";
import { openRuntime } from "../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { openJobs } from "../../jobs/open_jobs.ts";
import type { PlannedJob } from "../../jobs/plan_jobs.ts";
import { runDaemon } from "../../jobs/run_daemon.ts";
import { createDrivenScheduler } from "../_fakes/driven_scheduler.ts";
import { createFastClock } from "../_fakes/fast_clock.ts";

/**
 * The daemon with its real parts, on a fast clock: `daemon_process.ts <folder> <factor> <sinceMs> <section jobs as JSON>`.
 * Records a training checkpoint every few seconds. Prints what it does, a JSON line each; ends when its standard input does.
 */
const [folder = "", factor = "1", sinceMs = "0", jobsSection = "{}"] = Deno.args;
const clock = createFastClock({ factor: Number(factor), sinceMs: Number(sinceMs) });
const print = (line: Record<string, unknown>) => console.log(JSON.stringify(line));

/** The same job, which says for which minute it begins. */
const noted = (planned: PlannedJob): PlannedJob => ({
  ...planned,
  job: {
    ...planned.job,
    run(signal) {
      print({ event: "begin", job: planned.name, minute: Math.floor(clock.now() / 60_000) });
      return planned.job.run(signal);
    },
  },
});

const stop = new AbortController();
const { signal } = stop;
Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => stop.abort());
const config = parseConfig({ folder, env: Deno.env.toObject(), file: { jobs: JSON.parse(jobsSection) } });
await using runtime = await openRuntime(config, { clock });
await using opened = await openJobs(runtime);

async function train(): Promise<void> {
  for (let step = 1; !signal.aborted; step++) {
    await runtime.recorder.recordCheckpoint({ runId: "soak", step, metrics: { loss: 1 / step } });
    await systemClock.sleep(2_000, { signal }).catch(() => {});
  }
}

async function weigh(): Promise<void> {
  while (!signal.aborted) {
    print({ event: "rss", bytes: Deno.memoryUsage().rss });
    await systemClock.sleep(1_000, { signal }).catch(() => {});
  }
}

await Promise.all([
  train(),
  weigh(),
  runDaemon(runtime, {
    ...opened,
    jobs: opened.jobs.map(noted),
    home: config.home,
    leadership: soleLeadership,
    scheduler: createDrivenScheduler({ clock }),
    clock,
    holder: { host: "soak", pid: Deno.pid },
    port: 0,
    log: (line) => print({ event: "log", line }),
    signal,
  }),
]);
const { records } = await runtime.recorder.status();
print({ event: "status", records });
