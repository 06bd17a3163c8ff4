import { PotError } from "../lib/core/errors.ts";

/** What is kept of one job, in the state store. */
export interface JobState {
  /** Since when this installation knows it: what was due before was never missed. Milliseconds since the Unix epoch, as all here. */
  readonly knownSinceMs: number;
  /** The newest scheduled time that a run was begun for; that time, and all before it, are over. */
  readonly dueAtMs?: number;
  /** How often a run was begun for that time. */
  readonly attempts: number;
  /** The run under way, or one whose process died. */
  readonly claim?: JobClaim;
  /** The last good end. */
  readonly lastOkMs?: number;
  /** Runs in a row that went wrong. */
  readonly failureCount: number;
  /** It was switched off by the configuration when this was written. */
  readonly isOff?: true;
  /** Finished runs, newest last; only so many are kept. */
  readonly runs: readonly JobRun[];
  /** All finished runs since they are counted, by what became of them. */
  readonly runCounts?: Readonly<Partial<Record<JobOutcome, number>>>;
}

/** Who runs what, since when. */
export interface JobClaim {
  /** Unique to this run. */
  readonly attemptId: string;
  readonly trigger: JobTrigger;
  /** The scheduled time it is for; absent of one by hand. */
  readonly dueAtMs?: number;
  /** Scheduled times that nobody ran, before that one. */
  readonly missedCount: number;
  readonly startedAtMs: number;
  /** When its process last said that it is alive. */
  readonly renewedAtMs: number;
  readonly holder: JobHolder;
}

/** A process that runs jobs. */
export interface JobHolder {
  readonly host: string;
  readonly pid: number;
}

/** Why a run began: its time came, its time had passed, or somebody asked. */
export type JobTrigger = "schedule" | "catch-up" | "by hand";

/** `stopped`: the daemon ended first. `crashed`: its process died, which was found later. */
export type JobOutcome = "ok" | "failed" | "timed out" | "stopped" | "crashed";

/** A run that is over. */
export interface JobRun extends Omit<JobClaim, "renewedAtMs"> {
  readonly endedAtMs: number;
  readonly outcome: JobOutcome;
  /** One line, of a run that went well. */
  readonly summary?: string;
  /** One line without secrets, of one that did not. */
  readonly error?: string;
  /** When it was due next, as seen at its end; absent where the schedule does not run it. */
  readonly nextDueMs?: number;
}

const SCHEMA = "pot-job/1";
const KEPT_RUNS = 20;

/** The name of a job's document. */
export function jobDocument(name: string): string {
  return `job-${name}`;
}

/** Of a job that was just met. */
export function newJobState(nowMs: number): JobState {
  return { knownSinceMs: nowMs, attempts: 0, failureCount: 0, runs: [] };
}

/** The state with one more finished run, and no claim. */
export function withRun({ claim: _, ...state }: JobState, run: JobRun): JobState {
  const isOk = run.outcome === "ok";
  const isStopped = run.outcome === "stopped";
  return {
    ...state,
    ...(isOk && { lastOkMs: run.endedAtMs }),
    failureCount: isOk ? 0 : isStopped ? state.failureCount : state.failureCount + 1,
    runs: [...state.runs, run].slice(-KEPT_RUNS),
    runCounts: { ...state.runCounts, [run.outcome]: (state.runCounts?.[run.outcome] ?? 0) + 1 },
  };
}

/** The state as bytes for the store. */
export function encodeJobState(state: JobState): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ schema: SCHEMA, ...state }, null, 1)}\n`);
}

/**
 * Reads what {@linkcode encodeJobState} wrote; the store has seen to it that it is whole.
 *
 * @throws {PotError} for another program's document
 */
export function decodeJobState(name: string, bytes: Uint8Array): JobState {
  const { schema, ...state } = JSON.parse(new TextDecoder().decode(bytes));
  if (schema === SCHEMA) return state;
  throw new PotError("Cannot read what is kept of a job as its format is unknown", {
    facts: [`job: ${name}`, `format: ${JSON.stringify(schema)}`, `known: ${SCHEMA}`],
    hint: "update pot on this machine",
    exitCode: 2,
  });
}
