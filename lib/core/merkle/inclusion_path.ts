import { createMerkleTree } from "./merkle_tree.ts";

/**
 * The audit path of the leaf at `index`: the hashes that, with the leaf, lead to the root; leaf to root, at most 64 of
 * 32 bytes (RFC 6962 §2.1.1).
 *
 * @example
 * ```ts
 * import { inclusionPath, leafHash } from "@pot/ops";
 * const leaves = ["first", "second", "third"].map((text) => leafHash(new TextEncoder().encode(text)));
 * console.log(inclusionPath(leaves, 2n).length); // 1: the third leaf is promoted past the first level
 * ```
 *
 * @throws {UsageError} when a leaf hash is not 32 bytes or there is no leaf at `index`
 */
export function inclusionPath(leafHashes: readonly Uint8Array[], index: bigint): Uint8Array[] {
  return createMerkleTree(leafHashes).inclusionPath(index);
}
