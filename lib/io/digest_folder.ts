import { createHash } from "node:crypto";
import { isAbsolute, join, relative } from "node:path";
import { canonicalJson } from "../core/canonical_json.ts";
import { UsageError } from "../core/errors.ts";
import { changedError, digestFile, type DigestProgress, fingerprint } from "./digest_file.ts";

/** One line of a manifest. */
export interface ManifestFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  /** How many bytes were hashed. */
  readonly sizeBytes: number;
  /** SHA-256, 64 lowercase hex characters. */
  readonly digest: string;
}

/** What hashing listens to, and whom it tells. */
export interface DigestFolderOptions {
  /** Stops between two reads. */
  readonly signal?: AbortSignal;
  /** Called for each chunk, counted over all files. */
  readonly onProgress?: (progress: DigestProgress) => void;
}

/** What a folder's files come to. */
export interface FolderDigest {
  /** SHA-256 of `manifest`, 64 lowercase hex characters. */
  readonly digest: string;
  /** All files together. */
  readonly sizeBytes: number;
  /** In the manifest's order. */
  readonly files: readonly ManifestFile[];
  /** `{"files":[{"digest","path","sizeBytes"}…],"schema":"pot-manifest/1"}`, canonical (RFC 8785), UTF-8. */
  readonly manifest: Uint8Array;
}

/**
 * Digests a folder by way of its manifest: every file below it, by path in code unit order. Links to files inside the
 * folder count as files; empty folders leave no trace; a folder without files has an empty manifest.
 *
 * @throws {UsageError} where there is no such folder, a link leaves it or leads to a folder, or something below is neither file nor folder, or unreadable
 * @throws {PotError} where something changes while it is read
 */
export async function digestFolder(
  path: string,
  { signal, onProgress }: DigestFolderOptions = {},
): Promise<FolderDigest> {
  const before = await listFiles(path, signal);
  const totalBytes = before.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

  const files: ManifestFile[] = [];
  let sizeBytes = 0;
  for (const file of before) {
    const result = await digestFile(join(path, file.path), {
      ...(signal && { signal }),
      onProgress: ({ doneBytes }) => onProgress?.({ doneBytes: sizeBytes + doneBytes, totalBytes }),
    });
    files.push({ digest: result.digest, path: file.path, sizeBytes: result.sizeBytes });
    sizeBytes += result.sizeBytes;
  }

  const after = await listFiles(path, signal);
  const print = (found: readonly FoundFile[]) =>
    found.map((file) => `${file.path}\0${file.fingerprint}`).join("\0");
  if (print(before) !== print(after)) throw changedError(path);

  const manifest = new TextEncoder().encode(canonicalJson({ files, schema: "pot-manifest/1" }));
  return { digest: createHash("sha256").update(manifest).digest("hex"), sizeBytes, files, manifest };
}

interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly fingerprint: string;
}

async function listFiles(root: string, signal: AbortSignal | undefined): Promise<readonly FoundFile[]> {
  const realRoot = await orThrow(root, Deno.realPath(root));
  const found: FoundFile[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    for (const entry of await orThrow(root, readFolder(join(root, folder)))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!path.isWellFormed()) throw refusal("as a name in it is not valid Unicode", root, path);
      if (entry.isDirectory) {
        folders.push(path);
        continue;
      }
      if (entry.isSymlink) await assertStaysInside(realRoot, root, path);
      const info = await orThrow(root, Deno.stat(join(root, path)));
      if (info.isDirectory) throw refusal("as it holds a link to a folder", root, path);
      if (!info.isFile) throw refusal("as it holds a device, pipe or socket", root, path);
      found.push({ path, sizeBytes: info.size, fingerprint: fingerprint(info) });
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function readFolder(path: string): Promise<readonly Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(path));
}

async function assertStaysInside(realRoot: string, root: string, path: string): Promise<void> {
  const target = relative(realRoot, await orThrow(root, Deno.realPath(join(root, path))));
  if (isAbsolute(target) || target.split(/[\\/]/)[0] === "..") {
    throw refusal("as it holds a link that leaves it", root, path);
  }
}

function refusal(why: string, root: string, path: string): UsageError {
  return new UsageError(`Cannot digest the folder ${why}`, {
    facts: [`folder: ${root}`, `path: ${path}`],
    hint: "replace it by the files themselves, or record those one by one",
  });
}

async function orThrow<T>(root: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(
        "Cannot digest the folder as there is no such folder, or a link in it leads nowhere",
        {
          facts: [`folder: ${root}`, `reason: ${error.message}`],
          hint: "check the path, and remove links that lead nowhere",
          cause: error,
        },
      );
    }
    if (!(error instanceof Error)) throw error;
    throw new UsageError("Cannot digest the folder as it is unreadable", {
      facts: [`folder: ${root}`, `reason: ${error.message}`],
      hint: "check its permissions, or run as a user who may read it",
      cause: error,
    });
  }
}
