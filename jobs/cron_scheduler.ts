import { UsageError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";
import type { Job } from "./job.ts";
import type { Scheduler } from "./scheduler.ts";

export interface CronSchedulerOptions {
  /** Writes one line about each run. */
  readonly log: (line: string) => void;
}

/**
 * The scheduler on `Deno.cron`: UTC, in memory, no overlap, no retries.
 *
 * `start` throws a UsageError where `Deno.cron` is not there.
 */
export function createCronScheduler({ log }: CronSchedulerOptions): Scheduler {
  return {
    async start(jobs, { signal }) {
      if (typeof Deno.cron !== "function") {
        throw new UsageError("Cannot schedule jobs as Deno.cron is not enabled", {
          hint: 'start Deno with --unstable-cron, or put "unstable": ["cron"] into deno.json',
        });
      }
      await Promise.all(
        jobs.map((job) => Deno.cron(job.name, job.schedule, { signal }, () => runOnce(job, { signal, log }))),
      );
    },
  };
}

/** Runs a job once under its time limit; its failure is a line in the log. */
export async function runOnce(
  { name, timeoutMs, run }: Job,
  { signal, log }: CronSchedulerOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new DOMException(`${name} took over ${timeoutMs} ms`, "TimeoutError")),
    timeoutMs,
  );
  try {
    const { summary } = await run(AbortSignal.any([signal, limit.signal]));
    log(`${name}: ${summary}`);
  } catch (error) {
    log(`${name}: failed: ${redactText(error instanceof Error ? error.message : String(error))}`);
  } finally {
    clearTimeout(timer);
  }
}
