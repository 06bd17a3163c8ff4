import type { AnyCommand } from "./command.ts";

/** Settings of a {@linkcode ValidationError}. */
export interface ValidationErrorOptions {
  /** Exit code for a process that ends because of it. @default {2} */
  exitCode?: number;
}

/** Thrown when the command line is not one that the command accepts. */
export class ValidationError extends Error {
  readonly exitCode: number;
  /** The command whose arguments were refused, once `parse()` knows it. */
  cmd?: AnyCommand;

  constructor(message: string, { exitCode = 2 }: ValidationErrorOptions = {}) {
    super(message);
    this.exitCode = exitCode;
  }
}
