import { UsageError } from "../lib/core/errors.ts";
import { errorLine } from "./error_line.ts";
import type { Job } from "./job.ts";
import type { Scheduler } from "./scheduler.ts";

/** What the scheduler needs of `Deno.cron`: calls the handler when due, one at a time; resolves once the signal aborts. */
export type Cron = (
  name: string,
  schedule: string,
  options: { readonly signal: AbortSignal },
  handler: () => Promise<void>,
) => Promise<void>;

export interface CronSchedulerOptions {
  /** Writes one line about each run. */
  readonly log: (line: string) => void;
  /** @default Deno.cron, where the unstable flag makes it available */
  readonly cron?: Cron | undefined;
}

/**
 * The scheduler on `Deno.cron`: UTC, in memory, no overlap, no retries.
 *
 * `start` throws a UsageError where `Deno.cron` is not there.
 */
export function createCronScheduler({ log, cron = Deno.cron }: CronSchedulerOptions): Scheduler {
  return {
    async start(jobs, { signal }) {
      if (typeof cron !== "function") {
        throw new UsageError("Cannot schedule jobs as Deno.cron is not enabled", {
          hint: 'start Deno with --unstable-cron, or put "unstable": ["cron"] into deno.json',
        });
      }
      // Deno.cron never resolves when its signal has aborted already.
      if (signal.aborted) return;
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const underWay = new Set<Promise<void>>();
      const schedule = async (job: Job) => {
        await cron(job.name, job.schedule, { signal: either }, async () => {
          const run = runOnce(job, { signal: either, log });
          underWay.add(run);
          await run.finally(() => underWay.delete(run));
        });
      };
      const schedules = jobs.map(schedule);
      try {
        await Promise.all(schedules);
      } finally {
        // A job that could not be scheduled stops the others, so that nothing runs on behind a failed start.
        failed.abort();
        await Promise.allSettled([...schedules, ...underWay]);
      }
    },
  };
}

/** Runs a job once under its time limit; its failure is a line in the log. */
export async function runOnce(
  job: Job,
  { signal, log }: Pick<CronSchedulerOptions, "log"> & { readonly signal: AbortSignal },
): Promise<void> {
  const { name, timeoutMs } = job;
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new DOMException(`${name} took over ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  try {
    const { summary } = await job.run(AbortSignal.any([signal, limit.signal]));
    log(`${name}: ${summary}`);
  } catch (error) {
    log(signal.aborted ? `${name}: stopped` : `${name}: failed: ${errorLine(error)}`);
  } finally {
    clearTimeout(timer);
  }
}
