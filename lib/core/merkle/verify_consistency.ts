import { equalBytes } from "../equal_bytes.ts";
import { hashPair, isHash } from "./hash_pair.ts";
import { isTreeSize } from "./tree_size.ts";

/** The claim that a tree extends an older one: nothing rewritten, nothing dropped. */
export interface ConsistencyClaim {
  /** Number of leaves of the older tree, at least 1. */
  readonly oldSize: bigint;
  /** 32 bytes. */
  readonly oldRoot: Uint8Array;
  /** Number of leaves of the newer tree, at least `oldSize`. */
  readonly newSize: bigint;
  /** 32 bytes. */
  readonly newRoot: Uint8Array;
  /** 32-byte hashes, in the order of RFC 6962 §2.1.2. */
  readonly path: readonly Uint8Array[];
}

/** The path to a node at most 64 deep, and that node's own hash. */
const MAX_PATH_LENGTH = 65;

/**
 * Whether the path proves that the new tree starts with the old tree's leaves (RFC 9162 §2.1.4.2). Equal sizes are
 * consistent only with equal roots and an empty path; nothing is said about an empty old tree. False for everything
 * else, malformed or hostile input of any type included; it never throws.
 *
 * @example
 * ```ts
 * import { consistencyPath, leafHash, merkleRoot, verifyConsistency } from "@pot/ops";
 * const leaves = ["first", "second", "third"].map((text) => leafHash(new TextEncoder().encode(text)));
 * const isConsistent = verifyConsistency({
 *   oldSize: 2n,
 *   oldRoot: merkleRoot(leaves.slice(0, 2)),
 *   newSize: 3n,
 *   newRoot: merkleRoot(leaves),
 *   path: consistencyPath(leaves, 2n),
 * });
 * console.log(isConsistent); // true
 * ```
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  try {
    return leadsToBothRoots(claim);
  } catch {
    // Null, a getter or a proxy that throws: no proof either.
    return false;
  }
}

function leadsToBothRoots({ oldSize, oldRoot, newSize, newRoot, path }: ConsistencyClaim): boolean {
  if (!isHash(oldRoot) || !isHash(newRoot)) return false;
  if (!isTreeSize(oldSize) || !isTreeSize(newSize) || oldSize === 0n || oldSize > newSize) return false;
  if (!Array.isArray(path)) return false;
  const pathLength = path.length;
  if (pathLength > MAX_PATH_LENGTH) return false;
  if (oldSize === newSize) return pathLength === 0 && equalBytes(oldRoot, newRoot);

  // The walk starts at the largest complete subtree that ends the old tree.
  let position = oldSize - 1n;
  let last = newSize - 1n;
  while ((position & 1n) === 1n) {
    position >>= 1n;
    last >>= 1n;
  }
  // Position 0: that subtree is the whole old tree, whose hash is known and not in the path.
  let next = 0;
  const seed: unknown = position === 0n ? oldRoot : path[next++];
  if (!isHash(seed)) return false;
  let oldHash = seed;
  let newHash = seed;
  for (; next < pathLength; next++) {
    const sibling: unknown = path[next];
    if (!isHash(sibling) || last === 0n) return false;
    if ((position & 1n) === 1n) {
      oldHash = hashPair(sibling, oldHash);
      newHash = hashPair(sibling, newHash);
    } else if (position < last) {
      newHash = hashPair(newHash, sibling);
    } else {
      // The odd last node of a row was promoted until it became a right child.
      while ((position & 1n) === 0n) {
        position >>= 1n;
        last >>= 1n;
      }
      oldHash = hashPair(sibling, oldHash);
      newHash = hashPair(sibling, newHash);
    }
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}
