import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";
import { encryptAge } from "./age_stream.ts";
import { archiveBytes, type ArchiveFile } from "./archive_file.ts";
import {
  type ArchivedFile,
  BACKUP_SCHEMA,
  type BackupFacts,
  type BackupManifest,
  encodeManifest,
  MANIFEST_FILE,
} from "./backup_manifest.ts";
import { backupName, type BackupNote } from "./backup_note.ts";
import { gzipStream } from "./gzip_stream.ts";
import { hashing } from "./read_backup.ts";
import { inBlocks, writeTar } from "./tar_writer.ts";

/** What goes into a backup: as of one moment, whatever is written meanwhile. */
export interface Snapshot {
  readonly facts: BackupFacts;
  readonly logKeys: BackupManifest["logKeys"];
  /** Names of the home folder that go into no backup. */
  readonly leftOut: readonly string[];
  /** Every file, once. */
  files(): AsyncIterable<ArchiveFile>;
}

export interface WriteArchiveOptions {
  readonly files: FileLayer;
  /** Encrypts to these X25519 recipients of age; to nobody where there are none. */
  readonly recipients: readonly string[];
  /** 4 random bytes. */
  readonly nonce: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** An archive that was written, and what stands beside it. */
export interface WrittenArchive {
  /** Absolute. */
  readonly path: string;
  readonly note: Omit<BackupNote, "schema" | "format">;
}

const BLOCK_BYTES = 512 * 1024;

/**
 * Writes a snapshot into a folder as one file: tar, gzip, and age where there are recipients, all as a stream. Each file is read once. What
 * is left of an archive that could not be finished is removed.
 */
export async function writeArchive(
  folder: string,
  snapshot: Snapshot,
  { files, recipients, nonce, signal }: WriteArchiveOptions,
): Promise<WrittenArchive> {
  const { facts } = snapshot;
  const isEncrypted = recipients.length > 0;
  const name = backupName({ ...facts, isEncrypted, nonce });
  const path = join(folder, name);
  const contents = withManifest(snapshot, signal);
  const mtimeSeconds = Math.floor(Date.parse(facts.createdAt) / 1_000);
  const packed = gzipStream(inBlocks(writeTar(contents.files(), { mtimeSeconds }), BLOCK_BYTES));
  const stored = hashing(inBlocks(isEncrypted ? encryptAge(packed, recipients) : packed, BLOCK_BYTES));
  await files.makeFolder(folder);
  const file = await files.open(path, { createNew: true, mode: 0o600 });
  try {
    for await (const chunk of stored.chunks) {
      signal?.throwIfAborted();
      await file.writeAt(stored.sizeBytes() - chunk.length, chunk);
    }
  } catch (error) {
    file.close();
    await files.remove(path).catch(() => {});
    throw error;
  }
  file.close();
  const { manifestSha256, fileCount, contentBytes } = contents.sums();
  return {
    path,
    note: {
      name,
      sizeBytes: stored.sizeBytes(),
      sha256: stored.digest(),
      isEncrypted,
      ...facts,
      manifestSha256,
      fileCount,
      contentBytes,
    },
  };
}

/** The snapshot's files, each hashed as it passes, and then the manifest that tells of them. */
function withManifest(snapshot: Snapshot, signal: AbortSignal | undefined) {
  const { facts, logKeys, leftOut } = snapshot;
  const seen: ArchivedFile[] = [];
  let manifestSha256 = "";

  async function* all(): AsyncGenerator<ArchiveFile, void> {
    for await (const { path, sizeBytes, chunks } of snapshot.files()) {
      signal?.throwIfAborted();
      const content = hashing(chunks());
      yield { path, sizeBytes, chunks: () => content.chunks };
      seen.push({ path, sizeBytes, sha256: content.digest() });
    }
    const manifest = { schema: BACKUP_SCHEMA, ...facts, logKeys, leftOut, files: seen } as const;
    const last = archiveBytes(MANIFEST_FILE, encodeManifest(manifest));
    const content = hashing(last.chunks());
    yield { ...last, chunks: () => content.chunks };
    manifestSha256 = content.digest();
  }

  return {
    files: all,
    sums: () => ({
      manifestSha256,
      fileCount: seen.length,
      contentBytes: seen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    }),
  };
}
