import { equalBytes } from "../equal_bytes.ts";
import { hashPair, isHash } from "./hash_pair.ts";
import { isTreeSize } from "./tree_size.ts";

/** The claim that a leaf stands at an index of a tree with a known root. */
export interface InclusionClaim {
  /** 32 bytes, as {@linkcode leafHash} returns. */
  readonly leafHash: Uint8Array;
  /** Position of the leaf, from 0 and below `size`. */
  readonly index: bigint;
  /** Number of leaves of the tree. */
  readonly size: bigint;
  /** 32-byte hashes, leaf to root. */
  readonly path: readonly Uint8Array[];
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** A leaf lies at most this deep in a tree of less than 2^64 leaves. */
const MAX_PATH_LENGTH = 64;

/**
 * Whether the path leads from the leaf at that index to the root (RFC 9162 §2.1.3.2). False for everything else,
 * malformed or hostile input of any type included; it never throws.
 *
 * @example
 * ```ts
 * import { inclusionPath, leafHash, merkleRoot, verifyInclusion } from "@pot/ops";
 * const leaves = ["first", "second", "third"].map((text) => leafHash(new TextEncoder().encode(text)));
 * const proof = { index: 1n, size: 3n, path: inclusionPath(leaves, 1n), root: merkleRoot(leaves) };
 * console.log(verifyInclusion({ leafHash: leaves[1]!, ...proof })); // true
 * console.log(verifyInclusion({ leafHash: leaves[0]!, ...proof })); // false
 * ```
 */
export function verifyInclusion(claim: InclusionClaim): boolean {
  try {
    return leadsToRoot(claim);
  } catch {
    // Null, a getter or a proxy that throws: no proof either.
    return false;
  }
}

function leadsToRoot({ leafHash, index, size, path, root }: InclusionClaim): boolean {
  if (!isHash(leafHash) || !isHash(root)) return false;
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) return false;
  if (!Array.isArray(path)) return false;
  const pathLength = path.length;
  if (pathLength > MAX_PATH_LENGTH) return false;

  // The RFC's fn and sn: where the known node and the last node stand in their row.
  let position = index;
  let last = size - 1n;
  let hash = leafHash;
  for (let i = 0; i < pathLength; i++) {
    const sibling: unknown = path[i];
    if (!isHash(sibling) || last === 0n) return false;
    if ((position & 1n) === 1n) {
      hash = hashPair(sibling, hash);
    } else if (position < last) {
      hash = hashPair(hash, sibling);
    } else {
      // The odd last node of a row was promoted until it became a right child.
      while ((position & 1n) === 0n) {
        position >>= 1n;
        last >>= 1n;
      }
      hash = hashPair(sibling, hash);
    }
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n && equalBytes(hash, root);
}
