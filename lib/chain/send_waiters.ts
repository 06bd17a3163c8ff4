import type { Clock } from "../core/clock.ts";
import type { MinedTransaction, SendRequest } from "./transaction_sender.ts";

/** Callers of `send`, by the key of their transaction. */
export interface SendWaiters {
  size(): number;
  /** Whether anybody waits for that key. */
  has(key: string): boolean;
  /** Each key once, with the depths that its callers wait for. */
  list(): readonly {
    readonly key: string;
    readonly depths: readonly number[];
    readonly request: SendRequest;
  }[];
  /** Waits until the transaction is settled at that depth; rejects with the signal's reason when it aborts first. */
  add(request: SendRequest, options: WaitOptions): Promise<MinedTransaction>;
  /** Ends the wait of all who wait for at most that depth. */
  settle(key: string, outcome: Outcome): void;
  reject(key: string, error: unknown): void;
  rejectAll(error: unknown): void;
  /** Whether a caller came before its transaction had settled: it wants a new attempt. Each caller gets one. */
  isRetried(key: string): boolean;
  /** Something new is known, so that patience starts anew; `mark` says what. */
  progress(key: string, mark: string): void;
  /** Rejects all who have waited longer than their patience. */
  expire(errorOf: (key: string) => unknown): void;
}

export interface WaitOptions {
  /** Blocks. */
  readonly depth: number;
  readonly signal?: AbortSignal;
}

export interface Outcome {
  readonly depth: number;
  readonly mined: MinedTransaction;
  /** Why it had no effect. */
  readonly error?: unknown;
}

interface Waiter {
  readonly request: SendRequest;
  readonly depth: number;
  readonly done: PromiseWithResolvers<MinedTransaction>;
  untilMs: number;
  mark: string;
  hasRetried: boolean;
}

export function createSendWaiters(clock: Pick<Clock, "now">, patienceMs: number): SendWaiters {
  const all = new Map<string, Set<Waiter>>();

  const of = (key: string) => [...all.get(key) ?? []];
  function remove(waiter: Waiter): void {
    const { key } = waiter.request;
    const others = all.get(key);
    others?.delete(waiter);
    if (others?.size === 0) all.delete(key);
  }
  function end(waiter: Waiter, finish: (done: Waiter["done"]) => void): void {
    remove(waiter);
    finish(waiter.done);
  }
  const everyone = () => [...all.values()].flatMap((some) => [...some]);

  return {
    size: () => all.size,
    has: (key) => all.has(key),
    list: () =>
      [...all].map(([key, some]) => {
        const waiters = [...some];
        return { key, request: waiters[0]!.request, depths: [...new Set(waiters.map(({ depth }) => depth))] };
      }),
    add(request, { depth, signal }) {
      const done = Promise.withResolvers<MinedTransaction>();
      const untilMs = clock.now() + patienceMs;
      const waiter: Waiter = { request, depth, done, untilMs, mark: "", hasRetried: false };
      const some = all.get(request.key) ?? new Set();
      all.set(request.key, some.add(waiter));
      if (signal === undefined) return done.promise;
      const abort = () => end(waiter, ({ reject }) => reject(signal.reason));
      signal.addEventListener("abort", abort, { once: true });
      const settled = () => signal.removeEventListener("abort", abort);
      done.promise.then(settled, settled);
      return done.promise;
    },
    settle(key, { depth, mined, error }) {
      for (const waiter of of(key)) {
        if (waiter.depth > depth) continue;
        end(waiter, ({ resolve, reject }) => error === undefined ? resolve(mined) : reject(error));
      }
    },
    reject(key, error) {
      for (const waiter of of(key)) end(waiter, ({ reject }) => reject(error));
    },
    rejectAll(error) {
      for (const waiter of everyone()) end(waiter, ({ reject }) => reject(error));
    },
    isRetried(key) {
      const fresh = of(key).filter(({ hasRetried }) => !hasRetried);
      for (const waiter of fresh) waiter.hasRetried = true;
      return fresh.length > 0;
    },
    progress(key, mark) {
      for (const waiter of of(key)) {
        if (waiter.mark === mark) continue;
        waiter.mark = mark;
        waiter.untilMs = clock.now() + patienceMs;
      }
    },
    expire(errorOf) {
      const nowMs = clock.now();
      for (const waiter of everyone()) {
        if (nowMs >= waiter.untilMs) end(waiter, ({ reject }) => reject(errorOf(waiter.request.key)));
      }
    },
  };
}
