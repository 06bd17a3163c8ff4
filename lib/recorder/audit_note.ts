import { parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import type { LogHead } from "../core/log_head.ts";
import { mayVouchFor } from "../core/log_keys.ts";
import type { AuditCode } from "../log/audit_codes.ts";
import type { AuditContext } from "./audit_context.ts";

export interface AuditNoteOptions {
  /** What stands beside the note; `undefined`: the note alone says what it is over. */
  readonly head?: LogHead;
  /** Where the note is kept. */
  readonly where: string;
  /** What it is, where it is no well-formed note of this log and head. */
  readonly code: AuditCode;
  /**
   * Whether a key may also have signed a size below its own beginning, as it does when a log is copied. Never one above its
   * end: that is what a stolen key would be used for. @default false
   */
  readonly maySignEarlier?: boolean;
}

/** Reports what is wrong with a checkpoint note; answers with what it is over, if it is a note at all. */
export async function auditNote(
  note: string,
  { origin, keys, findings }: AuditContext,
  { head, where, code, maySignEarlier = false }: AuditNoteOptions,
): Promise<LogHead | undefined> {
  let parsed;
  try {
    parsed = parseCheckpointNote(note);
  } catch (error) {
    findings.add(code, where, (error as Error).message);
    return undefined;
  }
  const { size, root } = parsed;
  if (parsed.origin !== origin) findings.add(code, where, `its note is another log's: ${parsed.origin}`);
  if (head !== undefined && (head.size !== size || !equalBytes(head.root, root))) {
    findings.add(
      code,
      where,
      `its note is over size ${size} and another head than the ${head.size} beside it`,
    );
  }
  if (keys === undefined) return { size, root };
  let signedBy: string | undefined;
  for (const [i, key] of keys.entries()) {
    if (!await verifyCheckpointNote(note, key.verifierKey)) continue;
    if (mayVouchFor(key, size) || (maySignEarlier && size < key.from)) return { size, root };
    signedBy = `key ${i + 1}, for sizes from ${key.from}${key.to === undefined ? "" : ` to ${key.to}`}`;
  }
  if (signedBy === undefined) findings.add("note-forged", where, `size ${size}: no key of the log signed it`);
  else findings.add("key-range-violated", where, `size ${size}: signed by ${signedBy}`);
  return { size, root };
}
