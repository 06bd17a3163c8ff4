import { join } from "node:path";
import { encodeManifest, manifestDigest, type ManifestFile } from "../core/manifest.ts";
import { digestError } from "./digest_error.ts";
import type { HashedFile } from "./hash_file.ts";
import { type DigestOptions, hashFiles } from "./hash_files.ts";
import { type FoundFile, listFolder } from "./list_folder.ts";

/** What a folder's files come to. */
export interface FolderDigest {
  /** SHA-256 of `manifest`, 64 lowercase hex characters. */
  readonly digest: string;
  /** All files together. */
  readonly sizeBytes: number;
  /** In the manifest's order. */
  readonly files: readonly ManifestFile[];
  /** As `encodeManifest` (core/manifest.ts) writes it. */
  readonly manifest: Uint8Array;
}

/**
 * Digests a folder by way of its manifest: every file below it, by path in code unit order; large ones in parallel. Links to files inside the
 * folder count as files; empty folders leave no trace; a folder without files has an empty manifest.
 *
 * @throws {UsageError} where there is no such folder, a link leaves it or leads to a folder, or something below is neither file nor folder, or unreadable
 * @throws {PotError} where something changes while it is read
 * @throws the signal's reason, when it aborts
 */
export async function digestFolder(path: string, options: DigestOptions = {}): Promise<FolderDigest> {
  options.signal?.throwIfAborted();
  const found = await listFolder(path, options.signal);
  const hashed = await hashFiles(
    found.map((file) => ({ path: join(path, file.path), sizeBytes: file.sizeBytes })),
    options,
  );
  return await finishFolder(path, { found, hashed, ...options });
}

export interface FinishFolderOptions {
  /** As it was listed before. */
  readonly found: readonly FoundFile[];
  /** What its files came to, in the same order. */
  readonly hashed: readonly HashedFile[];
  readonly signal?: AbortSignal;
}

/** The folder's digest once its files are hashed; throws where anything in it moved meanwhile. */
export async function finishFolder(
  path: string,
  { found, hashed, signal }: FinishFolderOptions,
): Promise<FolderDigest> {
  const moved = found.findIndex((file, i) => file.fingerprint !== hashed[i]!.fingerprint);
  if (moved >= 0) throw digestError(join(path, found[moved]!.path), { problem: "changed" });
  // Files that came or went meanwhile, and ones that were written to after they were read.
  const again = await listFolder(path, signal);
  if (print(found) !== print(again)) throw digestError(path, { problem: "changed" });

  const files = found.map((file, i): ManifestFile => ({
    digest: hashed[i]!.digest,
    path: file.path,
    sizeBytes: hashed[i]!.sizeBytes,
  }));
  const manifest = encodeManifest(files);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { digest: manifestDigest(manifest), sizeBytes, files, manifest };
}

function print(found: readonly FoundFile[]): string {
  return found.map((file) => `${file.path}\0${file.fingerprint}`).join("\0");
}
