import type { Clock } from "../../lib/core/clock.ts";

/** A clock that no time passes on but that of sleeps: each moves it on, and lets the world take its course meanwhile. */
export interface ChaosClock extends Clock {
  /** Called with the new time whenever it has moved on, before the sleeper wakes. */
  onAdvance: (nowMs: number) => Promise<void>;
}

export function createChaosClock(startMs: number): ChaosClock {
  let nowMs = startMs;
  const clock: ChaosClock = {
    onAdvance: () => Promise.resolve(),
    now: () => nowMs,
    async sleep(ms, { signal } = {}) {
      signal?.throwIfAborted();
      nowMs += ms;
      await clock.onAdvance(nowMs);
      // Lets other work run, as a real sleep would.
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
    },
  };
  return clock;
}
