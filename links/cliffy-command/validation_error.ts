import type { AnyCommand } from "./command.ts";

/** Thrown when the command line is not one that the command accepts. */
export class ValidationError extends Error {
  /** Exit code for a process that ends because of it. */
  readonly exitCode: number;
  /** The command whose arguments were refused, once `parse()` knows it. */
  cmd?: AnyCommand;

  constructor(message: string, { exitCode = 2 }: { exitCode?: number } = {}) {
    super(message);
    this.exitCode = exitCode;
  }
}
