import { UsageError } from "./errors.ts";

/** A JSON object whose fields are still to be checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The error for one wrong field: its path, what it should look like, and what stands there (cut short). */
export function fieldError(path: string, expected: string, value: unknown): UsageError {
  return new UsageError(`Cannot read the record as ${path} must be ${expected}`, {
    facts: [`${path}: ${describe(value)}`],
  });
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (value === null || typeof value !== "object") return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

/** The value as a plain object with only the allowed fields; throws naming the first field that is not. */
export function readObject(value: unknown, path: string, allowed?: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fieldError(path, "an object", value);
  }
  for (const name of allowed === undefined ? [] : Object.keys(value)) {
    if (!allowed!.includes(name)) {
      throw new UsageError(`Cannot read the record as ${path} has an unknown field`, {
        facts: [`field: ${JSON.stringify(name.slice(0, 80))}`, `known: ${allowed!.join(", ")}`],
      });
    }
  }
  return value as Fields;
}

/** A string that matches the pattern. */
export function readPattern(value: unknown, path: string, pattern: RegExp, expected: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw fieldError(path, expected, value);
  return value;
}

const HEX_32 = /^[0-9a-f]{64}$/;

/** 32 bytes as 64 lowercase hex characters. */
export function readDigest(value: unknown, path: string): string {
  return readPattern(value, path, HEX_32, "64 lowercase hex characters");
}

/** A non-empty string without control characters. */
export function readText(value: unknown, path: string, maxLength: number): string {
  if (typeof value === "string" && value.length > 0 && value.length <= maxLength && !/\p{Cc}/u.test(value)) {
    return value;
  }
  throw fieldError(path, `text of 1 to ${maxLength} characters without control characters`, value);
}

const BIG_DECIMAL = /^(?:0|[1-9][0-9]{0,77})$/;

/** A whole number from 0: a safe integer, or past 2^53 a decimal string. */
export function readWhole(value: unknown, path: string): number | string {
  if (Number.isSafeInteger(value) && (value as number) >= 0) {
    return Object.is(value, -0) ? 0 : value as number;
  }
  if (typeof value === "string" && BIG_DECIMAL.test(value) && !Number.isSafeInteger(Number(value))) {
    return value;
  }
  throw fieldError(path, "a whole number from 0 (past 2^53 a decimal string)", value);
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** RFC 3339 in UTC with milliseconds and `Z`; a date that does not exist is refused. */
export function readTimestamp(value: unknown, path: string): string {
  const expected = "a UTC time such as 2026-01-31T12:00:00.000Z";
  const text = readPattern(value, path, TIMESTAMP, expected);
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== text) throw fieldError(path, expected, value);
  return text;
}
