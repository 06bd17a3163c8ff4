import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { LogHead } from "../core/log_head.ts";

/**
 * A last look at a note before it is published.
 *
 * @throws {PotError} when it is not over that head and of that origin
 */
export function checkNote(
  note: string,
  { head, origin }: { readonly head: LogHead; readonly origin: string },
): void {
  const signed = parseCheckpointNote(note);
  if (signed.origin === origin && signed.size === head.size && equalBytes(signed.root, head.root)) return;
  throw new PotError("Cannot publish the checkpoint as its note is over another head", {
    facts: [`signed: ${signed.origin}, size ${signed.size}`, `asked for: ${origin}, size ${head.size}`],
  });
}
