import { sha256 } from "@noble/hashes/sha2.js";
import { PotError } from "../errors.ts";
import { hashPair, isHash } from "./hash_pair.ts";
import { completeSubtrees, consistencyRanges, inclusionRanges, type LeafRange } from "./proof_ranges.ts";
import { requireLeafIndex, requireOldSize, requireTreeSize } from "./tree_size.ts";

/**
 * Reads the stored hash of the complete subtree of `2^level` leaves that starts at leaf `index * 2^level`; level 0 is a
 * leaf hash. It is asked only for subtrees that are complete at the size in question, several at once, and MUST reject
 * when it has no such hash.
 */
export interface NodeReader {
  (level: number, index: bigint): Promise<Uint8Array>;
}

/**
 * The RFC 6962 root over the first `size` leaves, from at most 64 stored hashes. SHA-256 of nothing for size 0.
 *
 * @throws {UsageError} when `size` is not a bigint from 0 to 2^64 - 1
 * @throws {PotError} when a stored hash is not 32 bytes
 */
export async function rootFromNodes(size: bigint, readNode: NodeReader): Promise<Uint8Array> {
  requireTreeSize(size);
  if (size === 0n) return sha256(new Uint8Array());
  return await rangeHash({ start: 0n, width: size }, readNode);
}

/**
 * The audit path of the leaf at `index` among the first `size` leaves, leaf to root (RFC 6962 §2.1.1).
 *
 * @throws {UsageError} when `index` is not a leaf of that tree
 * @throws {PotError} when a stored hash is not 32 bytes
 */
export async function inclusionPathFromNodes(
  index: bigint,
  size: bigint,
  readNode: NodeReader,
): Promise<Uint8Array[]> {
  requireLeafIndex(index, size);
  return await Promise.all(inclusionRanges(index, size).map((range) => rangeHash(range, readNode)));
}

/**
 * The proof that the tree of the first `newSize` leaves extends that of the first `oldSize` (RFC 6962 §2.1.2).
 *
 * @throws {UsageError} unless 1 ≤ `oldSize` ≤ `newSize`
 * @throws {PotError} when a stored hash is not 32 bytes
 */
export async function consistencyPathFromNodes(
  oldSize: bigint,
  newSize: bigint,
  readNode: NodeReader,
): Promise<Uint8Array[]> {
  requireOldSize(oldSize, newSize);
  return await Promise.all(consistencyRanges(oldSize, newSize).map((range) => rangeHash(range, readNode)));
}

/**
 * The hashes of those subtrees.
 *
 * @throws {PotError} when a stored hash is not 32 bytes
 */
export async function rangesFromNodes(
  ranges: readonly LeafRange[],
  readNode: NodeReader,
): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  // Some at a time, as there may be many, and each waits for several stored hashes.
  for (let from = 0; from < ranges.length; from += RANGES_AT_ONCE) {
    const some = ranges.slice(from, from + RANGES_AT_ONCE);
    hashes.push(...await Promise.all(some.map((range) => rangeHash(range, readNode))));
  }
  return hashes;
}

const RANGES_AT_ONCE = 256;

async function rangeHash(range: LeafRange, readNode: NodeReader): Promise<Uint8Array> {
  const subtrees = completeSubtrees(range);
  const hashes = await Promise.all(subtrees.map(({ level, index }) => readChecked(level, index, readNode)));
  return hashes.reduceRight((right, left) => hashPair(left, right));
}

async function readChecked(level: number, index: bigint, readNode: NodeReader): Promise<Uint8Array> {
  const hash = await readNode(level, index);
  if (!isHash(hash)) {
    throw new PotError("Cannot compute the tree as a stored hash is not 32 bytes", {
      facts: [`level: ${level}`, `index: ${index}`],
    });
  }
  return hash;
}
