import { dirname, join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { ArchiveFile } from "./archive_file.ts";
import type { BackupManifest } from "./backup_manifest.ts";
import type { BackupTarget } from "./backup_target.ts";
import type { StoredBackup } from "./list_backups.ts";
import { readBackup } from "./read_backup.ts";
import { removeTree } from "./remove_tree.ts";

export interface UnpackBackupOptions {
  readonly files: FileLayer;
  /** Secret: what decrypts it, where it is encrypted. */
  readonly identities: readonly string[];
  /** Whether the files survive a power cut when it resolves; a rehearsal needs none of that. @default true */
  readonly isDurable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Unpacks a backup into a folder that is not there yet, and compares every byte with what was written. The folder is removed again where
 * anything differs, so that what stays is whole.
 *
 * @throws {UsageError} when it is encrypted and no identity fits, or the folder is there already
 * @throws {DamagedBackupError} when it is not what was written
 */
export async function unpackBackup(
  target: BackupTarget,
  { name, note }: Pick<StoredBackup, "name" | "note">,
  folder: string,
  { files, identities, isDurable = true, signal }: UnpackBackupOptions,
): Promise<BackupManifest> {
  if (note.isEncrypted && identities.length === 0) {
    throw new UsageError("Cannot unpack the backup as it is encrypted and no identity is here", {
      facts: [`backup: ${name}`],
      hint: "give the identity of its recipient: POT_BACKUP_IDENTITY_FILE",
    });
  }
  if (await files.stat(folder) !== undefined) {
    throw new UsageError("Cannot unpack the backup as its folder is there already", {
      facts: [`folder: ${folder}`],
      hint: "name a folder that is not there yet",
    });
  }
  const folders = new Set<string>();
  const take = async ({ path, chunks }: ArchiveFile) => {
    signal?.throwIfAborted();
    const to = join(folder, path);
    if (!folders.has(dirname(to))) await files.makeFolder(dirname(to));
    folders.add(dirname(to));
    const file = await files.open(to, { createNew: true, mode: 0o600 });
    try {
      let at = 0;
      for await (const chunk of chunks()) {
        await file.writeAt(at, chunk);
        at += chunk.length;
      }
      if (isDurable) await file.sync();
    } finally {
      file.close();
    }
  };
  try {
    await files.makeFolder(folder);
    const chunks = target.read(name, signal === undefined ? {} : { signal });
    const manifest = await readBackup(chunks, { note, identities, take });
    if (isDurable) { for (const one of folders) await files.syncFolder(one); }
    return manifest;
  } catch (error) {
    await removeTree(folder, files).catch(() => {});
    throw error;
  }
}
