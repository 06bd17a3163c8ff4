import type { Clock } from "../../lib/core/clock.ts";

/** A clock whose sleeps take no time: each moves `now` on by what was asked, and lets other work run. */
export function createRacingClock(
  startMs = 1_800_000_000_000,
): Clock & { readonly sleptMs: readonly number[] } {
  let nowMs = startMs;
  const sleptMs: number[] = [];
  return {
    sleptMs,
    now: () => nowMs,
    async sleep(ms, { signal } = {}) {
      signal?.throwIfAborted();
      sleptMs.push(ms);
      nowMs += ms;
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}
