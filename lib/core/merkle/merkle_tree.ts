import { sha256 } from "@noble/hashes/sha2.js";
import { rowHashers } from "./fastest_row_hasher.ts";
import { HASH_BYTES } from "./hash_pair.ts";
import { copyLeaves, countLeaves, type LeafHashes } from "./leaf_list.ts";
import { consistencyRanges, levelOf } from "./proof_ranges.ts";
import type { RowHasher } from "./row_hasher.ts";
import { requireLeafIndex, requireOldSize } from "./tree_size.ts";

/** A Merkle tree held in memory. It never changes; what it returns is the caller's to keep. */
export interface MerkleTree {
  /** Number of leaves. */
  readonly size: bigint;
  /** 32 bytes; SHA-256 of nothing for the empty tree. */
  root(): Uint8Array;
  /**
   * The audit path of a leaf, leaf to root (RFC 6962 §2.1.1).
   *
   * @throws {UsageError} when `index` is not a leaf of the tree
   */
  inclusionPath(index: bigint): Uint8Array[];
  /**
   * The proof that this tree extends the one over its first `oldSize` leaves (RFC 6962 §2.1.2).
   *
   * @throws {UsageError} unless 1 ≤ `oldSize` ≤ `size`
   */
  consistencyPath(oldSize: bigint): Uint8Array[];
}

/** How a tree is computed; what it is does not depend on it. */
export interface TreeOptions {
  /**
   * Who hashes, such as {@linkcode nobleRowHasher} for an audit by the reference alone.
   *
   * @default the fastest that works here, once it agreed with the reference
   */
  readonly rowHasher?: RowHasher;
}

/** One row of the tree: where it starts among the nodes, and how many there are. */
interface Level {
  readonly first: number;
  readonly count: number;
}

/**
 * Builds the RFC 6962 tree over the leaf hashes, given as a list or as one buffer that holds them end to end. Takes 64
 * bytes of memory a leaf; the input is copied.
 *
 * All rows stand in one buffer. A row's odd last node moves up unchanged, which gives the same tree as the RFC's split
 * at the largest power of two.
 *
 * @throws {UsageError} when a leaf hash is not 32 bytes
 */
export function createMerkleTree(leafHashes: LeafHashes, { rowHasher }: TreeOptions = {}): MerkleTree {
  const leafCount = countLeaves(leafHashes);
  const levels = levelsFor(leafCount);
  const top = levels.at(-1)!;
  const nodes = new Uint8Array((top.first + top.count) * HASH_BYTES);
  copyLeaves(leafHashes, nodes, { from: 0, end: leafCount });
  hashLevels(nodes, levels, rowHasher ?? rowHashers.forLeaves(leafCount));

  const size = BigInt(leafCount);
  const node = (level: number, index: number): Uint8Array => {
    const offset = (levels[level]!.first + index) * HASH_BYTES;
    // A subarray would keep the whole tree alive, and let a caller change it; slice() takes about three times as long.
    const hash = new Uint8Array(HASH_BYTES);
    for (let i = 0; i < HASH_BYTES; i++) hash[i] = nodes[offset + i]!;
    return hash;
  };

  return {
    size,
    root: () => leafCount === 0 ? sha256(new Uint8Array()) : node(levels.length - 1, 0),
    inclusionPath(index) {
      requireLeafIndex(index, size);
      const path: Uint8Array[] = [];
      let position = Number(index);
      for (let level = 0; level < levels.length - 1; level++) {
        const sibling = position ^ 1;
        if (sibling < levels[level]!.count) path.push(node(level, sibling));
        position >>= 1;
      }
      return path;
    },
    consistencyPath(oldSize) {
      requireOldSize(oldSize, size);
      return consistencyRanges(oldSize, size).map(({ start, width }) => {
        const level = levelOf(width);
        return node(level, Number(start >> BigInt(level)));
      });
    },
  };
}

function levelsFor(leafCount: number): Level[] {
  const levels: Level[] = [{ first: 0, count: leafCount }];
  for (let count = leafCount, first = 0; count > 1;) {
    first += count;
    count = Math.ceil(count / 2);
    levels.push({ first, count });
  }
  return levels;
}

function hashLevels(nodes: Uint8Array, levels: readonly Level[], hasher: RowHasher): void {
  for (let level = 1; level < levels.length; level++) {
    const below = levels[level - 1]!;
    const from = below.first * HASH_BYTES;
    const end = from + below.count * HASH_BYTES;
    const to = levels[level]!.first * HASH_BYTES;
    const pairCount = below.count >> 1;
    hasher.hashPairs(nodes, from, to, pairCount);
    if (below.count % 2 === 1) nodes.copyWithin(to + pairCount * HASH_BYTES, end - HASH_BYTES, end);
  }
}
