import { createMerkleTree } from "./merkle_tree.ts";

/**
 * The RFC 6962 root over leaf hashes, 32 bytes; SHA-256 of nothing for no leaves. For many proofs over the same leaves,
 * build the tree once with {@linkcode createMerkleTree}.
 *
 * @example
 * ```ts
 * import { leafHash, merkleRoot } from "@pot/ops";
 * const entries = ["first", "second", "third"].map((text) => new TextEncoder().encode(text));
 * console.log(merkleRoot(entries.map(leafHash)).toHex());
 * ```
 *
 * @throws {UsageError} when a leaf hash is not 32 bytes
 */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  return createMerkleTree(leafHashes).root();
}
