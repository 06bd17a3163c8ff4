import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileLayer } from "./file_layer.ts";

/**
 * The whole file, or `undefined` when there is none.
 *
 * @throws {CorruptFileError} for a file that is longer than it can be, before reading it
 */
export async function readBounded(
  files: Pick<FileLayer, "read" | "stat">,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const sizeBytes = (await files.stat(path))?.sizeBytes ?? 0;
  if (sizeBytes <= maxBytes) return await files.read(path);
  throw new CorruptFileError({
    path,
    where: `byte ${maxBytes}`,
    found: `more than such a file can hold: ${sizeBytes} bytes`,
  });
}
