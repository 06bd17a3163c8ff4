import type { LeafHashes } from "./leaf_list.ts";
import type { TreeOptions } from "./merkle_tree.ts";
import { createRootAccumulator } from "./root_accumulator.ts";

/**
 * The RFC 6962 root over leaf hashes, given as a list or as one buffer that holds them end to end; 32 bytes, SHA-256 of
 * nothing for no leaves. For many proofs over the same leaves, build the tree once with {@linkcode createMerkleTree};
 * for leaves that come bit by bit, use {@linkcode createRootAccumulator}.
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
export function merkleRoot(leafHashes: LeafHashes, options: TreeOptions = {}): Uint8Array {
  const accumulator = createRootAccumulator(options);
  accumulator.append(leafHashes);
  return accumulator.root();
}
