import type { Clock } from "../../lib/core/clock.ts";

/** A clock that stands still until a test moves it. */
export interface DrivenClock extends Clock {
  /** Moves on to that moment, waking each sleeper at its own time, and lets what follows from it happen before the next. */
  runTo(atMs: number): Promise<void>;
  /** The same by a span. */
  run(ms: number): Promise<void>;
  /** Moves without waking anybody, as a machine that slept, or whose clock was set. */
  jump(ms: number): void;
  /** Lets happen what can without time. */
  settle(): Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export interface DrivenClockOptions {
  /** Turns of the microtask queue in which what follows from one moment has to be over. @default 60 */
  readonly turns?: number;
}

/** Made for fakes in memory, as it waits for neither files nor sockets: a month of minutes takes a moment. */
export function createDrivenClock(
  startMs: number,
  { turns = 60 }: DrivenClockOptions = {},
): DrivenClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  async function settle(): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
  }

  function earliest(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (first === undefined || sleeper.atMs < first.atMs) first = sleeper;
    return first;
  }

  async function runTo(atMs: number): Promise<void> {
    await settle();
    for (let next = earliest(); next !== undefined && next.atMs <= atMs; next = earliest()) {
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
      await settle();
    }
    nowMs = Math.max(nowMs, atMs);
  }

  return {
    now: () => nowMs,
    sleep(ms, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal!.reason);
        };
        const sleeper = {
          atMs: nowMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    runTo,
    run: (ms) => runTo(nowMs + ms),
    jump: (ms) => void (nowMs += ms),
    settle,
  };
}
