import type { Redact } from "../../core/redact.ts";
import { cutText, oneLine } from "../plain_text.ts";

/** Nothing behind it can be shown. In UTF-16 code units. */
const LOOKED_AT = 65_536;
const MESSAGE = 500;
const SUBJECT = 100;
const DETAILS = 20;

/** A message as it is kept: without secrets, one line, bounded. */
export function cleanMessage(text: string, redact: Redact): string {
  return clean(text, MESSAGE, redact);
}

/** A subject as it is kept. */
export function cleanSubject(text: string | undefined, redact: Redact): string {
  return text === undefined || text === "" ? "" : clean(text, SUBJECT, redact);
}

/** Facts and numbers as they are kept: the first twenty. */
export function cleanDetails(
  details: Readonly<Record<string, string | number>>,
  redact: Redact,
): Record<string, string> {
  const entries = Object.entries(details).slice(0, DETAILS);
  return Object.fromEntries(
    entries.map(([name, value]) => [clean(name, SUBJECT, redact), clean(shown(value), MESSAGE, redact)]),
  );
}

function shown(value: unknown): string {
  return typeof value === "number" && !Number.isInteger(value)
    ? String(Number(value.toPrecision(6)))
    : String(value);
}

// Redacted before it is cut, so that no half of a secret is left behind.
function clean(text: string, limit: number, redact: Redact): string {
  return cutText(oneLine(redact(String(text).slice(0, LOOKED_AT))), limit);
}
