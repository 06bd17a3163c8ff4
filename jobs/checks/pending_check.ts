import type { Check } from "./check.ts";

/** What is looked at. */
export interface PendingCheckOptions {
  /** When the oldest record without an anchor on the chain was recorded, in milliseconds since the Unix epoch; none waits: `undefined`. */
  readonly oldestPendingMs: () => Promise<{ readonly atMs: number; readonly count: number } | undefined>;
  readonly now: () => number;
  /** How long a record usually waits at most. */
  readonly expectedMs: number;
}

/** Looks at how long the oldest record has waited for its anchor: `degraded` past twice, `failed` past six times what is usual. */
export function pendingCheck({ oldestPendingMs, now, expectedMs }: PendingCheckOptions): Check {
  return {
    name: "pending-age",
    async look() {
      const oldest = await oldestPendingMs();
      if (oldest === undefined) {
        return [{ status: "ok", reason: "everything is anchored", values: { ageMs: 0, pendingCount: 0 } }];
      }
      const ageMs = Math.max(0, now() - oldest.atMs);
      return [{
        status: ageMs > 6 * expectedMs ? "failed" : ageMs > 2 * expectedMs ? "degraded" : "ok",
        reason: `${oldest.count} wait for an anchor, the oldest for ${Math.round(ageMs / 60_000)} min`,
        values: { ageMs, pendingCount: oldest.count },
      }];
    },
  };
}
