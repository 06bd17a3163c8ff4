/** Runs work one piece at a time, in the order of the calls. */
export interface Turns {
  /** Rejects with the signal's reason when it aborts before the turn comes. */
  run<T>(work: () => Promise<T>, options?: { readonly signal?: AbortSignal }): Promise<T>;
}

/**
 * Within a process, a queue in front of the file lock: without it, whoever polls for the lock would wait behind a
 * neighbour that takes it again at once.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async run(work, { signal } = {}) {
      const before = last;
      const { promise: done, resolve: finish } = Promise.withResolvers<void>();
      last = before.then(() => done);
      try {
        await untilAborted(before, signal);
        return await work();
      } finally {
        finish();
      }
    },
  };
}

async function untilAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
