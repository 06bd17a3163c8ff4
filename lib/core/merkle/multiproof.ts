import { firstFrom } from "../first_from.ts";
import { hashPair } from "./hash_pair.ts";
import { type LeafRange, splitOf } from "./proof_ranges.ts";

/** A known leaf of a tree. */
export interface KnownLeaf {
  /** Position of the leaf, from 0. */
  readonly index: bigint;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/**
 * The subtrees whose hashes, with the leaves at `indices`, give the roots over the first `sizes[0]`, `sizes[1]`, … leaves: those that
 * hold none of these leaves next to one that does, and so the fewest that do. They come in the order in which a walk from each root
 * meets them, left before right, each once, so that whoever has the leaves needs no positions.
 *
 * `indices` MUST ascend, and `sizes` MUST NOT descend.
 */
export function multiproofRanges(indices: readonly bigint[], sizes: readonly bigint[]): readonly LeafRange[] {
  const ranges: LeafRange[] = [];
  const tree = createWalk<true>(indices, {
    leaf: () => true,
    given: (range) => ranges.push(range) > 0 || undefined,
    join: () => true,
  });
  for (const size of sizes) tree.rootOver(size);
  return ranges;
}

/** Recomputes roots from known leaves and the nodes that a multiproof gives. */
export interface Multiproof {
  /**
   * The root over the first `size` leaves; `undefined` where the nodes do not suffice. Asked for one size after the other, in the order
   * in which the nodes were written.
   */
  rootOver(size: bigint): Uint8Array | undefined;
  /** Nodes that no root took yet: none may be left after the last. */
  unusedCount(): number;
  /** The hash of a subtree on the way to one of these roots, or next to it. Only with `keepsAll`. */
  hashOf(range: LeafRange): Uint8Array | undefined;
}

/** How roots are recomputed. */
export interface MultiproofOptions {
  /** Whether `hashOf` shall know every subtree, which takes memory for each. @default only those that the next root can use */
  readonly keepsAll?: boolean;
}

/**
 * Opens a multiproof as {@linkcode multiproofRanges} lays it out. `leaves` MUST ascend, and the sizes that are asked for MUST NOT descend;
 * all hashes are 32 bytes.
 */
export function openMultiproof(
  leaves: readonly KnownLeaf[],
  nodes: readonly Uint8Array[],
  { keepsAll = false }: MultiproofOptions = {},
): Multiproof {
  let used = 0;
  const tree = createWalk<Uint8Array>(leaves.map(({ index }) => index), {
    leaf: (at) => leaves[at]!.hash,
    given: () => nodes[used++],
    join: hashPair,
    keepsAll,
  });
  return {
    rootOver: tree.rootOver,
    unusedCount: () => Math.max(0, nodes.length - used),
    hashOf: tree.valueOf,
  };
}

interface WalkSteps<T> {
  /** The value of the leaf at that place of the list. */
  readonly leaf: (at: number) => T;
  /** That of a subtree without a known leaf; `undefined` ends the walk. */
  readonly given: (range: LeafRange) => T | undefined;
  readonly join: (left: T, right: T) => T;
  readonly keepsAll?: boolean;
}

interface Walk<T> {
  rootOver(size: bigint): T | undefined;
  valueOf(range: LeafRange): T | undefined;
}

/** One walk serves both sides, so that they cannot disagree about the order of the nodes. At most 64 levels deep. */
function createWalk<T>(
  indices: readonly bigint[],
  { leaf, given, join, keepsAll = false }: WalkSteps<T>,
): Walk<T> {
  // A subtree is named by its leaves alone, so that what one root needed serves the next.
  const known = new Map<string, T>();

  function visit(start: bigint, width: bigint, low: number, high: number): T | undefined {
    const name = `${start}+${width}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    if (low === high) {
      const node = given({ start, width });
      if (node !== undefined) known.set(name, node);
      return node;
    }
    if (width === 1n) {
      const value = leaf(low);
      if (keepsAll) known.set(name, value);
      return value;
    }
    const half = splitOf(width);
    const middle = firstFrom(indices, start + half, low, high);
    const left = visit(start, half, low, middle);
    if (left === undefined) return undefined;
    const right = visit(start + half, width - half, middle, high);
    if (right === undefined) return undefined;
    // Where the tree is ragged a larger one goes on, and so meets these two again; it never looks inside them.
    if (width !== 2n * half) {
      known.set(`${start}+${half}`, left).set(`${start + half}+${width - half}`, right);
    }
    const value = join(left, right);
    if (keepsAll) known.set(name, value);
    return value;
  }

  return {
    rootOver(size) {
      const root = visit(0n, size, 0, firstFrom(indices, size));
      if (root !== undefined) known.set(`0+${size}`, root);
      return root;
    },
    valueOf: ({ start, width }) => known.get(`${start}+${width}`),
  };
}
