/**
 * The exit codes of every command (a library user may ignore them).
 * 1: no (invalid, unhealthy, mismatch) · 2: wrong usage, configuration, chain or format version ·
 * 3: pending · 4: could not tell, as the network did not answer.
 */
export type ExitCode = 1 | 2 | 3 | 4;

/** What a {@linkcode PotError} carries beside its summary. */
export interface PotErrorOptions {
  /** `name: value` lines that a person needs in order to understand what happened. No secrets. */
  readonly facts?: readonly string[];
  /** The next thing to try, as one sentence or command. */
  readonly hint?: string;
  /** What was caught, where something was. */
  readonly cause?: unknown;
  /** What a command that fails with it exits with. @default 1 */
  readonly exitCode?: ExitCode;
}

/**
 * The base of every error this package throws on purpose: one sentence, facts, a hint and a cause.
 * Building one has no side effect; printing it is the caller's business.
 *
 * @example
 * ```ts
 * import { PotError } from "@pot/ops";
 * const error = new PotError("Cannot read the proof as the file is empty", { hint: "run pot prove again" });
 * console.log(error.message, error.exitCode);
 * ```
 */
export class PotError extends Error {
  /** Tells subclasses apart in printed text. */
  override readonly name: string = "PotError";
  /** `name: value` lines without secrets; empty where there are none. */
  readonly facts: readonly string[];
  /** The next thing to try, as one sentence or command. */
  readonly hint: string | undefined;
  /** What a command that fails with it exits with. */
  readonly exitCode: ExitCode;

  /** `summary` is one sentence, "Cannot X as Y", and becomes `message`. */
  constructor(summary: string, { facts = [], hint, cause, exitCode = 1 }: PotErrorOptions = {}) {
    super(summary, cause === undefined ? undefined : { cause });
    this.facts = facts;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Wrong input from the caller: an argument, a setting, a field. Exit code 2. */
export class UsageError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "UsageError";

  /** As {@linkcode PotError}'s, with exit code 2. */
  constructor(summary: string, options: Omit<PotErrorOptions, "exitCode"> = {}) {
    super(summary, { ...options, exitCode: 2 });
  }
}

/** Nothing could be learned because the other side did not answer. Says nothing about validity. Exit code 4. */
export class UnreachableError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "UnreachableError";

  /** As {@linkcode PotError}'s, with exit code 4. */
  constructor(summary: string, options: Omit<PotErrorOptions, "exitCode"> = {}) {
    super(summary, { ...options, exitCode: 4 });
  }
}
