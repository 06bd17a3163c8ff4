import { UnreachableError } from "../core/errors.ts";
import { TLS_HINT, TlsError } from "../core/tls_error.ts";

/** Who was asked, and what to do about silence. */
export interface NoAnswerOptions {
  /** For a sentence: `the Vault server`. */
  readonly who: string;
  /** `name: value` lines; the reason follows them. */
  readonly facts: readonly string[];
  readonly hint: string;
  /** In the place of that hint, where it was the time that ran out. */
  readonly lateHint?: string;
}

/** What `httpRequest` threw, told of whom it was asked; one that could not show who it is stays a TlsError. */
export function noAnswer(
  error: UnreachableError,
  { who, facts, hint, lateHint = hint }: NoAnswerOptions,
): UnreachableError {
  const reason = error.facts.find((fact) => fact.startsWith("reason: "));
  const all = [...facts, ...(reason === undefined ? [] : [reason])];
  if (error instanceof TlsError) {
    return new TlsError(`Cannot sign as ${who} could not show who it is`, { facts: all, hint: TLS_HINT });
  }
  const isLate = reason?.startsWith("reason: no answer in ") ?? false;
  return new UnreachableError(`Cannot sign as ${who} did not answer${isLate ? " in time" : ""}`, {
    facts: all,
    hint: isLate ? lateHint : hint,
  });
}
