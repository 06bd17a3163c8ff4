/** One scheduled piece of work, as data. */
export interface Job {
  /** Letters, digits, space, `_` and `-` only: what `Deno.cron` takes. */
  readonly name: string;
  /** Cron expression in UTC; one minute is the floor. */
  readonly schedule: string;
  /** A run that lasts longer is aborted. */
  readonly timeoutMs: number;
  /** Does the work once. A throw is this run's failure and never stops another job. */
  run(signal: AbortSignal): Promise<JobResult>;
}

export interface JobResult {
  /** One line for people. */
  readonly summary: string;
}
