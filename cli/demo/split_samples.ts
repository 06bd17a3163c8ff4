import { UsageError } from "../../lib/core/errors.ts";
import { createSeededRandom, shuffle } from "./seeded_random.ts";

/** A sample as far as splitting cares. */
export interface LabelledSample {
  readonly label: number;
}

/** Samples to learn from, and samples that are only looked at to see how well that went. */
export interface SampleSplit<T> {
  readonly trainingSet: readonly T[];
  readonly validationSet: readonly T[];
}

/** Options of {@linkcode splitSamples}. */
export interface SplitOptions {
  /** Decides which samples go where: a whole number from 0 to 2^32 - 1. */
  readonly seed: number;
  /** Part of each class that is set aside for validation, above 0 and below 1. @default 0.3 */
  readonly validationFraction?: number;
}

/**
 * Splits samples so that both parts have the classes in the same proportions (stratified), the same way each time for
 * the same seed. Each part keeps the order the samples came in.
 *
 * @throws {UsageError} when the fraction leaves a class with no sample on one side
 */
export function splitSamples<T extends LabelledSample>(
  samples: readonly T[],
  { seed, validationFraction = 0.3 }: SplitOptions,
): SampleSplit<T> {
  const random = createSeededRandom(seed);
  const validation = new Set<number>();
  const byLabel = Map.groupBy(samples.keys(), (index) => samples[index]!.label);
  for (const [label, indices] of [...byLabel].sort(([a], [b]) => a - b)) {
    const count = Math.round(indices.length * validationFraction);
    if (!(count > 0 && count < indices.length)) {
      throw new UsageError("Cannot split the samples as a class would be missing on one side", {
        facts: [
          `class: ${label}`,
          `samples: ${indices.length}`,
          `validation fraction: ${validationFraction}`,
        ],
        hint: "use a fraction that leaves at least one sample of each class on both sides",
      });
    }
    for (const index of shuffle(indices, random).slice(0, count)) validation.add(index);
  }
  return {
    trainingSet: samples.filter((_, index) => !validation.has(index)),
    validationSet: samples.filter((_, index) => validation.has(index)),
  };
}
