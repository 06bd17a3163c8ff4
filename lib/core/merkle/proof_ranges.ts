/**
 * The leaves from `start` on, `width` of them, whose hash is one node of a proof. `start` is a multiple of the smallest
 * power of two that is at least `width`, so the range is one subtree, complete when `width` is a power of two.
 */
export interface LeafRange {
  /** Index of its first leaf. */
  readonly start: bigint;
  /** How many leaves, at least 1. */
  readonly width: bigint;
}

/** The subtree of `2^level` leaves that starts at leaf `index * 2^level`. */
export interface CompleteSubtree {
  readonly level: number;
  readonly index: bigint;
}

/** The subtrees whose hashes make the audit path of leaf `index` in a tree of `size` leaves, leaf to root (RFC 6962 §2.1.1). */
export function inclusionRanges(index: bigint, size: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0n;
  let width = size;
  while (width > 1n) {
    const split = splitOf(width);
    if (index < start + split) {
      ranges.push({ start: start + split, width: width - split });
      width = split;
    } else {
      ranges.push({ start, width: split });
      start += split;
      width -= split;
    }
  }
  return ranges.reverse();
}

/** The subtrees whose hashes prove that a tree of `newSize` leaves extends one of `oldSize` (RFC 6962 §2.1.2). */
export function consistencyRanges(oldSize: bigint, newSize: bigint): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0n;
  let width = newSize;
  while (start + width !== oldSize) {
    const split = splitOf(width);
    if (oldSize <= start + split) {
      ranges.push({ start: start + split, width: width - split });
      width = split;
    } else {
      ranges.push({ start, width: split });
      start += split;
      width -= split;
    }
  }
  // The verifier knows the old root, so the old tree itself is left out where it is one subtree of the new one.
  if (start !== 0n) ranges.push({ start, width });
  return ranges.reverse();
}

/** The complete subtrees that a range falls into, largest first, which is left to right. */
export function completeSubtrees({ start, width }: LeafRange): CompleteSubtree[] {
  const subtrees: CompleteSubtree[] = [];
  for (let level = levelOf(width); level >= 0; level--) {
    const leafCount = 1n << BigInt(level);
    if ((width & leafCount) === 0n) continue;
    subtrees.push({ level, index: start >> BigInt(level) });
    start += leafCount;
  }
  return subtrees;
}

/** The level at which a subtree of `width` leaves stands: the smallest whose complete subtree holds that many. */
export function levelOf(width: bigint): number {
  return width <= 1n ? 0 : (width - 1n).toString(2).length;
}

/** The largest power of two below `width` (≥ 2): how many leaves go left (RFC 6962 §2.1). */
export function splitOf(width: bigint): bigint {
  return 1n << BigInt(levelOf(width) - 1);
}
