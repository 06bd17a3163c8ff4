import type { CronSchedule } from "../lib/core/cron.ts";

/** What becomes due by the calendar. */
export interface Scheduled {
  /** Unique; letters, digits, space, `_` and `-` only: what `Deno.cron` takes. */
  readonly name: string;
  /** In UTC; one minute is the floor. */
  readonly schedule: CronSchedule;
}

/**
 * Says when something is due. It may be late, and forget what was due while the process was not there: whoever is told looks
 * for that. An implementation MUST:
 * - go on with the others when one call rejects;
 * - reject without having scheduled anything when one cannot be scheduled.
 */
export interface Scheduler {
  /** Calls `onDue` with a name each time it is due. Resolves once the signal has aborted and no call is under way. */
  start(scheduled: readonly Scheduled[], options: SchedulerOptions): Promise<void>;
}

export interface SchedulerOptions {
  readonly onDue: (name: string) => Promise<void>;
  readonly signal: AbortSignal;
}
