import { PotError, UsageError } from "../core/errors.ts";
import type { FileProblem } from "./hash_file.ts";

/** The error for a file that cannot be hashed, as a person reads it. */
export function digestError(path: string, { problem, reason }: FileProblem): PotError {
  const shown = showPath(path);
  switch (problem) {
    case "missing":
      return new UsageError("Cannot digest the artifact as there is no such file", {
        facts: [`path: ${shown}`],
        hint: "check the path",
      });
    case "folder":
    case "special": {
      const kind = problem === "folder" ? "a folder" : "a device, pipe or socket";
      return new UsageError(`Cannot digest the artifact as it is ${kind}, not a regular file`, {
        facts: [`path: ${shown}`],
        hint: "name a regular file",
      });
    }
    case "unreadable":
      return new UsageError("Cannot digest the artifact as it is unreadable", {
        facts: [`path: ${shown}`, `reason: ${reason}`],
        hint: "check its permissions, or run as a user who may read it",
      });
    case "changed":
      return new PotError("Cannot digest the artifact as it changed while it was read", {
        facts: [`path: ${shown}`],
        hint: "wait until the training run has finished writing it, then try again",
      });
  }
}

/** A path that fits one line and moves no cursor: control characters and lone surrogates as JSON escapes. */
export function showPath(path: string): string {
  return /\p{Cc}/u.test(path) || !path.isWellFormed() ? JSON.stringify(path) : path;
}
