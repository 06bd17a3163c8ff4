import type { Clock } from "../core/clock.ts";
import { findAgeFault } from "./age_stream.ts";
import { encodeMark, MARK_SUFFIX, type VerifiedDepth } from "./backup_note.ts";
import { type BackupTarget, contentOf } from "./backup_target.ts";
import { DamagedBackupError } from "./damaged_backup_error.ts";
import type { StoredBackup } from "./list_backups.ts";
import { hashing, readBackup } from "./read_backup.ts";

export interface VerifyBackupOptions {
  /** Secret: what decrypts it. Without one, an encrypted archive is verified as `ciphertext`. */
  readonly identities: readonly string[];
  readonly clock: Pick<Clock, "now">;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a backup back from its target, and marks it there as verified, or takes that mark away.
 *
 * @returns how deep it could look
 * @throws {DamagedBackupError} when it is not what was written
 */
export async function verifyBackup(
  target: BackupTarget,
  backup: Pick<StoredBackup, "name" | "note">,
  { identities, clock, signal }: VerifyBackupOptions,
): Promise<VerifiedDepth> {
  const { name, note } = backup;
  const listening = signal === undefined ? {} : { signal };
  const chunks = target.read(name, listening);
  const depth = note.isEncrypted && identities.length === 0 ? "ciphertext" : "content";
  try {
    if (depth === "content") await readBackup(chunks, { note, identities });
    else await readCiphertext(chunks, backup);
  } catch (error) {
    if (error instanceof DamagedBackupError) await target.remove(name + MARK_SUFFIX, listening);
    throw error;
  }
  const verifiedAt = new Date(clock.now()).toISOString();
  await target.remove(name + MARK_SUFFIX, listening);
  await target.put(
    name + MARK_SUFFIX,
    contentOf(encodeMark({ sha256: note.sha256, verifiedAt, depth })),
    listening,
  );
  return depth;
}

const START_BYTES = 4_096;

/** All that can be told of an encrypted archive without what decrypts it. */
export async function readCiphertext(
  chunks: AsyncIterable<Uint8Array>,
  { name, note }: Pick<StoredBackup, "name" | "note">,
): Promise<void> {
  const stored = hashing(chunks);
  const start = new Uint8Array(START_BYTES);
  let filled = 0;
  for await (const chunk of stored.chunks) {
    const part = chunk.subarray(0, START_BYTES - filled);
    start.set(part, filled);
    filled += part.length;
  }
  const fault = stored.sizeBytes() !== note.sizeBytes
    ? `${stored.sizeBytes()} bytes, ${note.sizeBytes} were written`
    : stored.digest() !== note.sha256
    ? "other bytes than were written"
    : findAgeFault(start.subarray(0, filled), note.sizeBytes);
  if (fault !== undefined) throw new DamagedBackupError(fault, { backup: name });
}
