import { createHash, type Hash } from "node:crypto";
import { PotError, UsageError } from "../core/errors.ts";

/** Larger reads measured no faster, and a read this size keeps memory small whatever the file's size. */
const CHUNK_BYTES = 256 * 1024;

/** How far hashing has come. */
export interface DigestProgress {
  /** Hashed so far. */
  readonly doneBytes: number;
  /** The file's size when it was opened. */
  readonly totalBytes: number;
}

/** What hashing listens to, and whom it tells. */
export interface DigestFileOptions {
  /** Stops between two reads. */
  readonly signal?: AbortSignal;
  /** Called for each chunk. */
  readonly onProgress?: (progress: DigestProgress) => void;
}

/** What a file's bytes come to. */
export interface FileDigest {
  /** SHA-256 as 64 lowercase hex characters, as `sha256sum` prints it. */
  readonly digest: string;
  /** How many bytes were hashed. */
  readonly sizeBytes: number;
}

/**
 * SHA-256 of a file of any size, in constant memory. An empty file has size 0 and is no error here.
 *
 * @throws {UsageError} where there is no such file, it is a folder, a device, a pipe or a socket, or it cannot be read
 * @throws {PotError} where it changes while it is read
 */
export async function digestFile(
  path: string,
  { signal, onProgress }: DigestFileOptions = {},
): Promise<FileDigest> {
  signal?.throwIfAborted();
  // Looked at before it is opened: opening a pipe waits for its writer.
  assertRegularFile(await orThrow(path, Deno.stat(path)), path);
  using file = await orThrow(path, Deno.open(path, { read: true }));
  const before = await orThrow(path, file.stat());
  assertRegularFile(before, path);

  const hash = createHash("sha256");
  const totalBytes = before.size;
  const doneBytes = await orThrow(
    path,
    hashChunks(file, hash, {
      ...(signal && { signal }),
      onChunk: (done) => onProgress?.({ doneBytes: done, totalBytes }),
    }),
  );

  // By path, so that a file that was swapped for another one is seen too.
  const after = await orThrow(path, Deno.stat(path));
  if (doneBytes !== totalBytes || fingerprint(before) !== fingerprint(after)) throw changedError(path);
  return { digest: hash.digest("hex"), sizeBytes: doneBytes };
}

/** Identity, size and time of change of a file: differs when it was written to or replaced. */
export function fingerprint({ dev, ino, size, mtime }: Deno.FileInfo): string {
  return `${dev}:${ino}:${size}:${mtime?.getTime()}`;
}

/** For a file or folder that did not hold still while it was read. */
export function changedError(path: string): PotError {
  return new PotError("Cannot digest the artifact as it changed while it was read", {
    facts: [`path: ${path}`],
    hint: "wait until the training run has finished writing it, then try again",
  });
}

interface HashChunksOptions {
  readonly signal?: AbortSignal;
  readonly onChunk: (doneBytes: number) => void;
}

/** Reads the next chunk while the last one is hashed. */
async function hashChunks(
  file: Deno.FsFile,
  hash: Hash,
  { signal, onChunk }: HashChunksOptions,
): Promise<number> {
  let filling = new Uint8Array(CHUNK_BYTES);
  let hashing = new Uint8Array(CHUNK_BYTES);
  let doneBytes = 0;
  let reading = file.read(filling);
  while (true) {
    const count = await reading;
    if (count === null) return doneBytes;
    signal?.throwIfAborted();
    [filling, hashing] = [hashing, filling];
    doneBytes += count;
    onChunk(doneBytes);
    reading = file.read(filling);
    hash.update(hashing.subarray(0, count));
  }
}

function assertRegularFile({ isFile, isDirectory }: Deno.FileInfo, path: string): void {
  if (isFile) return;
  const kind = isDirectory ? "a folder" : "a device, pipe or socket";
  throw new UsageError(`Cannot digest the artifact as it is ${kind}, not a regular file`, {
    facts: [`path: ${path}`],
    hint: "name a regular file",
  });
}

async function orThrow<T>(path: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError("Cannot digest the artifact as there is no such file", {
        facts: [`path: ${path}`],
        hint: "check the path",
        cause: error,
      });
    }
    if (isFileSystemError(error)) {
      throw new UsageError("Cannot digest the artifact as it is unreadable", {
        facts: [`path: ${path}`, `reason: ${error.message}`],
        hint: "check its permissions, or run as a user who may read it",
        cause: error,
      });
    }
    throw error;
  }
}

/** What the operating system answered, as opposed to an abort or a mistake of ours. */
function isFileSystemError(error: unknown): error is Error {
  return error instanceof Error && (error.name in Deno.errors || "code" in error);
}
