import { PotError } from "../lib/core/errors.ts";
import { type Redact, redactText } from "../lib/core/redact.ts";

/** An error as one line of the daemon's log: message and facts, redacted. */
export function errorLine(error: unknown, redact: Redact = redactText): string {
  if (error instanceof PotError) return redact([error.message, ...error.facts].join("; "));
  return redact(error instanceof Error ? error.message : String(error));
}
