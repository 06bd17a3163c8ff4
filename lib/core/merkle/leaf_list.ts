import { UsageError } from "../errors.ts";
import { HASH_BYTES, isHash } from "./hash_pair.ts";

/** Leaf hashes as a list, or end to end in one buffer. */
export type LeafHashes = readonly Uint8Array[] | Uint8Array;

/**
 * How many there are, once each is known to be a hash.
 *
 * @throws {UsageError} when one is not 32 bytes
 */
export function countLeaves(leafHashes: LeafHashes): number {
  if (Array.isArray(leafHashes)) return countListed(leafHashes);
  if (leafHashes instanceof Uint8Array && leafHashes.length % HASH_BYTES === 0) {
    return leafHashes.length / HASH_BYTES;
  }
  throw new UsageError(
    "Cannot build the tree as the leaves are neither a list nor a whole number of 32-byte hashes",
  );
}

function countListed(leafHashes: readonly unknown[]): number {
  for (let i = 0; i < leafHashes.length; i++) {
    if (isHash(leafHashes[i])) continue;
    throw new UsageError("Cannot build the tree as a leaf hash is not a Uint8Array of 32 bytes", {
      facts: [`index: ${i}`],
      hint: "hash each entry with leafHash() first",
    });
  }
  return leafHashes.length;
}

/** Copies the leaves from index `from` up to, without, `end` to the start of `target`. */
export function copyLeaves(
  leafHashes: LeafHashes,
  target: Uint8Array,
  { from, end }: { readonly from: number; readonly end: number },
): void {
  if (leafHashes instanceof Uint8Array) {
    target.set(leafHashes.subarray(from * HASH_BYTES, end * HASH_BYTES));
    return;
  }
  for (let i = from; i < end; i++) {
    const hash = leafHashes[i]!;
    const to = (i - from) * HASH_BYTES;
    // target.set() takes twice as long for so few bytes.
    for (let j = 0; j < HASH_BYTES; j++) target[to + j] = hash[j]!;
  }
}
