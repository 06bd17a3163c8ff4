import { createHash } from "node:crypto";

/** Of 64 to 512 KiB all measured alike, and larger ones would only take more memory. */
export const HASH_CHUNK_BYTES = 256 * 1024;

/** A file that was read from its first byte to its last while it held still. */
export interface HashedFile {
  /** SHA-256 as 64 lowercase hex characters. */
  readonly digest: string;
  /** How many bytes were hashed. */
  readonly sizeBytes: number;
  /** As {@linkcode fingerprint} makes it. */
  readonly fingerprint: string;
}

/** Why a file could not be hashed. Plain data, as it comes out of a worker. */
export interface FileProblem {
  /** `special`: a device, pipe or socket. `changed`: written to or replaced while it was read. */
  readonly problem: "missing" | "folder" | "special" | "unreadable" | "changed";
  /** What the operating system said, where it said something. */
  readonly reason?: string;
}

/** How hashing one file ended. */
export type HashOutcome = HashedFile | FileProblem;

/**
 * SHA-256 of one file, in as many steps as it has chunks: yields how many bytes each step hashed, and last the outcome. The caller decides
 * what happens in between (nothing, in a worker); leaving the loop early closes the file.
 *
 * Reads block: 1 MiB asynchronous reads reached 0.65 to 0.8 of `openssl dgst -sha256`, these 1.05 to 1.3.
 *
 * @param buffer overwritten by each step
 */
export function* hashFile(
  path: string,
  buffer: Uint8Array<ArrayBuffer>,
): Generator<number | HashOutcome, void, void> {
  try {
    // Looked at before it is opened: opening a pipe waits for its writer.
    const unfit = unfitness(Deno.statSync(path));
    if (unfit !== undefined) return yield unfit;
    using file = Deno.openSync(path);
    const before = file.statSync();
    const swapped = unfitness(before);
    if (swapped !== undefined) return yield swapped;

    const hash = createHash("sha256");
    let sizeBytes = 0;
    // A file that grows as fast as it is read would never end.
    for (let count = file.readSync(buffer); count !== null && sizeBytes <= before.size;) {
      hash.update(count === buffer.length ? buffer : buffer.subarray(0, count));
      sizeBytes += count;
      yield count;
      count = file.readSync(buffer);
    }

    // By path, so that a file that was swapped for another one is seen too.
    const isSame = sizeBytes === before.size && fingerprint(before) === fingerprint(Deno.statSync(path));
    if (!isSame) return yield { problem: "changed" };
    yield { digest: hash.digest("hex"), sizeBytes, fingerprint: fingerprint(before) };
  } catch (error) {
    yield problemOf(error);
  }
}

/**
 * Identity, size and time of change of a file: differs when it was written to or replaced. All but a second write of the same length
 * within one tick of the file system's clock, some milliseconds at most, which no stat shows.
 */
export function fingerprint({ dev, ino, size, mtime }: Deno.FileInfo): string {
  return `${dev}:${ino}:${size}:${mtime?.getTime()}`;
}

/** Why that is nothing to hash; `undefined` for a regular file. */
export function unfitness({ isFile, isDirectory }: Deno.FileInfo): FileProblem | undefined {
  if (isFile) return undefined;
  return { problem: isDirectory ? "folder" : "special" };
}

/** What the operating system refused; any other error is thrown on. */
export function problemOf(error: unknown): FileProblem {
  if (!(error instanceof Error)) throw error;
  if (error instanceof Deno.errors.NotFound) return { problem: "missing" };
  if (error.name in Deno.errors || "code" in error) return { problem: "unreadable", reason: error.message };
  throw error;
}
