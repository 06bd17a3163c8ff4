import { setImmediate } from "node:timers/promises";
import { digestError } from "./digest_error.ts";
import { HASH_CHUNK_BYTES, type HashedFile, hashFile } from "./hash_file.ts";
import { hashInWorkers, NoWorkerError } from "./hash_in_workers.ts";

/** How far hashing has come. */
export interface DigestProgress {
  /** Hashed so far, over all files. */
  readonly doneBytes: number;
  /** Their size when they were first looked at. */
  readonly totalBytes: number;
}

/** What hashing listens to, and whom it tells. */
export interface DigestOptions {
  /** Ends the work at once, whatever a disk is doing. */
  readonly signal?: AbortSignal;
  /** Called again and again while it goes on, and at the end. */
  readonly onProgress?: (progress: DigestProgress) => void;
}

/** A regular file that was looked at. */
export interface FileToHash {
  readonly path: string;
  /** For planning and progress only. */
  readonly sizeBytes: number;
}

export interface HashFilesOptions extends DigestOptions {
  /** From how many bytes on workers are used. @default WORKER_BYTES */
  readonly workerBytes?: number;
}

/**
 * Below this, workers cost as much as they save. Measured on two cores (bench/fingerprint_bench.ts --worker-start): starting one takes 25 to 60 ms,
 * in which this thread hashes 40 to 90 MB; two of them over two files are even with it at 128 MiB (90 against 111 ms) and ahead at 256 (176 against 132).
 */
export const WORKER_BYTES = 128 * 1024 * 1024;

/** How long this thread hashes before it lets others have a turn. */
const SLICE_MS = 10;

/**
 * SHA-256 of files, in their order: small ones at once on this thread, in slices; from {@linkcode WORKER_BYTES} on in workers, as many as there
 * are cores. A single file is hashed by one core, as SHA-256 has no other way.
 *
 * @throws {PotError} for the first file with a problem; then no other is hashed to its end
 * @throws the signal's reason
 */
export async function hashFiles(
  files: readonly FileToHash[],
  { signal, onProgress, workerBytes = WORKER_BYTES }: HashFilesOptions = {},
): Promise<readonly HashedFile[]> {
  signal?.throwIfAborted();
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const counter = () => {
    let doneBytes = 0;
    return (count: number) => onProgress?.({ doneBytes: doneBytes += count, totalBytes });
  };
  if (totalBytes >= workerBytes) {
    // One for each half of that, so that two start at once where they pay.
    const wanted = Math.max(1, Math.ceil(2 * totalBytes / Math.max(1, workerBytes)));
    const workerCount = Math.min(navigator.hardwareConcurrency, wanted);
    try {
      return await hashInWorkers(files, { workerCount, signal, onBytes: counter() });
    } catch (error) {
      // Slower on this thread, but not less true.
      if (!(error instanceof NoWorkerError)) throw error;
    }
  }
  return await hashHere(files, { signal, onBytes: counter() });
}

interface HashHereOptions {
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (count: number) => void;
}

async function hashHere(
  files: readonly FileToHash[],
  { signal, onBytes }: HashHereOptions,
): Promise<readonly HashedFile[]> {
  const buffer = new Uint8Array(HASH_CHUNK_BYTES);
  const hashed: HashedFile[] = [];
  let sliceStartMs = performance.now();
  for (const { path } of files) {
    for (const step of hashFile(path, buffer)) {
      if (typeof step === "number") onBytes(step);
      else if ("problem" in step) throw digestError(path, step);
      else hashed.push(step);
      signal?.throwIfAborted();
      if (performance.now() - sliceStartMs < SLICE_MS) continue;
      await setImmediate();
      signal?.throwIfAborted();
      sliceStartMs = performance.now();
    }
  }
  return hashed;
}
