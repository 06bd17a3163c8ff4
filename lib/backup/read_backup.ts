import { createHash } from "node:crypto";
import { decryptAge } from "./age_stream.ts";
import type { ArchiveFile } from "./archive_file.ts";
import { type BackupManifest, decodeManifest, MANIFEST_FILE } from "./backup_manifest.ts";
import type { BackupNote } from "./backup_note.ts";
import { DamagedBackupError } from "./damaged_backup_error.ts";
import { gunzipStream } from "./gzip_stream.ts";
import { readTar } from "./tar_reader.ts";

export interface ReadBackupOptions {
  /** What was written, as the note beside it says. */
  readonly note: BackupNote;
  /** Secret: what decrypts it, where it is encrypted. */
  readonly identities: readonly string[];
  /** Takes each file but the manifest. It reads the file's chunks to the end. @default they are only hashed */
  readonly take?: (file: ArchiveFile) => Promise<void>;
}

/** A manifest of more is none of ours: some millions of files. */
const MAX_MANIFEST_BYTES = 400 * 1024 * 1024;

/**
 * Reads an archive from its first byte to its last, decrypts and unpacks it, and compares everything there is to compare: the archive's
 * length and digest with the note, each file's with the manifest, the manifest's with the note. What `take` got before this throws
 * must not be used.
 *
 * @throws {DamagedBackupError} where anything differs
 * @throws {UsageError} when no identity fits
 */
export async function readBackup(
  chunks: AsyncIterable<Uint8Array>,
  { note, identities, take }: ReadBackupOptions,
): Promise<BackupManifest> {
  const damaged = (found: string) => new DamagedBackupError(found, { backup: note.name });
  const stored = hashing(chunks);
  const packed = note.isEncrypted ? decryptAge(stored.chunks, identities) : stored.chunks;
  const seen = new Map<string, { readonly sizeBytes: number; readonly sha256: string }>();
  let manifestBytes: Uint8Array | undefined;
  try {
    for await (const file of readTar(gunzipStream(packed))) {
      if (manifestBytes !== undefined) throw damaged("a file behind the manifest");
      const content = hashing(file.chunks());
      const { path, sizeBytes } = file;
      if (path === MANIFEST_FILE) {
        if (sizeBytes > MAX_MANIFEST_BYTES) throw damaged("a manifest that is too long");
        manifestBytes = await collect(content.chunks, sizeBytes);
      } else if (take === undefined) {
        for await (const chunk of content.chunks) void chunk;
      } else await take({ path, sizeBytes, chunks: () => content.chunks });
      seen.set(path, { sizeBytes: content.sizeBytes(), sha256: content.digest() });
    }
  } catch (error) {
    if (error instanceof DamagedBackupError) throw damaged(error.facts.at(-1)!.replace(/^found: /, ""));
    throw error;
  }
  // What a reader had no use for counts too.
  for await (const chunk of stored.chunks) void chunk;
  if (stored.sizeBytes() !== note.sizeBytes) {
    throw damaged(`${stored.sizeBytes()} bytes, ${note.sizeBytes} were written`);
  }
  if (stored.digest() !== note.sha256) throw damaged("other bytes than were written");
  if (manifestBytes === undefined) throw damaged("no manifest");
  if (seen.get(MANIFEST_FILE)!.sha256 !== note.manifestSha256) {
    throw damaged("another manifest than was written");
  }
  const manifest = decodeManifest(manifestBytes);
  if (manifest.origin !== note.origin) throw damaged("a backup of another log");
  for (const { path, sizeBytes, sha256 } of manifest.files) {
    const file = seen.get(path);
    if (file === undefined) throw damaged(`no ${path}, which the manifest names`);
    if (file.sizeBytes !== sizeBytes || file.sha256 !== sha256) {
      throw damaged(`${path} is not what was backed up`);
    }
  }
  if (seen.size !== manifest.files.length + 1) throw damaged("a file that the manifest does not name");
  return manifest;
}

/** The same chunks, and what they come to. */
export function hashing(chunks: AsyncIterable<Uint8Array>) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let digest: string | undefined;
  const source = (async function* () {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  })();
  return {
    chunks: source,
    sizeBytes: () => sizeBytes,
    digest: () => digest ??= hash.digest("hex"),
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
