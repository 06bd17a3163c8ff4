import { PotError } from "../core/errors.ts";

/** Thrown instead of overwriting what somebody else wrote meanwhile. */
export class StateConflictError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "StateConflictError";

  /** `document` is the name it has in its store. */
  constructor(document: string) {
    super("Cannot keep the daemon's state as another daemon wrote it meanwhile", {
      facts: [`document: ${document}`],
      hint: "make sure that only one daemon works on this home folder",
    });
  }
}
