import { equalBytes } from "../equal_bytes.ts";
import { PotError } from "../errors.ts";
import { HASH_BYTES } from "./hash_pair.ts";
import { nobleRowHasher } from "./noble_row_hasher.ts";
import type { RowHasher } from "./row_hasher.ts";
import { createSimdRowHasher } from "./simd_row_hasher.ts";

/** Picks who hashes the rows of trees. */
export interface RowHasherChoice {
  /** For a tree of that many leaves. The first large one starts the fast engine; small ones never do. */
  forLeaves(leafCount: number): RowHasher;
  /** Why the reference does all the work, where the fast engine was tried in vain. */
  readonly failure: unknown;
}

/** With fewer, the reference is done before the fast engine would be started. */
const LEAVES_WORTH_A_START = 64;

/**
 * Starts the fast engine with the first tree that is worth it and checks it against `@noble/hashes`. Where that fails
 * for any reason, wrong results included, the reference serves for good: slower, never wrong.
 */
export function createRowHasherChoice(createEngine: () => RowHasher): RowHasherChoice {
  let engine: RowHasher | undefined;
  let failure: unknown;
  return {
    forLeaves(leafCount) {
      if (leafCount < LEAVES_WORTH_A_START) return nobleRowHasher;
      if (engine !== undefined) return engine;
      try {
        engine = checked(createEngine());
      } catch (error) {
        failure = error;
        engine = nobleRowHasher;
      }
      return engine;
    },
    get failure() {
      return failure;
    },
  };
}

/** The choice of this process. */
export const rowHashers: RowHasherChoice = createRowHasherChoice(createSimdRowHasher);

/** A full group of four and one of three. The reference takes about 0.1 ms for each, as it has just been loaded. */
const CHECKED_PAIRS = 7;

/** @throws {PotError} when the engine and the reference disagree */
function checked(engine: RowHasher): RowHasher {
  const nodes = new Uint8Array(CHECKED_PAIRS * 3 * HASH_BYTES);
  const to = CHECKED_PAIRS * 2 * HASH_BYTES;
  let state = 0x9e3779b9;
  for (let i = 0; i < to; i++) {
    // Xorshift: bytes without a pattern that a broken engine could share.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    nodes[i] = state;
  }
  const expected = nodes.slice();
  nobleRowHasher.hashPairs(expected, 0, to, CHECKED_PAIRS);
  engine.hashPairs(nodes, 0, to, CHECKED_PAIRS);
  if (equalBytes(nodes, expected)) return engine;
  throw new PotError("Cannot hash trees fast as the engine and @noble/hashes disagree", {
    facts: [`engine: ${engine.name}`],
  });
}
