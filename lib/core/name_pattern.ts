import { type CheckpointName, toCheckpointName } from "./checkpoint_name.ts";
import { UsageError } from "./errors.ts";

/** Reads a name by a template; `undefined` where the name does not have its form. */
export type NamePattern = (name: string) => CheckpointName | undefined;

/** Literal text, one of the two numbers, or anything at all. */
type Part = { readonly text: string } | "step" | "epoch" | "any";

const MAX_TEMPLATE = 255;
const MAX_NAME = 1_024;
const MAX_STEP_DIGITS = 78;
const MAX_EPOCH_DIGITS = 15;

/**
 * Compiles a template for training checkpoints' names, such as `ckpt-{step}-e{epoch}.pt`: `{step}` stands for digits, `{epoch}` for
 * digits that may have a fraction, `*` for anything, all else for itself. The whole name must match. No regular expression is made
 * of it: a match takes at most (parts × name's length) steps, whatever the template.
 *
 * @throws {UsageError} where it holds neither `{step}` nor `{epoch}`, one of them twice, another word in braces, or two numbers
 * that nothing parts.
 */
export function compileNamePattern(template: string): NamePattern {
  const parts = readParts(template);
  return (name) => name.length > MAX_NAME ? undefined : match(parts, name);
}

function readParts(template: string): readonly Part[] {
  if (template.length > MAX_TEMPLATE) {
    throw refuse(template.slice(0, 80), `it is longer than ${MAX_TEMPLATE} characters`);
  }
  const parts: Part[] = [];
  for (const piece of template.split(/(\{[^{}]*\}|\*+)/)) {
    if (piece === "") continue;
    if (piece.startsWith("*")) parts.push("any");
    else if (piece === "{step}" || piece === "{epoch}") parts.push(piece === "{step}" ? "step" : "epoch");
    else if (/[{}]/.test(piece)) throw refuse(template, "only {step} and {epoch} may stand in braces");
    else parts.push({ text: piece });
  }
  const numbers = parts.filter((part) => part === "step" || part === "epoch");
  if (numbers.length === 0) throw refuse(template, "it holds neither {step} nor {epoch}");
  if (new Set(numbers).size < numbers.length) throw refuse(template, "a number stands in it twice");
  for (const [i, part] of parts.entries()) {
    const next = parts[i + 1];
    if (part !== "step" && part !== "epoch" || next === undefined || next === "any") continue;
    if (typeof next === "string" || /^\d/.test(next.text)) {
      throw refuse(template, "nothing parts a number from the digits after it");
    }
  }
  return parts;
}

/** How far a match came: at which part, at which character of the name, with which numbers. */
interface Place {
  readonly part: number;
  readonly at: number;
  readonly found: { readonly step?: string; readonly epoch?: string };
}

/** Depth first, so that `*` takes as little as it can; no place is visited twice. */
function match(parts: readonly Part[], name: string): CheckpointName | undefined {
  const visited = new Set<number>();
  const waiting: Place[] = [{ part: 0, at: 0, found: {} }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const { part: index, at, found } = place;
    const key = index * (MAX_NAME + 1) + at;
    if (visited.has(key)) continue;
    visited.add(key);
    const part = parts[index];
    if (part === undefined) {
      if (at === name.length) return toCheckpointName(found.step, found.epoch);
    } else if (part === "any") {
      if (at < name.length) waiting.push({ part: index, at: at + 1, found });
      waiting.push({ part: index + 1, at, found });
    } else if (typeof part === "string" && parts[index - 1] === "any" && isDigit(name[at - 1])) {
      // A number begins where its digits do, not wherever `*` happens to stop.
      continue;
    } else if (part === "step") {
      const digits = digitsAt(name, at, MAX_STEP_DIGITS);
      if (digits !== "") waiting.push(after(place, digits, { step: digits }));
    } else if (part === "epoch") {
      const whole = digitsAt(name, at, MAX_EPOCH_DIGITS);
      if (whole === "") continue;
      waiting.push(after(place, whole, { epoch: whole }));
      const end = at + whole.length;
      const fraction = name[end] === "." ? digitsAt(name, end + 1, MAX_EPOCH_DIGITS) : "";
      // Pushed last, so tried first: in e3.5.pt the epoch is 3.5, in e3.7z it is 3.
      if (fraction !== "") {
        waiting.push(after(place, `${whole}.${fraction}`, { epoch: `${whole}.${fraction}` }));
      }
    } else if (name.startsWith(part.text, at)) {
      waiting.push({ part: index + 1, at: at + part.text.length, found });
    }
  }
  return undefined;
}

function after({ part, at, found }: Place, taken: string, more: Place["found"]): Place {
  return { part: part + 1, at: at + taken.length, found: { ...found, ...more } };
}

/** All digits from there on; none where they are more than a record can hold. */
function digitsAt(name: string, at: number, most: number): string {
  let end = at;
  while (isDigit(name[end])) end++;
  return end - at > most ? "" : name.slice(at, end);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}

function refuse(template: string, why: string): UsageError {
  return new UsageError(`Cannot use the name pattern as ${why}`, {
    facts: [`pattern: ${template}`],
    hint: "write it like: ckpt-{step}-e{epoch}.pt",
  });
}
