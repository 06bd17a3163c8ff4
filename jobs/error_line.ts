import { PotError } from "../lib/core/errors.ts";
import { redactText } from "../lib/core/redact.ts";

/** An error as one line of the daemon's log: message and facts, URLs redacted. */
export function errorLine(error: unknown): string {
  if (error instanceof PotError) return redactText([error.message, ...error.facts].join("; "));
  return redactText(error instanceof Error ? error.message : String(error));
}
