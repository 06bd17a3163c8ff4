import type { Seen } from "../lib/alerts/alerts.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Redact } from "../lib/core/redact.ts";
import type { StateStore } from "../lib/io/state_store.ts";
import type { JobResult } from "./job.ts";
import type { JobHolder, JobRun } from "./job_state.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/**
 * Runs jobs when they are due, each at most once at a time, whoever else runs them: before a run it is claimed in the
 * state store, after it its record is kept there. What was due while nobody was there is caught up once.
 */
export interface JobRunner {
  /**
   * Starts what is due, and notices what was missed, overran or died; resolves when that is begun, not when it is over. Of a job that
   * is not named the scheduler is given half a minute to call. Never rejects.
   */
  tick(options?: TickOptions): Promise<void>;
  /**
   * Runs a job now, whatever its schedule, with the same claim and record; resolves when it is over, whatever became of it.
   *
   * @throws {PotError} when it is running already, here or elsewhere
   * @throws {UsageError} when there is no such job
   */
  runNow(name: string, options: { readonly signal: AbortSignal }): Promise<FinishedRun>;
  /** Starts nothing more; waits for what is under way, then aborts it, then leaves it behind. Answers with what it left behind. */
  drain(options: DrainOptions): Promise<readonly string[]>;
}

export interface TickOptions {
  /** Whose time has come, as far as the scheduler says; `all` at a daemon's start. @default nobody's */
  readonly due?: string | "all";
}

/** How long the end may take. */
export interface DrainOptions {
  /** For runs to end by themselves. */
  readonly waitMs: number;
  /** For them to heed their signal, after that. */
  readonly abortMs: number;
}

/** What one run came to. */
export interface FinishedRun {
  readonly run: JobRun;
  /** Absent unless it went well. */
  readonly result?: JobResult;
}

export interface JobRunnerOptions {
  readonly jobs: readonly PlannedJob[];
  readonly state: StateStore;
  readonly clock: Clock;
  /** This process. */
  readonly holder: JobHolder;
  /** Writes one line. */
  readonly log: (line: string) => void;
  /** Takes what jobs saw, and how they do. A rejection is tried again with the next. @default nobody */
  readonly onSeen?: (seen: Seen) => Promise<void>;
  /** @default URLs only */
  readonly redact?: Redact;
  /** @default random UUIDs */
  readonly makeId?: () => string;
}
