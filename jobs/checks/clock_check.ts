import type { Check } from "./check.ts";

/** What the clock is held against. */
export interface ClockCheckOptions {
  /** Unix seconds of the newest block. */
  readonly headTime: (options: { readonly signal: AbortSignal }) => Promise<number>;
  /** Milliseconds since the Unix epoch, by this machine. */
  readonly now: () => number;
  /** A newest block older than this, by this machine's clock, says that the clock runs ahead, or the chain stands still. */
  readonly maxHeadAgeSeconds: number;
}

/** Block producers may be that far ahead. */
const MAX_AHEAD_SECONDS = 15;
const FAILED_SECONDS = 300;

/**
 * Holds this machine's clock against the newest block's time. A block from the future means that the clock is behind, for certain; an
 * old one, that it is ahead, or that the chain or the endpoint stands still.
 */
export function clockCheck({ headTime, now, maxHeadAgeSeconds }: ClockCheckOptions): Check {
  return {
    name: "clock-skew",
    async look(options) {
      const skewSeconds = Math.round(now() / 1_000 - await headTime(options));
      const values = { skewMs: skewSeconds * 1_000 };
      if (skewSeconds < -MAX_AHEAD_SECONDS) {
        const status = skewSeconds < -FAILED_SECONDS ? "failed" : "degraded";
        return [{
          status,
          reason: `this clock is at least ${-skewSeconds} s behind the newest block's time`,
          values,
        }];
      }
      if (skewSeconds <= maxHeadAgeSeconds) {
        return [{ status: "ok", reason: `${skewSeconds} s after the newest block's time`, values }];
      }
      return [{
        status: "degraded",
        reason:
          `${skewSeconds} s after the newest block's time: this clock is ahead, or the chain stands still`,
        values,
      }];
    },
  };
}
