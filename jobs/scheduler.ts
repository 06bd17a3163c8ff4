import type { Job } from "./job.ts";

/**
 * Runs jobs when they are due. An implementation MUST run each job at most once at a time, and go on with the others when one fails.
 */
export interface Scheduler {
  /** Resolves once the signal has aborted and no run is under way. */
  start(jobs: readonly Job[], options: { readonly signal: AbortSignal }): Promise<void>;
}
