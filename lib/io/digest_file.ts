import { digestError } from "./digest_error.ts";
import { type FileProblem, problemOf, unfitness } from "./hash_file.ts";
import { type DigestOptions, type FileToHash, hashFiles } from "./hash_files.ts";

/** What a file's bytes come to. */
export interface FileDigest {
  /** SHA-256 as 64 lowercase hex characters, as `sha256sum` prints it. */
  readonly digest: string;
  /** How many bytes were hashed. */
  readonly sizeBytes: number;
}

/**
 * SHA-256 of a file of any size, in constant memory; a large one is hashed in a worker. An empty file has size 0 and is no error here.
 *
 * @throws {UsageError} where there is no such file, it is a folder, a device, a pipe or a socket, or it cannot be read
 * @throws {PotError} where it changes while it is read
 * @throws the signal's reason, when it aborts
 */
export async function digestFile(path: string, options: DigestOptions = {}): Promise<FileDigest> {
  options.signal?.throwIfAborted();
  const [hashed] = await hashFiles([await lookAtFile(path)], options);
  return { digest: hashed!.digest, sizeBytes: hashed!.sizeBytes };
}

/** A regular file with its size; links are followed. Throws what {@linkcode digestFile} throws. */
export async function lookAtFile(path: string): Promise<FileToHash> {
  let info: Deno.FileInfo | FileProblem;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    throw digestError(path, problemOf(error));
  }
  const unfit = unfitness(info);
  if (unfit !== undefined) throw digestError(path, unfit);
  return { path, sizeBytes: info.size };
}
