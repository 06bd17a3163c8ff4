import { join } from "node:path";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { PotError } from "../core/errors.ts";
import type { LogHead, SignedHead } from "../core/log_head.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { readBounded } from "../io/read_bounded.ts";
import { checkNote } from "./check_note.ts";

/** More than the 256 Ki characters that a note may have take in UTF-8. */
export const MAX_CHECKPOINT_BYTES = 1024 * 1024;

/** A log's published checkpoint: the file `checkpoint` of C2SP tlog-tiles. */
export interface CheckpointFile {
  /** `undefined` before the first checkpoint. */
  read(): Promise<SignedHead | undefined>;
  /**
   * Replaces it, atomically and durably.
   *
   * @throws {PotError} when the note is not over that head and of this origin
   */
  write(note: string, head: LogHead): Promise<SignedHead>;
}

export interface CheckpointFileOptions {
  readonly files: FileLayer;
  /** What the file's first line must say. */
  readonly origin: string;
}

export function createCheckpointFile(
  folder: string,
  { files, origin }: CheckpointFileOptions,
): CheckpointFile {
  const path = join(folder, "checkpoint");
  return {
    async read() {
      const bytes = await readBounded(files, path, MAX_CHECKPOINT_BYTES);
      return bytes && parse(bytes, path, origin);
    },
    async write(note, head) {
      checkNote(note, { head, origin });
      await writeFileAtomically(files, path, new TextEncoder().encode(note));
      return { ...head, note };
    },
  };
}

function parse(bytes: Uint8Array, path: string, origin: string): SignedHead {
  const note = new TextDecoder().decode(bytes);
  let parsed;
  try {
    parsed = parseCheckpointNote(note);
  } catch (cause) {
    throw new CorruptFileError({ path, where: "byte 0", found: "no checkpoint note", cause });
  }
  if (parsed.origin !== origin) {
    throw new PotError("Cannot use the log as its checkpoint is another log's", {
      facts: [`file: ${path}`, `its origin: ${parsed.origin}`, `this log's origin: ${origin}`],
      hint: "check POT_HOME and the configured origin",
    });
  }
  return { size: parsed.size, root: parsed.root, note };
}
