import type { CronSchedule } from "../lib/core/cron.ts";
import type { JobState } from "./job_state.ts";
import { WORST_SKEW_MS } from "./watch_claims.ts";

/** What to do about a job that is not running: nothing, to correct what is kept of it, or to run it. */
export type Decision =
  | { readonly kind: "wait" }
  | { readonly kind: "adjust"; readonly state: JobState; readonly because: string }
  | RunDecision;

/** A run to begin. */
export interface RunDecision {
  readonly kind: "run";
  readonly trigger: "schedule" | "catch-up";
  /** The scheduled time it is for: the newest one. */
  readonly dueAtMs: number;
  /** How many scheduled times went by without a run, this one among them where it is late. */
  readonly missedCount: number;
  /** They went by because an earlier run took so long. */
  readonly isAfterOverrun: boolean;
  /** How often a run was begun for that time, this one included. */
  readonly attempts: number;
}

/** A scheduler may call so much before the time: clocks are set right in small steps. */
const EARLY_MS = 2_000;

/** So long is left to the scheduler before somebody else starts what is due. */
const GRACE_MS = 30_000;

/** A run that begins later than this was missed. */
const LATE_MS = 60_000;

/** Runs begun for one scheduled time, where the earlier ones were stopped or died with their process. */
const MAX_ATTEMPTS = 3;

/** More are not counted. */
const MOST_MISSED = 10_000;

/** Decides about one job; `isAsked`: its scheduler says that its time has come. */
export function decideRun(
  state: JobState,
  { schedule, nowMs, isAsked }: {
    readonly schedule: CronSchedule;
    readonly nowMs: number;
    readonly isAsked: boolean;
  },
): Decision {
  const { dueAtMs: lastMs, isOff, attempts, knownSinceMs, ...rest } = state;
  const dueAtMs = schedule.previous(isAsked ? nowMs + EARLY_MS : nowMs);
  if (isOff) {
    const because = "switched on again";
    return { kind: "adjust", state: { ...rest, knownSinceMs, attempts, dueAtMs }, because };
  }
  if (Math.max(lastMs ?? 0, knownSinceMs) > nowMs + WORST_SKEW_MS) {
    // That was never right; less may be another host's clock.
    const because = "the clock was set back: what it once ran ahead of time is forgotten";
    return {
      kind: "adjust",
      state: { ...rest, knownSinceMs: Math.min(knownSinceMs, nowMs), attempts: 0, dueAtMs },
      because,
    };
  }
  const sinceMs = lastMs ?? knownSinceMs;
  if (dueAtMs > sinceMs) {
    if (!isAsked && nowMs - dueAtMs < GRACE_MS) return { kind: "wait" };
    const missedCount = countMissed(schedule, { sinceMs, dueAtMs, nowMs });
    const lastEndMs = state.runs.at(-1)?.endedAtMs ?? 0;
    return {
      kind: "run",
      trigger: missedCount > 0 ? "catch-up" : "schedule",
      dueAtMs,
      missedCount,
      isAfterOverrun: lastEndMs > dueAtMs || lastEndMs > schedule.next(sinceMs),
      attempts: 1,
    };
  }
  const last = state.runs.findLast((run) => run.dueAtMs !== undefined);
  const isUnfinished = last?.outcome === "stopped" || last?.outcome === "crashed";
  if (!isUnfinished || last.dueAtMs !== dueAtMs || attempts >= MAX_ATTEMPTS) return { kind: "wait" };
  return {
    kind: "run",
    trigger: "catch-up",
    dueAtMs,
    missedCount: 0,
    isAfterOverrun: false,
    // A daemon that is stopped in order, however often, is no job that brings its process down.
    attempts: last.outcome === "stopped" ? attempts : attempts + 1,
  };
}

function countMissed(
  schedule: CronSchedule,
  { sinceMs, dueAtMs, nowMs }: { readonly sinceMs: number; readonly dueAtMs: number; readonly nowMs: number },
): number {
  let count = nowMs - dueAtMs > LATE_MS ? 1 : 0;
  for (let atMs = schedule.next(sinceMs); atMs < dueAtMs && count < MOST_MISSED; atMs = schedule.next(atMs)) {
    count++;
  }
  return count;
}
