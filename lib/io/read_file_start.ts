import { digestError } from "./digest_error.ts";
import { fingerprint, problemOf, unfitness } from "./hash_file.ts";

/** The first bytes of a file, and which file that was. */
export interface FileStart {
  /** At most as many as were asked for. */
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
  /** To be compared with that of the file that was hashed. */
  readonly fingerprint: string;
}

/**
 * Reads how many bytes `lengthOf` asks for, given the first 8 and no more.
 *
 * @throws {PotError} as `digestFile` does
 */
export function readFileStart(
  path: string,
  lengthOf: (first: Uint8Array, sizeBytes: number) => number,
): FileStart {
  try {
    const unfit = unfitness(Deno.statSync(path));
    if (unfit !== undefined) throw digestError(path, unfit);
    using file = Deno.openSync(path);
    const info = file.statSync();
    const first = readUpTo(file, 8);
    const rest = readUpTo(file, Math.max(0, Math.min(info.size, lengthOf(first, info.size)) - first.length));
    const bytes = new Uint8Array(first.length + rest.length);
    bytes.set(first);
    bytes.set(rest, first.length);
    return { bytes, sizeBytes: info.size, fingerprint: fingerprint(info) };
  } catch (error) {
    throw digestError(path, problemOf(error));
  }
}

function readUpTo(file: Deno.FsFile, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
