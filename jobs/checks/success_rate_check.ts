import type { FollowedJournal } from "../../lib/chain/journal_follower.ts";
import type { Check } from "./check.ts";

/** Fewer than these say nothing. */
const LEAST = 5;
const DEGRADED_RATIO = 0.95;
const FAILED_RATIO = 0.5;

/** Looks at how many of the transactions that were settled last had their effect. */
export function successRateCheck(
  journal: () => Promise<FollowedJournal | undefined>,
): Check {
  return {
    name: "success-rate",
    async look() {
      const settled = (await journal())?.settled ?? [];
      // A cancellation is what its operator wanted, and no failure.
      const counted = settled.filter(({ state }) => state !== "replaced");
      if (counted.length < LEAST) {
        return [{
          status: "ok",
          reason: `${counted.length} settled so far`,
          values: { count: counted.length },
        }];
      }
      const succeeded = counted.filter(({ state }) => state === "final").length;
      const successRatio = succeeded / counted.length;
      return [{
        status: successRatio < FAILED_RATIO ? "failed" : successRatio < DEGRADED_RATIO ? "degraded" : "ok",
        reason: `${succeeded} of the last ${counted.length} had their effect`,
        values: { successRatio, count: counted.length },
      }];
    },
  };
}
