import type { Clock } from "../core/clock.ts";

/** Lets so many requests a second through, and that many at once after a rest. */
export interface TokenBucket {
  /** How long the next request would have to wait, in milliseconds. */
  waitMs(): number;
  /** Waits for its turn, first come, first served. */
  take(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export function createTokenBucket(ratePerSecond: number, clock: Clock): TokenBucket {
  let tokens = Math.max(1, ratePerSecond);
  let filledAtMs = clock.now();

  function fill(): void {
    const nowMs = clock.now();
    // A clock that was set back fills nothing.
    tokens = Math.min(
      Math.max(1, ratePerSecond),
      tokens + Math.max(0, nowMs - filledAtMs) * ratePerSecond / 1_000,
    );
    filledAtMs = nowMs;
  }
  function waitMs(): number {
    fill();
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * 1_000 / ratePerSecond);
  }

  return {
    waitMs,
    async take(options) {
      const ms = waitMs();
      // Taken before the wait, so that whoever comes meanwhile queues behind.
      tokens--;
      if (ms > 0) await clock.sleep(ms, options);
    },
  };
}
