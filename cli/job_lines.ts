import type { JobRun } from "../jobs/job_state.ts";

/** A finished run with RFC 3339 times, as `--json` prints it. */
export function jobRunJson({ startedAtMs, endedAtMs, dueAtMs, nextDueMs, ...run }: JobRun): unknown {
  return {
    ...run,
    ...(dueAtMs === undefined ? {} : { due: new Date(dueAtMs).toISOString() }),
    started: new Date(startedAtMs).toISOString(),
    ended: new Date(endedAtMs).toISOString(),
    durationMs: endedAtMs - startedAtMs,
    ...(nextDueMs === undefined ? {} : { nextDue: new Date(nextDueMs).toISOString() }),
  };
}

/** To the second, in UTC. */
export function shortTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
