import type { SampleMatrix } from "./mlp.ts";

/** A sample as it is measured. */
export interface MeasuredSample {
  readonly features: readonly number[];
  readonly label: number;
}

/** What takes each feature to mean 0 and standard deviation 1 on the samples it was measured on. */
export interface Standardization {
  readonly mean: Float32Array;
  /** Standard deviation; 1 for a feature that never varies. */
  readonly scale: Float32Array;
}

/** Measures each feature. Hand in the training set only: what is known of the validation set would flatter its result. */
export function measureStandardization(samples: readonly MeasuredSample[]): Standardization {
  const featureCount = samples[0]?.features.length ?? 0;
  const mean = new Float32Array(featureCount);
  const scale = new Float32Array(featureCount);
  for (let i = 0; i < featureCount; i++) {
    const average = samples.reduce((sum, { features }) => sum + features[i]!, 0) / samples.length;
    const variance = samples.reduce((sum, { features }) => sum + (features[i]! - average) ** 2, 0) /
      samples.length;
    mean[i] = average;
    scale[i] = variance === 0 ? 1 : Math.sqrt(variance);
  }
  return { mean, scale };
}

/** The samples in the form the network reads, each feature less its mean and divided by its scale. */
export function standardize(
  samples: readonly MeasuredSample[],
  { mean, scale }: Standardization,
): SampleMatrix {
  return {
    features: Float32Array.from(
      samples.flatMap(({ features }) => features.map((value, i) => (value - mean[i]!) / scale[i]!)),
    ),
    labels: Uint8Array.from(samples, ({ label }) => label),
  };
}
