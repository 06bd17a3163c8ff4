import { createHash } from "node:crypto";

/**
 * RFC 6962 §2.1 word for word, with another SHA-256: slow, recursive, and independent of what is tested. Hashes of
 * ranges are kept, so that many sizes cost little.
 */
export class ReferenceTree {
  readonly leaves: readonly Uint8Array[];
  readonly #ranges = new Map<string, Uint8Array>();

  constructor(leafCount: number) {
    this.leaves = Array.from({ length: leafCount }, (_, i) => sha256(Uint8Array.of(0, i & 255, i >> 8)));
  }

  root(size: number): Uint8Array {
    return size === 0 ? sha256(new Uint8Array()) : this.range(0, size);
  }

  /** MTH(D[from:to]). */
  range(from: number, to: number): Uint8Array {
    if (to - from === 1) return this.leaves[from]!;
    const key = `${from}:${to}`;
    let hash = this.#ranges.get(key);
    if (hash === undefined) {
      const middle = from + splitOf(to - from);
      hash = sha256(Uint8Array.of(1), this.range(from, middle), this.range(middle, to));
      this.#ranges.set(key, hash);
    }
    return hash;
  }

  /** PATH(index, D[from:to]). */
  inclusionPath(index: number, to: number, from = 0): Uint8Array[] {
    if (to - from === 1) return [];
    const middle = from + splitOf(to - from);
    return index < middle
      ? [...this.inclusionPath(index, middle, from), this.range(middle, to)]
      : [...this.inclusionPath(index, to, middle), this.range(from, middle)];
  }

  /** PROOF(oldSize, D[0:newSize]). */
  consistencyPath(oldSize: number, newSize: number): Uint8Array[] {
    return this.#subproof(oldSize, 0, newSize, true);
  }

  #subproof(oldSize: number, from: number, to: number, isWholeOldTree: boolean): Uint8Array[] {
    if (oldSize === to) return isWholeOldTree ? [] : [this.range(from, to)];
    const middle = from + splitOf(to - from);
    return oldSize <= middle
      ? [...this.#subproof(oldSize, from, middle, isWholeOldTree), this.range(middle, to)]
      : [...this.#subproof(oldSize, middle, to, false), this.range(from, middle)];
  }
}

function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
