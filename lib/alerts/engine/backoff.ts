import type { AlertLimits } from "./limits.ts";

/** A pause after so many failures in a row: exponential, and anywhere from nothing to that (full jitter), so that crowds part. */
export function backoffMs(
  failures: number,
  { limits: { backoffMs: first, maxBackoffMs }, random }: {
    readonly limits: Pick<AlertLimits, "backoffMs" | "maxBackoffMs">;
    readonly random: () => number;
  },
): number {
  const longest = Math.min(maxBackoffMs, first * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(random() * longest);
}
