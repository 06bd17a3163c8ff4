import type { StateStore } from "../lib/io/state_store.ts";
import { createJobRecords } from "./job_records.ts";
import type { JobClaim, JobOutcome, JobRun } from "./job_state.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/** One job, and how it does. Times are milliseconds since the Unix epoch. */
export interface JobListing {
  readonly name: string;
  /** As it was written. */
  readonly schedule: string;
  readonly isEnabled: boolean;
  readonly timeoutMs: number;
  /** Absent of a job that does not run by itself. */
  readonly nextDueMs?: number;
  /** A run under way, or one whose process died and nobody noticed yet. */
  readonly claim?: JobClaim;
  /** The last one that is over. */
  readonly lastRun?: JobRun;
  /** When it last went well. */
  readonly lastOkMs?: number;
  /** Runs in a row that went wrong since. */
  readonly failureCount: number;
  /** Finished runs, newest last. */
  readonly runs: readonly JobRun[];
  /** All finished runs since they are counted, by what became of them. */
  readonly runCounts: Readonly<Partial<Record<JobOutcome, number>>>;
}

/** Every job with what is kept of it, for people and for whoever watches that jobs run. */
export async function listJobs(
  jobs: readonly PlannedJob[],
  { state, nowMs }: { readonly state: StateStore; readonly nowMs: number },
): Promise<readonly JobListing[]> {
  const records = createJobRecords(state);
  return await Promise.all(jobs.map(async ({ name, schedule, isEnabled, timeoutMs }) => {
    const { state: kept } = await records.read(name) ?? {};
    const { claim, lastOkMs, failureCount = 0, runs = [], runCounts = {} } = kept ?? {};
    const lastRun = runs.at(-1);
    return {
      name,
      schedule: schedule.text,
      isEnabled,
      timeoutMs,
      failureCount,
      runs,
      runCounts,
      ...(isEnabled && { nextDueMs: schedule.next(nowMs) }),
      ...(claim && { claim }),
      ...(lastRun && { lastRun }),
      ...(lastOkMs === undefined ? {} : { lastOkMs }),
    };
  }));
}
