import { equalBytes } from "../core/equal_bytes.ts";
import { createRootAccumulator, type RootAccumulator } from "../core/merkle/root_accumulator.ts";

/** What somebody committed to: the log must have had that root at that size. */
export interface CommittedHead {
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** What became of a commitment. */
export type HeadOutcome =
  | { readonly kind: "holds" }
  /** The log has another root at that size. */
  | { readonly kind: "differs"; readonly derived: Uint8Array }
  /** The log is shorter. */
  | { readonly kind: "beyond"; readonly size: number };

/** Computes the log's root at every size that somebody committed to, in one pass over the leaves. */
export interface HeadChecker {
  /**
   * Takes the next leaves, as the entries give them and as they are stored. They differ only where a finding says so
   * already; a head that either of them gives is then no finding of its own.
   */
  push(fromEntries: Uint8Array, stored: Uint8Array): void;
  /** The root over all leaves so far, from the entries. */
  root(): Uint8Array;
  /** Answers for every head, in order of size. Nothing is pushed after this. */
  outcomes(): ReadonlyMap<CommittedHead, HeadOutcome>;
}

const HASH_BYTES = 32;

/** Heads may come in any order; those of one size are computed once. */
export function createHeadChecker(heads: Iterable<CommittedHead>): HeadChecker {
  const waiting = [...heads].sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
  const outcomes = new Map<CommittedHead, HeadOutcome>();
  const entries = createRootAccumulator();
  const stored = createRootAccumulator();
  let next = 0;
  let size = 0;

  function append(accumulator: RootAccumulator, leaves: Uint8Array, from: number, to: number): void {
    accumulator.append(leaves.subarray(from * HASH_BYTES, to * HASH_BYTES));
  }

  function settle(): void {
    if (next === waiting.length || waiting[next]!.size !== BigInt(size)) return;
    const [fromEntries, fromStored] = [entries.root(), stored.root()];
    for (; next < waiting.length && waiting[next]!.size === BigInt(size); next++) {
      const { root } = waiting[next]!;
      const holds = equalBytes(root, fromEntries) || equalBytes(root, fromStored);
      outcomes.set(waiting[next]!, holds ? { kind: "holds" } : { kind: "differs", derived: fromEntries });
    }
  }

  return {
    push(fromEntries, fromStored) {
      const end = size + fromEntries.length / HASH_BYTES;
      for (let from = 0; size < end;) {
        const stop = next < waiting.length && waiting[next]!.size < BigInt(end)
          ? Number(waiting[next]!.size)
          : end;
        const to = from + stop - size;
        append(entries, fromEntries, from, to);
        append(stored, fromStored, from, to);
        from = to;
        size = stop;
        settle();
      }
    },
    root: () => entries.root(),
    outcomes() {
      for (; next < waiting.length; next++) outcomes.set(waiting[next]!, { kind: "beyond", size });
      return outcomes;
    },
  };
}
