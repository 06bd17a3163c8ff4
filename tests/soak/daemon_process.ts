import { parseCron } from "../../lib/core/cron.ts";
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
 * The daemon with its real parts, on a fast clock: `daemon_process.ts <folder> <factor> <sinceMs>`. Every
 * job runs every minute of it. Records a training checkpoint every few seconds. Prints what it does, a JSON line each; ends when its standard input does.
 */
const [folder = "", factor = "1", sinceMs = "0"] = Deno.args;
const clock = createFastClock({ factor: Number(factor), sinceMs: Number(sinceMs) });
const print = (line: Record<string, unknown>) => console.log(JSON.stringify(line));

const everyMinute = parseCron("* * * * *");
if (!everyMinute.ok) throw new TypeError(everyMinute.reason);
const { schedule } = everyMinute;

/** The same job every minute, which says for which one it begins. */
const noted = (planned: PlannedJob): PlannedJob => ({
  ...planned,
  schedule,
  job: {
    ...planned.job,
    async run(signal) {
      print({ event: "begin", job: planned.name, minute: Math.floor(clock.now() / 60_000) });
      try {
        return await planned.job.run(signal);
      } catch (error) {
        if (!stop.signal.aborted) print({ event: "failure", line: `${planned.name} failed: ${error}` });
        throw error;
      }
    },
  },
});

const stop = new AbortController();
const { signal } = stop;
Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => stop.abort());
const config = parseConfig({ folder, env: Deno.env.toObject() });
await using runtime = await openRuntime(config, { clock });
await using opened = await openJobs(runtime, { clock });
print({ event: "jobs", names: opened.jobs.map(({ name }) => name) });

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
