import { sha256 } from "@noble/hashes/sha2.js";
import { rowHashers } from "./fastest_row_hasher.ts";
import { HASH_BYTES, hashPair } from "./hash_pair.ts";
import { copyLeaves, countLeaves, type LeafHashes } from "./leaf_list.ts";
import type { TreeOptions } from "./merkle_tree.ts";

/** The root of a tree whose leaves come bit by bit and are not kept. */
export interface RootAccumulator {
  /** Number of leaves so far. */
  readonly size: bigint;
  /**
   * Adds leaves behind those so far: all of them, or none where it throws.
   *
   * @throws {UsageError} when a leaf hash is not 32 bytes
   */
  append(leafHashes: LeafHashes): void;
  /** The RFC 6962 root over the leaves so far, 32 bytes; SHA-256 of nothing for none. More leaves may follow. */
  root(): Uint8Array;
}

/** The hash of a complete subtree of 2^level leaves. */
interface Subtree {
  readonly level: number;
  readonly hash: Uint8Array;
}

/** Leaves that wait to be hashed together; a power of two. 64 KiB. */
const CHUNK_LEAVES = 2048;

/**
 * Computes the root of any number of leaves in one pass, in memory for 2 048 leaves and one hash a level. Leaves may be
 * appended in chunks of any size; large ones cost less each.
 *
 * @example
 * ```ts
 * import { createRootAccumulator, leafHash } from "@pot/ops";
 * const accumulator = createRootAccumulator();
 * for (const text of ["first", "second", "third"]) {
 *   accumulator.append([leafHash(new TextEncoder().encode(text))]);
 * }
 * console.log(accumulator.size, accumulator.root().toHex());
 * ```
 */
export function createRootAccumulator({ rowHasher }: TreeOptions = {}): RootAccumulator {
  let waiting: Uint8Array = new Uint8Array();
  let waitingCount = 0;
  /** Leaves in `subtrees`, which are the complete ones that they fall into, left to right. */
  let settledCount = 0;
  const subtrees: Subtree[] = [];

  function reserve(count: number): void {
    const needed = count * HASH_BYTES;
    if (waiting.length >= needed) return;
    const larger = new Uint8Array(Math.min(Math.max(needed, 2 * waiting.length), CHUNK_LEAVES * HASH_BYTES));
    larger.set(waiting);
    waiting = larger;
  }

  /** Hashes what waits, so that nothing does. */
  function settle(): void {
    const hasher = rowHasher ?? rowHashers.forLeaves(settledCount + waitingCount);
    for (let at = 0; at < waitingCount;) {
      // The largest complete subtree of the whole tree that starts here.
      let level = 0;
      let width = 1;
      while (2 * width <= waitingCount - at && settledCount % (2 * width) === 0) {
        width *= 2;
        level++;
      }
      const start = at * HASH_BYTES;
      for (let count = width; count > 1; count /= 2) hasher.hashPairs(waiting, start, start, count / 2);
      add({ level, hash: waiting.slice(start, start + HASH_BYTES) });
      settledCount += width;
      at += width;
    }
    waitingCount = 0;
  }

  function add({ level, hash }: Subtree): void {
    while (subtrees.at(-1)?.level === level) {
      hash = hashPair(subtrees.pop()!.hash, hash);
      level++;
    }
    subtrees.push({ level, hash });
  }

  return {
    get size() {
      return BigInt(settledCount + waitingCount);
    },
    append(leafHashes) {
      const count = countLeaves(leafHashes);
      for (let from = 0; from < count;) {
        // Up to where a chunk ends, so that full chunks are subtrees.
        const room = CHUNK_LEAVES - settledCount % CHUNK_LEAVES - waitingCount;
        const end = Math.min(count, from + room);
        reserve(waitingCount + end - from);
        copyLeaves(leafHashes, waiting.subarray(waitingCount * HASH_BYTES), { from, end });
        waitingCount += end - from;
        if (end - from === room) settle();
        from = end;
      }
    },
    root() {
      settle();
      if (subtrees.length === 0) return sha256(new Uint8Array());
      return subtrees.map(({ hash }) => hash).reduceRight((right, left) => hashPair(left, right)).slice();
    },
  };
}
