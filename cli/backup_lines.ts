import { PotError } from "../lib/core/errors.ts";

/** What went wrong, as one line. */
export function errorText(error: unknown): string {
  if (error instanceof PotError) return [error.message, ...error.facts].join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** A length for people. */
export function sizeText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
