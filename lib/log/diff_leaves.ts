/** How one leaf is not what it should be. Positions are slots of the expected list, from 0. */
export type LeafChange =
  | { readonly kind: "altered" | "missing"; readonly slot: number }
  /** Found before the leaf that is expected at `slot`. */
  | { readonly kind: "added"; readonly slot: number }
  | { readonly kind: "swapped"; readonly slot: number; readonly other: number };

export interface LeafDifference {
  readonly changes: readonly LeafChange[];
  /** For each expected leaf, which of the found ones stands for it; `undefined` where it is gone. */
  readonly foundAt: readonly (number | undefined)[];
}

/**
 * What was done to a list of at most some hundred hashes: of lists of one length place by place, else by their longest
 * common subsequence, so that one dropped leaf does not make all that follow look altered.
 */
export function diffLeaves(expected: readonly string[], found: readonly string[]): LeafDifference {
  return expected.length === found.length ? placeByPlace(expected, found) : aligned(expected, found);
}

function placeByPlace(expected: readonly string[], found: readonly string[]): LeafDifference {
  const wrong = expected.flatMap((hash, slot) => hash === found[slot] ? [] : [slot]);
  const byFound = new Map(wrong.map((slot) => [found[slot]!, slot]));
  const changes: LeafChange[] = [];
  const done = new Set<number>();
  for (const slot of wrong) {
    if (done.has(slot)) continue;
    const other = byFound.get(expected[slot]!);
    if (other !== undefined && other > slot && found[slot] === expected[other]) {
      changes.push({ kind: "swapped", slot, other });
      done.add(other);
    } else {
      changes.push({ kind: "altered", slot });
    }
  }
  return { changes, foundAt: expected.map((_, slot) => slot) };
}

function aligned(expected: readonly string[], found: readonly string[]): LeafDifference {
  const width = found.length + 1;
  // Length of the longest common subsequence of what is left from each pair of places on.
  const lengths = new Uint16Array((expected.length + 1) * width);
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = found.length - 1; j >= 0; j--) {
      lengths[i * width + j] = expected[i] === found[j]
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const changes: LeafChange[] = [];
  const foundAt: (number | undefined)[] = [];
  for (let i = 0, j = 0; i < expected.length || j < found.length;) {
    const isLeft = i < expected.length;
    const isRight = j < found.length;
    if (isLeft && isRight && expected[i] === found[j]) {
      foundAt.push(j);
      i++;
      j++;
    } else if (
      isLeft && isRight &&
      lengths[(i + 1) * width + j + 1] ===
        Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    ) {
      // One for one loses nothing.
      changes.push({ kind: "altered", slot: i });
      foundAt.push(j);
      i++;
      j++;
    } else if (isLeft && (!isRight || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) {
      changes.push({ kind: "missing", slot: i });
      foundAt.push(undefined);
      i++;
    } else {
      changes.push({ kind: "added", slot: i });
      j++;
    }
  }
  return { changes, foundAt };
}
