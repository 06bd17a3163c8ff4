import { UsageError } from "./errors.ts";
import { formatJsonPath } from "./json_path.ts";

/** Arrays and objects may stand this deep inside each other, which also ends a walk through a cycle. */
const MAX_DEPTH = 64;

/**
 * The value as canonical JSON (RFC 8785): keys in the order of their UTF-16 code units, no white space, numbers as
 * ECMAScript writes them (so -0 is `0`). Equal values give equal text, which makes it fit for hashing.
 *
 * What has no exact JSON form is refused rather than changed or dropped as `JSON.stringify` would: NaN and infinities,
 * undefined, functions, symbols, bigint, lone surrogates, arrays with holes, anything but plain objects and arrays, and
 * nesting deeper than 64.
 *
 * @example
 * ```ts
 * import { canonicalJson } from "@pot/ops";
 * console.log(canonicalJson({ step: 1000, metrics: { loss: 0.250 } })); // {"metrics":{"loss":0.25},"step":1000}
 * ```
 *
 * @throws {UsageError} naming the part of the value that is refused, such as `metrics.loss`
 */
export function canonicalJson(value: unknown): string {
  return write(value, []);
}

function write(value: unknown, path: (string | number)[]): string {
  switch (typeof value) {
    case "string":
      return writeString(value, path, "a lone surrogate");
    case "boolean":
      return String(value);
    case "number":
      // RFC 8785 §3.2.2.3 defines numbers by ECMAScript's own serialization.
      if (Number.isFinite(value)) return JSON.stringify(value);
      throw refusal(path, `${value}`, "JSON has no such number; a string can stand for it");
    case "bigint":
      throw refusal(path, "a bigint", "write it as a decimal string");
    case "object":
      break;
    default:
      throw refusal(path, value === undefined ? "undefined" : `a ${typeof value}`);
  }
  if (value === null) return "null";
  if (path.length >= MAX_DEPTH) {
    throw refusal(path, `nested deeper than ${MAX_DEPTH} levels, or part of a cycle`);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) return writeArray(value, path);
  if (prototype === Object.prototype || prototype === null) {
    return writeObject(value as Record<string, unknown>, path);
  }
  throw refusal(path, "neither a plain object nor an array", "convert it to plain data first");
}

function writeArray(values: readonly unknown[], path: (string | number)[]): string {
  if (Object.keys(values).length !== values.length || Object.getOwnPropertySymbols(values).length > 0) {
    throw refusal(path, "an array with holes or named properties");
  }
  const parts: string[] = [];
  for (let i = 0; i < values.length; i++) {
    path.push(i);
    parts.push(write(values[i], path));
    path.pop();
  }
  return `[${parts.join(",")}]`;
}

function writeObject(object: Record<string, unknown>, path: (string | number)[]): string {
  if (Object.getOwnPropertySymbols(object).length > 0) {
    throw refusal(path, "an object with a symbol as a key");
  }
  const parts: string[] = [];
  // The default sort compares UTF-16 code units, as RFC 8785 §3.2.3 asks.
  for (const key of Object.keys(object).sort()) {
    path.push(key);
    parts.push(`${writeString(key, path, "a key with a lone surrogate")}:${write(object[key], path)}`);
    path.pop();
  }
  return `{${parts.join(",")}}`;
}

function writeString(text: string, path: (string | number)[], ifNotUnicode: string): string {
  if (!text.isWellFormed()) throw refusal(path, ifNotUnicode, "only Unicode text has a UTF-8 form");
  return JSON.stringify(text);
}

function refusal(path: (string | number)[], what: string, hint?: string): UsageError {
  return new UsageError(
    `Cannot write canonical JSON as ${formatJsonPath(path)} is ${what}`,
    hint === undefined ? {} : { hint },
  );
}
