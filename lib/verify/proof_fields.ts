import { fromBase64 } from "../core/base64.ts";
import { PotError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";

/** The last second of year 9999: what a date can show. */
const MAX_UNIX_SECONDS = 253_402_300_799;

/** An object from JSON, its values not looked at yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is thrown for a field that is not as it must be: names the field, and shows a short scalar only. */
export function wrong(at: string, expected: string, value: unknown): PotError {
  const shown = isObject(value) || Array.isArray(value)
    ? "an object or list"
    : String(JSON.stringify(value)).slice(0, 80);
  return new PotError(`Cannot read the proof as ${at} must be ${expected}`, {
    facts: [`${at}: ${shown}`],
    hint: "write the proof again with: pot prove <id>",
  });
}

/** Whether the value is an object of named fields. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {PotError} unless the value is an object with no other fields than those */
export function object(value: unknown, at: string, allowed: readonly string[]): Fields {
  if (!isObject(value)) throw wrong(at, "an object", value);
  const surplus = Object.keys(value).find((name) => !allowed.includes(name));
  if (surplus !== undefined) {
    throw wrong(at, `without the unknown field ${JSON.stringify(surplus.slice(0, 80))}`, value);
  }
  return value;
}

/** @throws {PotError} unless the value is a list of at most so many */
export function list(value: unknown, at: string, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxLength) {
    throw wrong(at, `a list of at most ${maxLength}`, value);
  }
  return value;
}

/** @throws {PotError} unless the value is text of at most so many UTF-16 code units */
export function text(value: unknown, at: string, maxLength: number): string {
  if (typeof value !== "string" || value.length > maxLength) {
    throw wrong(at, `text of at most ${maxLength} characters`, value);
  }
  return value;
}

/** @throws {PotError} unless the value is text of that pattern */
export function match(value: unknown, at: string, pattern: RegExp, expected: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw wrong(at, expected, value);
  return value;
}

/** A decimal below 2^63. @throws {PotError} for every other spelling */
export function whole(value: unknown, at: string): bigint {
  const expected = "a decimal string below 2^63, without leading zeros";
  const number = BigInt(match(value, at, /^(?:0|[1-9][0-9]{0,18})$/, expected));
  if (number >= 1n << 63n) throw wrong(at, expected, value);
  return number;
}

/** @throws {PotError} unless the value is a safe integer from 0; -0 would not be written back */
export function count(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || Object.is(value, -0)) {
    throw wrong(at, "a whole number from 0", value);
  }
  return value as number;
}

/** @throws {PotError} unless the value is a second that a date can show */
export function unixSeconds(value: unknown, at: string): number {
  const seconds = count(value, at);
  if (seconds > MAX_UNIX_SECONDS) throw wrong(at, "seconds since 1970, before year 10000", value);
  return seconds;
}

/** 32 bytes from lowercase hex. @throws {PotError} for every other spelling */
export function hash(value: unknown, at: string): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value, 32) : undefined;
  if (bytes === undefined) throw wrong(at, "64 lowercase hex characters", value);
  return bytes;
}

/**
 * Bytes from base64 in its one canonical spelling (RFC 4648 §3.5), from 1 to that many. The length is looked at before anything
 * is decoded.
 *
 * @throws {PotError} for every other spelling or length
 */
export function base64Bytes(value: unknown, at: string, maxBytes: number): Uint8Array {
  const maxLength = 4 * Math.ceil(maxBytes / 3);
  const isText = typeof value === "string" && value.length > 0 && value.length <= maxLength;
  const bytes = isText ? fromBase64(value) : undefined;
  if (bytes !== undefined && bytes.length <= maxBytes) return bytes;
  throw wrong(
    at,
    `canonical base64 of at most ${maxBytes.toLocaleString("en").replaceAll(",", " ")} bytes`,
    value,
  );
}
