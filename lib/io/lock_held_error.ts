import { PotError } from "../core/errors.ts";

/** Thrown by `FileLayer.lock` with `failIfHeld` when someone else holds the lock. */
export class LockHeldError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "LockHeldError";
  /** The lock file. */
  readonly path: string;

  /** `path` is the lock file's. */
  constructor(path: string) {
    super("Cannot take the lock as another process holds it", {
      facts: [`lock file: ${path}`],
      hint: "wait for the other process to end, or stop it",
    });
    this.path = path;
  }
}

/** Whether work failed as another process holds the lock that it needs. */
export function isHeldElsewhere(error: unknown): error is PotError {
  return error instanceof PotError && error.cause instanceof LockHeldError;
}
