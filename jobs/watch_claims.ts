import { LEASE_MS } from "./execute_job.ts";
import type { JobRecord } from "./job_records.ts";
import type { JobClaim, JobHolder } from "./job_state.ts";

/** Tells claims of dead processes from those of others that run. */
export interface ClaimWatch {
  /**
   * Whether the process that claimed a run is dead: one of this host by its own last sign of life, one of another, whose
   * clock may be wrong, by how long its claim has not changed while we watched.
   */
  isDead(
    name: string,
    claimed: Pick<JobRecord, "version"> & { readonly claim: JobClaim },
    nowMs: number,
  ): boolean;
  /** The job has no such claim any more. */
  forget(name: string): void;
}

/** Another host's clock is not that wrong. */
export const WORST_SKEW_MS = 600_000;

/** Makes the watch of one process. */
export function watchClaims({ host }: Pick<JobHolder, "host">): ClaimWatch {
  /** Since when a claim looks as it does. */
  const sights = new Map<string, { readonly version: string; readonly sinceMs: number }>();
  return {
    isDead(name, { version, claim: { holder, renewedAtMs } }, nowMs) {
      const before = sights.get(name);
      // Counted anew where the clock was set back meanwhile.
      const isSame = before?.version === version && before.sinceMs <= nowMs;
      const sight = isSame ? before : { version, sinceMs: nowMs };
      sights.set(name, sight);
      if (nowMs - sight.sinceMs >= LEASE_MS) return true;
      return nowMs - renewedAtMs >= (holder.host === host ? LEASE_MS : WORST_SKEW_MS);
    },
    forget: (name) => void sights.delete(name),
  };
}
