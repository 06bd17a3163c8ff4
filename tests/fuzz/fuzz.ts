import assert from "node:assert/strict";
import { PotError } from "../../lib/core/errors.ts";
import { seededRandom } from "../_fakes/mutate.ts";

/** Something that reads hostile input. */
export interface FuzzTarget {
  readonly name: string;
  /**
   * Makes a damaged input from `random` and reads it. Returns normally when it was read as what it is or refused by value;
   * throws a PotError for a refusal; throws anything else (an AssertionError too) for a defect.
   */
  readonly tryOne: (random: () => number) => void | Promise<void>;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Stops after the first case that ends later. */
  readonly budgetMs: number;
  /** @default no limit */
  readonly mostCases?: number;
}

/** One case takes a few milliseconds; this much more is a hang, or work that grows faster than the input. */
const LONGEST_CASE_MS = 3_000;
const MOST_MESSAGE_CHARACTERS = 400;

/**
 * Tries damaged inputs one after the other, each from a seed of its own; returns how many. A failure names that seed:
 * `fuzz(target, { seed, budgetMs: 0 })` runs just that case.
 */
export async function fuzz(
  target: FuzzTarget,
  { seed, budgetMs, mostCases = Infinity }: FuzzOptions,
): Promise<number> {
  const endMs = performance.now() + budgetMs;
  let count = 0;
  do {
    const caseSeed = seed + count;
    const startMs = performance.now();
    try {
      await target.tryOne(seededRandom(caseSeed));
    } catch (error) {
      try {
        assertClear(error);
      } catch (cause) {
        throw new Error(
          `${target.name} fails for seed ${caseSeed}: ${cause instanceof Error ? cause.message : cause}`,
          { cause },
        );
      }
    }
    const tookMs = performance.now() - startMs;
    if (tookMs > LONGEST_CASE_MS) {
      throw new Error(`${target.name} takes ${tookMs.toFixed(0)} ms for seed ${caseSeed}`);
    }
    count++;
  } while (performance.now() < endMs && count < mostCases);
  return count;
}

/** One clear error: ours, "Cannot …", short whatever the input's size. */
function assertClear(error: unknown): void {
  if (!(error instanceof PotError)) throw error;
  assert.match(error.message, /^Cannot /);
  for (const text of [error.message, ...error.facts]) {
    assert.ok(text.length <= MOST_MESSAGE_CHARACTERS, `a message of ${text.length} characters`);
  }
}
