/** Gathers what concurrent callers submit, so that one lock, one write and one fsync serve them all. */
export interface AppendQueue<Item, Result> {
  /** Settles once the item's batch was committed. An abort counts only until the commit takes the item. */
  push(item: Item, options?: { readonly signal?: AbortSignal }): Promise<Result>;
  /** Resolves when nothing waits and nothing is under way. */
  drain(): Promise<void>;
}

export interface AppendQueueOptions<Item, Result> {
  /**
   * Commits one batch: waits for its lock (until `signal` aborts, as nobody waits any more), takes what has come
   * in by then, and answers each item. When it rejects, the whole batch failed.
   */
  readonly commit: (
    take: () => readonly Item[],
    signal: AbortSignal,
  ) => Promise<readonly PromiseSettledResult<Result>[]>;
  /** Most items in one batch. */
  readonly maxBatch: number;
}

interface Waiting<Item, Result> extends PromiseWithResolvers<Result> {
  readonly item: Item;
  readonly stopListening: () => void;
}

export function createAppendQueue<Item, Result>(
  { commit, maxBatch }: AppendQueueOptions<Item, Result>,
): AppendQueue<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let pumping: Promise<void> | undefined;
  let nobodyWaits = new AbortController();

  async function commitOne(): Promise<void> {
    nobodyWaits = new AbortController();
    const { signal } = nobodyWaits;
    let batch: readonly Waiting<Item, Result>[] = [];
    const take = () => {
      batch = waiting.splice(0, maxBatch);
      batch.forEach(({ stopListening }) => stopListening());
      return batch.map(({ item }) => item);
    };
    try {
      const outcomes = await commit(take, signal);
      batch.forEach(({ resolve, reject }, i) => {
        const outcome = outcomes[i]!;
        if (outcome.status === "fulfilled") resolve(outcome.value);
        else reject(outcome.reason);
      });
    } catch (error) {
      // Without a batch it was the lock that failed, for everyone; unless the wait for it was called off.
      if (batch.length === 0 && !signal.aborted) take();
      batch.forEach(({ reject }) => reject(error));
    }
  }

  async function pump(): Promise<void> {
    while (waiting.length > 0) await commitOne();
    pumping = undefined;
  }

  return {
    push(item, { signal } = {}) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      const giveUp = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        entry.reject(signal?.reason);
        if (waiting.length === 0) nobodyWaits.abort();
      };
      const entry: Waiting<Item, Result> = {
        ...Promise.withResolvers<Result>(),
        item,
        stopListening: () => signal?.removeEventListener("abort", giveUp),
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      waiting.push(entry);
      pumping ??= pump();
      return entry.promise;
    },
    async drain() {
      await pumping;
    },
  };
}
