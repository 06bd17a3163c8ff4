import { PotError } from "../core/errors.ts";

/** Which file is damaged, and how. */
export interface CorruptFileErrorOptions {
  /** The file's. */
  readonly path: string;
  /** Where in the file: `byte 4711` or `line 12`. */
  readonly where: string;
  /** What was found there, in a few words. */
  readonly found: string;
  /** What was caught, where something was. */
  readonly cause?: unknown;
}

/** Thrown where durable bytes are not what was once written. Nothing is repaired: that would hide the damage. */
export class CorruptFileError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "CorruptFileError";
  /** The damaged file. */
  readonly path: string;

  /** Names the file, the place in it and what was found there. */
  constructor({ path, where, found, cause }: CorruptFileErrorOptions) {
    super(`Cannot read ${path} as it is damaged at ${where}`, {
      facts: [`file: ${path}`, `place: ${where}`, `found: ${found}`],
      hint: "keep a copy of the file as it is, check the disk, and restore the file from a backup",
      cause,
    });
    this.path = path;
  }
}
