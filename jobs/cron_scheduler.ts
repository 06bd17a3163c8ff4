import { UsageError } from "../lib/core/errors.ts";
import type { Scheduled, Scheduler } from "./scheduler.ts";

/**
 * What the scheduler needs of `Deno.cron`: calls the handler when due, one at a time; resolves once the signal aborts. It calls
 * a handler that rejected again within a second, so ours never does.
 */
export type Cron = (
  name: string,
  schedule: string,
  options: { readonly signal: AbortSignal },
  handler: () => Promise<void>,
) => Promise<void>;

export interface CronSchedulerOptions {
  /** Writes one line about a call that rejected. */
  readonly log: (line: string) => void;
  /** @default Deno.cron, where the unstable flag makes it available */
  readonly cron?: Cron | undefined;
}

/**
 * The scheduler on `Deno.cron`: UTC, in memory, to the minute.
 *
 * @throws {UsageError} where `Deno.cron` is not there
 */
export function createCronScheduler({ log, cron = Deno.cron }: CronSchedulerOptions): Scheduler {
  if (typeof cron !== "function") {
    throw new UsageError("Cannot schedule jobs as Deno.cron is not enabled", {
      hint: 'start Deno with --unstable-cron, or put "unstable": ["cron"] into deno.json',
    });
  }
  return {
    async start(scheduled, { signal, onDue }) {
      // Deno.cron never resolves when its signal has aborted already.
      if (signal.aborted) return;
      const failed = new AbortController();
      const either = AbortSignal.any([signal, failed.signal]);
      const underWay = new Set<Promise<void>>();
      const plan = async ({ name, schedule }: Scheduled) => {
        await cron(name, schedule.forDeno, { signal: either }, async () => {
          const call = onDue(name).catch((error) => log(`${name}: cannot be started: ${error}`));
          underWay.add(call);
          await call.finally(() => underWay.delete(call));
        });
      };
      const plans = scheduled.map(plan);
      try {
        await Promise.all(plans);
      } finally {
        // What could not be scheduled stops the others, so that nothing runs on behind a failed start.
        failed.abort();
        await Promise.allSettled([...plans, ...underWay]);
      }
    },
  };
}
