import { UsageError } from "../lib/core/errors.ts";
import type { JsonValue, MetricValue } from "../lib/core/record.ts";

/**
 * Reads `--metric name=value`: a number, `NaN`, `Infinity` or `-Infinity`.
 *
 * @throws {UsageError} naming the pair.
 */
export function parseMetrics(pairs: readonly string[]): Record<string, MetricValue> {
  return fromPairs(pairs, "--metric", (text, pair) => {
    if (text === "NaN" || text === "Infinity" || text === "-Infinity") return text;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) {
      throw wrongPair("--metric", pair, "name=number, such as loss=0.25");
    }
    return value;
  });
}

/** Reads `--parameter name=value`: the value is JSON where it parses as JSON, and text otherwise. */
export function parseParameters(pairs: readonly string[]): Record<string, JsonValue> {
  return fromPairs(pairs, "--parameter", (text) => {
    try {
      return JSON.parse(text) as JsonValue;
    } catch {
      return text;
    }
  });
}

function fromPairs<T>(
  pairs: readonly string[],
  option: string,
  read: (text: string, pair: string) => T,
): Record<string, T> {
  const values = new Map<string, T>();
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    if (split < 1) throw wrongPair(option, pair, "name=value");
    const name = pair.slice(0, split);
    if (values.has(name)) throw wrongPair(option, pair, "given once for each name");
    values.set(name, read(pair.slice(split + 1), pair));
  }
  return Object.fromEntries(values);
}

function wrongPair(option: string, pair: string, expected: string): UsageError {
  return new UsageError(`Cannot use ${option} ${JSON.stringify(pair)} as it must be ${expected}`);
}
