import {
  type CheckpointHead,
  formatCheckpoint,
  parseCheckpointNote,
  signNoteText,
  verifyCheckpointNote,
} from "./checkpoint_note.ts";
import { type NoteSigner, parseVerifierKey } from "./note_key.ts";

/** Starts the extension line that names the key that signs from here on (C2SP tlog-checkpoint, extension lines). */
const NEXT_KEY = "next-key ";

/** Which key hands over to which, and where. */
export interface HandOver {
  /** Verifier key of the one that signs no larger size. */
  readonly from: string;
  /** Verifier key of the one that goes on. */
  readonly to: string;
  /** The size that both sign. */
  readonly size: bigint;
}

/**
 * A checkpoint by which a log key hands over: it names the next key, and both sign it. That the old key signed the
 * name makes it evidence: anybody could add a signature of his own to an ordinary checkpoint.
 *
 * @throws {UsageError} as `formatCheckpoint` does
 */
export async function signHandOver(
  head: CheckpointHead,
  { from, to }: { readonly from: NoteSigner; readonly to: NoteSigner },
): Promise<string> {
  return await signNoteText(`${formatCheckpoint(head)}${NEXT_KEY}${to.verifierKey}\n`, [from, to]);
}

/** The verifier key that a checkpoint hands over to, whoever signed it; `undefined` where it names none. */
export function nextKeyOf(note: string): string | undefined {
  const line = parseCheckpointNote(note).extensions.find((extension) => extension.startsWith(NEXT_KEY));
  return line?.slice(NEXT_KEY.length);
}

/** Whether the note is that hand-over, signed by both keys and of their log. False for anything else; it never throws. */
export async function isHandOver(note: string, { from, to, size }: HandOver): Promise<boolean> {
  if (!await verifyCheckpointNote(note, from) || !await verifyCheckpointNote(note, to)) return false;
  const { origin, size: signed } = parseCheckpointNote(note);
  const isOfLog = [from, to].every((key) => parseVerifierKey(key).name === origin);
  return isOfLog && signed === size && nextKeyOf(note) === to;
}
