/** How far a value may be from what is usual. */
export interface OutOfPatternOptions {
  /** Robust standard deviations that are still usual. @default 6 */
  readonly deviations?: number;
  /** With fewer earlier values nothing is known to be usual, so nothing is out of it. @default 8 */
  readonly leastHistory?: number;
  /** A smaller difference from the median is never out of pattern, in the values' own unit. @default 0 */
  readonly leastDifference?: number;
  /** The spread counts as at least this share of the median, so that a very even history does not make a small change look large. @default 0.1 */
  readonly leastSpread?: number;
  /** Which side counts. @default "above" */
  readonly side?: "above" | "below" | "both";
}

/** What is usual, and where a value stands to it. */
export interface PatternVerdict {
  /** It is further from what is usual than it may be, on a side that counts. */
  readonly isOut: boolean;
  /** Of the history; 0 for none. */
  readonly median: number;
  /** Robust standard deviation that was reckoned with; 0 where all is equal and the median is 0. */
  readonly spread: number;
  /** Deviations from the median, signed; infinite where the spread is 0 and the value is another one. */
  readonly score: number;
}

/** Makes the median absolute deviation estimate the standard deviation of a normal distribution: 1 / Φ⁻¹(3/4). */
const MAD_SCALE = 1.4826;
/** The same for the mean absolute deviation: √(π/2) (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
const MEAN_SCALE = 1.2533;

/**
 * Holds a value against its history by median and median absolute deviation, which outliers in that history move as little as
 * half of it can: a burst of yesterday does not hide the one of today, and no distribution is assumed. Where more than half of
 * the history is one value, that deviation is 0 and the mean one is taken.
 *
 * Values that are not finite numbers are left out of the history; of a value that is none, nothing is said.
 */
export function comparePattern(
  history: readonly number[],
  value: number,
  options: OutOfPatternOptions = {},
): PatternVerdict {
  const { deviations = 6, leastHistory = 8, leastDifference = 0, leastSpread = 0.1, side = "above" } =
    options;
  const known = history.filter(Number.isFinite);
  const median = medianOf(known);
  const distances = known.map((one) => Math.abs(one - median));
  const mad = medianOf(distances) * MAD_SCALE;
  const mean = known.length === 0 ? 0 : distances.reduce((sum, one) => sum + one, 0) / known.length;
  const spread = Math.max(mad > 0 ? mad : mean * MEAN_SCALE, leastSpread * Math.abs(median));
  const difference = value - median;
  const score = difference === 0 ? 0 : difference / spread;
  const isKnown = known.length >= Math.max(1, leastHistory) && !Number.isNaN(value);
  const isFar = Math.abs(score) > deviations && Math.abs(difference) > leastDifference;
  const isWatched = side === "both" || (side === "above" ? difference > 0 : difference < 0);
  return { isOut: isKnown && isFar && isWatched, median, spread, score };
}

/** Whether a value is out of the pattern of its history, as {@linkcode comparePattern} tells. */
export function isOutOfPattern(
  history: readonly number[],
  value: number,
  options: OutOfPatternOptions = {},
): boolean {
  return comparePattern(history, value, options).isOut;
}

/** The middle value, or the mean of the two in the middle; 0 for none. */
export function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
