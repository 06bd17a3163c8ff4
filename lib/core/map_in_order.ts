/** How {@linkcode mapInOrder} works. */
export interface MapInOrderOptions {
  /** At most so many are worked on at once, or what is waited for; asked before each. */
  readonly concurrency: () => number;
}

/**
 * Maps a stream with several items under way at once, and hands the results out in the items' order. Takes an item from `items`
 * only when it is about to begin with it, so little is held. Ends at the first error in order; what is under way then is
 * left to its own signal, and its outcome is ignored.
 */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  { concurrency }: MapInOrderOptions,
): AsyncGenerator<Result, void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<Result>[] = [];
  let isDone = false;
  try {
    while (true) {
      while (!isDone && underWay.length < Math.max(1, concurrency())) {
        const next = await iterator.next();
        isDone = next.done === true;
        if (next.done === true) break;
        const result = work(next.value);
        // Reported when its turn comes, or not at all.
        result.catch(() => {});
        underWay.push(result);
      }
      const first = underWay.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    if (!isDone) await iterator.return?.();
  }
}
