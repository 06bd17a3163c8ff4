import type { Clock } from "../lib/core/clock.ts";
import type { Redact } from "../lib/core/redact.ts";
import { StateConflictError } from "../lib/io/state_conflict_error.ts";
import { errorLine } from "./error_line.ts";
import type { JobResult } from "./job.ts";
import type { JobRecord, JobRecords } from "./job_records.ts";
import type { JobClaim, JobRun } from "./job_state.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/** A run of this process. */
export interface Execution {
  readonly planned: PlannedJob;
  readonly claim: JobClaim;
  /** The job's record as this run last wrote it. */
  readonly record: () => JobRecord;
  /** Ends it before its time; the first reason counts. */
  stop(why: StopReason): void;
  /** What became of it, once the job's promise has settled; never rejects. */
  readonly done: Promise<ExecutionEnd>;
  /** Lets go of a job that does not end: no more signs of life are given. */
  abandon(): void;
}

/** How a run ended. */
export interface ExecutionEnd extends Pick<JobRun, "outcome" | "summary" | "error"> {
  /** What it came to, where it went well. */
  readonly result?: JobResult;
}

/** Why a run is ended before its time. `lost`: another process may have taken it over. */
export type StopReason = "timed out" | "stopped" | "lost";

export interface ExecuteOptions {
  readonly records: JobRecords;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly log: (line: string) => void;
}

/** How often a run says that it is alive. */
export const RENEW_MS = 10_000;

/** A run whose process said nothing for so long is dead. */
export const LEASE_MS = 30_000;

const LONGEST_LINE = 500;

/** Starts a claimed run under its time limit, and keeps its claim alive. */
export function executeJob(
  planned: PlannedJob,
  claimed: JobRecord & { readonly claim: JobClaim },
  { records, clock, redact, log }: ExecuteOptions,
): Execution {
  const { name, job, timeoutMs } = planned;
  const { claim } = claimed;
  const stopping = new AbortController();
  const over = new AbortController();
  let record: JobRecord = claimed;
  let why: StopReason | undefined;

  function stop(reason: StopReason): void {
    if (why !== undefined) return;
    why = reason;
    const text = reason === "timed out" ? `${name} took over ${timeoutMs} ms` : `${name} was ${reason}`;
    stopping.abort(new DOMException(text, reason === "timed out" ? "TimeoutError" : "AbortError"));
  }

  /** Renews the claim until the run is over; stops the run when that no longer works. */
  async function keepAlive(): Promise<void> {
    let renewedAtMs = claim.renewedAtMs;
    while (await slept(clock, RENEW_MS, over.signal)) {
      const nowMs = clock.now();
      try {
        const { state, version } = record;
        record = await records.write(
          name,
          { ...state, claim: { ...claim, renewedAtMs: nowMs } },
          version,
        );
        renewedAtMs = nowMs;
      } catch (error) {
        if (error instanceof StateConflictError) return stop("lost");
        log(`${name}: cannot say that it runs: ${errorLine(error, redact)}`);
        // Before anybody else may take it for dead.
        if (nowMs - renewedAtMs >= LEASE_MS - RENEW_MS) stop("lost");
      }
    }
  }

  async function run(): Promise<ExecutionEnd> {
    try {
      const result = await job.run(stopping.signal);
      return { outcome: "ok", summary: oneLine(redact(result.summary)), result };
    } catch (error) {
      const line = oneLine(errorLine(error, redact));
      if (why === undefined) return { outcome: "failed", error: line };
      return { outcome: why === "timed out" ? why : "stopped", error: line };
    }
  }

  slept(clock, timeoutMs, over.signal).then((isOver) => isOver && stop("timed out"));
  const alive = keepAlive();
  const done = run().then(async (end) => {
    over.abort();
    await alive;
    return end;
  });
  return {
    planned,
    claim,
    record: () => record,
    stop,
    done,
    abandon: () => over.abort(),
  };
}

/** Whether the time went by, and the signal did not abort before. */
export async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Waits for that work, but no longer than so; answers whether it is over. */
export async function atMost(
  work: Promise<unknown>,
  { ms, clock }: { readonly ms: number; readonly clock: Clock },
): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([work.then(() => true), slept(clock, ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
