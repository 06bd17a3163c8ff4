import type { Observation, Occurrence } from "../lib/core/observation.ts";
import type { RunDecision } from "./decide_run.ts";
import type { JobClaim, JobState } from "./job_state.ts";
import type { PlannedJob } from "./plan_jobs.ts";

/** What is seen of a job at one moment, beside what is kept of it. */
export interface JobSight {
  readonly nowMs: number;
  /** It runs here, and was due again or should have ended by now. */
  readonly overrun?: Overrun;
  /** Nobody ran it when it was due. */
  readonly isMissed?: boolean;
}

/** A run that takes longer than it may. */
export interface Overrun {
  readonly durationMs: number;
  /** Its time limit is over, and it was told to end; otherwise it was due again. */
  readonly isOverTime: boolean;
  /** To finish "it …". */
  readonly reason: string;
}

/** It was told to end when its time was over; a moment to do so is fair. */
const TIME_TO_END_MS = 10_000;

/** Whether a run takes longer than it may. */
export function findOverrun(
  { schedule, timeoutMs }: Pick<PlannedJob, "schedule" | "timeoutMs">,
  { startedAtMs, dueAtMs = 0 }: Pick<JobClaim, "startedAtMs" | "dueAtMs">,
  nowMs: number,
): Overrun | undefined {
  const durationMs = nowMs - startedAtMs;
  if (durationMs > timeoutMs + TIME_TO_END_MS) {
    return { durationMs, isOverTime: true, reason: "still runs after it was told to end" };
  }
  const isDueAgain = schedule.previous(nowMs) > Math.max(dueAtMs, startedAtMs);
  return isDueAgain
    ? { durationMs, isOverTime: false, reason: "still ran when it was due again" }
    : undefined;
}

/** How a job does: `job` with its name, `ageMs` since it last went well, and how often it failed since. */
export function observeJob(
  { name, schedule }: Pick<PlannedJob, "name" | "schedule">,
  { knownSinceMs, lastOkMs, failureCount, runs }: JobState,
  { nowMs, overrun, isMissed = false }: JobSight,
): Observation {
  const last = runs.at(-1);
  const durationMs = overrun?.durationMs ?? (last && last.endedAtMs - last.startedAtMs);
  const seen = {
    check: "job",
    subject: name,
    values: {
      ageMs: Math.max(0, nowMs - (lastOkMs ?? knownSinceMs)),
      failureCount,
      ...(durationMs === undefined ? {} : { durationMs }),
    },
    atMs: nowMs,
  };
  const details = { nextDue: new Date(schedule.next(nowMs)).toISOString() };
  if (overrun !== undefined) {
    return {
      ...seen,
      status: overrun.isOverTime ? "failed" : "degraded",
      reason: overrun.reason,
      details: { ...details, outcome: "overrun" },
    };
  }
  if (isMissed) {
    return {
      ...seen,
      status: "failed",
      reason: "nobody ran it when it was due",
      details: { ...details, outcome: "missed" },
    };
  }
  if (failureCount > 0) {
    const bad = runs.findLast(({ outcome }) => outcome !== "ok" && outcome !== "stopped");
    const reason = bad === undefined
      ? "failed"
      : `${bad.outcome}${bad.error === undefined ? "" : `: ${bad.error}`}`;
    return {
      ...seen,
      status: failureCount > 1 ? "failed" : "degraded",
      reason,
      details: { ...details, outcome: "failed" },
    };
  }
  const summary = runs.findLast(({ outcome }) => outcome === "ok")?.summary;
  return {
    ...seen,
    status: "ok",
    reason: summary ?? "was not due yet",
    details: { ...details, outcome: "ok" },
  };
}

/** Something that happened to a job once: told once, whoever tells it again. */
export function jobOccurrence(
  kind: "job-missed" | "job-overrun" | "job-crashed",
  { name, key, detail, atMs }: {
    readonly name: string;
    /** Tells it from the same of another run. */
    readonly key: string;
    readonly detail: string;
    readonly atMs: number;
  },
): Occurrence {
  return { id: `${kind}:${name}:${key}`, name: kind, subject: name, detail, atMs };
}

/** Scheduled times that went by without a run, up to the one that is caught up now. */
export function missedRuns(
  name: string,
  { dueAtMs, missedCount }: Pick<RunDecision, "dueAtMs" | "missedCount">,
  atMs: number,
): Occurrence {
  const due = new Date(dueAtMs).toISOString();
  const detail = `${missedCount === 1 ? "one run was" : `${missedCount} runs were`} missed up to ${due}`;
  return jobOccurrence("job-missed", { name, key: due, detail, atMs });
}
