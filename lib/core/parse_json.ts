import { endOfString, findDuplicateKey } from "./duplicate_keys.ts";
import { PotError, type PotErrorOptions } from "./errors.ts";
import { formatJsonPath } from "./json_path.ts";

/** Limits of {@linkcode parseJson}, and how its errors call the text. */
export interface ParseJsonOptions {
  /** Most bytes of UTF-8 the text may take. */
  readonly maxBytes: number;
  /** Most arrays and objects that may stand inside each other. */
  readonly maxDepth: number;
  /** Most values, members of objects and lists included: each takes far more memory than its text. @default no limit of its own */
  readonly maxValues?: number;
  /** What the text is, as errors say it, such as "the proof". @default "the text" */
  readonly subject?: string;
}

/**
 * `JSON.parse` for text from strangers: refuses what is too large or too deep before parsing it, and what two readers
 * could take differently (duplicate keys, lone surrogates, a byte order mark, text after the value).
 *
 * No message quotes the text, which may hold a secret.
 *
 * @throws {PotError} naming what is wrong, with exit code 1
 */
export function parseJson(
  text: string,
  { maxBytes, maxDepth, maxValues = Infinity, subject = "the text" }: ParseJsonOptions,
): unknown {
  const refuse = (reason: string, options?: PotErrorOptions): PotError =>
    new PotError(`Cannot read ${subject} as ${reason}`, options);

  if (isLongerThan(text, maxBytes)) throw refuse(`it is larger than ${maxBytes} bytes`);
  if (text.trim() === "") throw refuse("it is empty");
  if (text.startsWith("\ufeff")) {
    throw refuse("it starts with a byte order mark", { hint: "save it as UTF-8 without one" });
  }
  const { depth, count } = measure(text, { maxDepth, maxValues });
  if (depth > maxDepth) throw refuse(`it is nested deeper than ${maxDepth} levels`);
  if (count > maxValues) throw refuse(`it holds more than ${maxValues} values`);

  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { reason, ...options } = explain(error, text);
    throw refuse(reason, options);
  }

  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw refuse(`the key ${JSON.stringify(duplicate)} stands twice in one object`);
  }
  const path = findLoneSurrogate(value);
  if (path !== undefined) throw refuse(`${path} has a lone surrogate, which no Unicode text has`);
  return value;
}

function isLongerThan(text: string, maxBytes: number): boolean {
  // A UTF-16 code unit takes one to three bytes of UTF-8, so most texts need no count.
  if (text.length > maxBytes) return true;
  return text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes;
}

/** How deep the text nests and about how many values it holds, as far as the first limit that it passes. */
function measure(
  text: string,
  { maxDepth, maxValues }: Required<Pick<ParseJsonOptions, "maxDepth" | "maxValues">>,
): { readonly depth: number; readonly count: number } {
  let depth = 0;
  let deepest = 0;
  let count = 1;
  for (let i = 0; i < text.length && deepest <= maxDepth && count <= maxValues; i++) {
    const character = text[i];
    if (character === "[" || character === "{") {
      count++;
      deepest = Math.max(deepest, ++depth);
    } else if (character === "]" || character === "}") depth--;
    else if (character === ",") count++;
    else if (character === '"') i = endOfString(text, i) - 1;
  }
  return { depth: deepest, count };
}

/** The engine's message quotes the text, so only what kind of mistake it is and where gets through. */
function explain(error: unknown, text: string): { reason: string; facts?: string[]; hint?: string } {
  const message = error instanceof Error ? error.message : "";
  const position = /at position (\d+)/.exec(message)?.[1];
  const facts = position === undefined ? {} : { facts: [`position: ${position}`] };
  if (/end of JSON|^Unterminated/.test(message) || Number(position) >= text.length) {
    return {
      reason: "it ends in the middle of the JSON",
      ...facts,
      hint: "the file may be cut off: get it again",
    };
  }
  if (/after JSON/.test(message)) return { reason: "something follows the JSON value", ...facts };
  return { reason: "it is not JSON", ...facts };
}

/** A value still to be looked at, and the way to it. */
interface Step {
  readonly value: unknown;
  readonly key?: string | number;
  readonly parent?: Step;
}

/** Where a string or key of the value has a lone surrogate. Iterative and linear, as the caller may allow any depth. */
function findLoneSurrogate(value: unknown): string | undefined {
  const waiting: Step[] = [{ value }];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const { value } = step;
    if (typeof value === "string" && !value.isWellFormed()) return formatJsonPath(pathTo(step));
    if (typeof value !== "object" || value === null) continue;
    for (const [key, child] of Object.entries(value)) {
      if (!key.isWellFormed()) return `the key ${JSON.stringify(key)}`;
      if (typeof child === "string" || typeof child === "object") {
        waiting.push({ value: child, key: Array.isArray(value) ? Number(key) : key, parent: step });
      }
    }
  }
  return undefined;
}

function pathTo(step: Step): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Step | undefined = step; at?.key !== undefined; at = at.parent) path.push(at.key);
  return path.reverse();
}
