import { createMerkleTree } from "./merkle_tree.ts";

/**
 * The hashes that prove that the tree over all the leaves extends the tree over the first `oldSize` of them
 * (RFC 6962 §2.1.2). Empty where the sizes are equal.
 *
 * @example
 * ```ts
 * import { consistencyPath, leafHash } from "@pot/ops";
 * const leaves = ["first", "second", "third"].map((text) => leafHash(new TextEncoder().encode(text)));
 * console.log(consistencyPath(leaves, 2n).length); // 1: the third leaf
 * ```
 *
 * @throws {UsageError} when a leaf hash is not 32 bytes, or unless 1 ≤ `oldSize` ≤ the number of leaves
 */
export function consistencyPath(leafHashes: readonly Uint8Array[], oldSize: bigint): Uint8Array[] {
  return createMerkleTree(leafHashes).consistencyPath(oldSize);
}
