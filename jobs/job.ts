import type { Observation, Occurrence } from "../lib/core/observation.ts";

/** One scheduled piece of work, as data. */
export interface Job {
  /** Letters, digits, space, `_` and `-` only: what `Deno.cron` takes. */
  readonly name: string;
  /** Cron expression in UTC; one minute is the floor. Configuration may give another one. */
  readonly schedule: string;
  /** A run that lasts longer is aborted. */
  readonly timeoutMs: number;
  /** Does the work once. A throw is this run's failure and never stops another job. */
  run(signal: AbortSignal): Promise<JobResult>;
}

/** What one run came to. */
export interface JobResult {
  /** One line for people. */
  readonly summary: string;
  /** What it looked at, for the rules. @default nothing */
  readonly observations?: readonly Observation[];
  /** What it noticed happening, for the rules. @default nothing */
  readonly occurrences?: readonly Occurrence[];
}
