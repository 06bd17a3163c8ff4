import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { FileLayer } from "../io/file_layer.ts";
import {
  type BackupNote,
  decodeNote,
  encodeNote,
  isBackupName,
  NOTE_SUFFIX,
  type VerifiedDepth,
} from "./backup_note.ts";
import { type BackupTarget, contentOf } from "./backup_target.ts";
import { verifyBackup } from "./verify_backup.ts";
import { type Snapshot, writeArchive, type WrittenArchive } from "./write_archive.ts";

export interface CreateBackupOptions {
  readonly files: FileLayer;
  /** Holds the archive until every target has it; needs the room of one. */
  readonly workFolder: string;
  readonly targets: readonly BackupTarget[];
  /** X25519 recipients of age; none: not encrypted. */
  readonly recipients: readonly string[];
  /** Secret: what decrypts it, for reading it back as a whole. */
  readonly identities: readonly string[];
  readonly clock: Pick<Clock, "now">;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** A backup, and what became of it in each target. */
export interface CreatedBackup {
  /** What stands beside the archive. */
  readonly note: Omit<BackupNote, "schema" | "format">;
  /** One for each target, in order. */
  readonly targets: readonly TargetOutcome[];
}

/** What became of a backup in one target. */
export type TargetOutcome =
  | { readonly target: string; readonly isOk: true; readonly depth: VerifiedDepth }
  | { readonly target: string; readonly isOk: false; readonly error: unknown };

/**
 * Writes a snapshot into every target and reads it back from there. One target that fails does not keep the others from theirs. One
 * backup at a time is made in a work folder; a second one waits.
 *
 * @throws when the archive could not be made: then no target has anything of it
 */
export async function createBackup(
  takeSnapshot: (workFolder: string) => Promise<Snapshot & AsyncDisposable>,
  options: CreateBackupOptions,
): Promise<CreatedBackup> {
  const { files, workFolder, targets, randomBytes, signal } = options;
  await files.makeFolder(workFolder);
  using _lock = await files.lock(join(workFolder, "work.lock"), signal === undefined ? {} : { signal });
  await removeLeftovers(workFolder, files);
  let archive: WrittenArchive;
  {
    await using snapshot = await takeSnapshot(workFolder);
    archive = await writeArchive(workFolder, snapshot, { ...options, nonce: randomBytes(4) });
  }
  try {
    const outcomes: TargetOutcome[] = [];
    for (const target of targets) {
      try {
        outcomes.push({ target: target.name, isOk: true, depth: await store(target, archive, options) });
      } catch (error) {
        signal?.throwIfAborted();
        outcomes.push({ target: target.name, isOk: false, error });
      }
    }
    return { note: archive.note, targets: outcomes };
  } finally {
    await files.remove(archive.path);
  }
}

async function store(
  target: BackupTarget,
  { path, note }: WrittenArchive,
  { files, signal, ...options }: CreateBackupOptions,
): Promise<VerifiedDepth> {
  const listening = signal === undefined ? {} : { signal };
  const file = await files.open(path, { readOnly: true });
  try {
    const content = {
      sizeBytes: note.sizeBytes,
      readAt: (offset: number, lengthBytes: number) => file.readAt(offset, lengthBytes),
    };
    await target.put(note.name, content, listening);
  } finally {
    file.close();
  }
  const bytes = encodeNote(note);
  // The note last: without it, an archive is one that was not finished.
  await target.put(note.name + NOTE_SUFFIX, contentOf(bytes), listening);
  return await verifyBackup(target, { name: note.name, note: decodeNote(bytes) }, { ...options, signal });
}

/** What a run that was killed left behind. Hold the lock. */
async function removeLeftovers(workFolder: string, files: FileLayer): Promise<void> {
  for (const { name, isFile } of await files.list(workFolder)) {
    if (isFile && isBackupName(name)) await files.remove(join(workFolder, name));
  }
}
