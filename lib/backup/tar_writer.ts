import { PotError } from "../core/errors.ts";
import { type ArchiveFile, isArchivePath } from "./archive_file.ts";
import { encodeTarHeader, TAR_BLOCK_BYTES } from "./tar_header.ts";

export interface WriteTarOptions {
  /** Of every file: Unix seconds. */
  readonly mtimeSeconds: number;
}

/**
 * A tar archive (ustar) of those files, in order, as a stream that keeps one chunk in memory. Stock `tar` unpacks it.
 *
 * @throws {PotError} when a file turns out shorter or longer than it said
 */
export async function* writeTar(
  files: AsyncIterable<ArchiveFile>,
  { mtimeSeconds }: WriteTarOptions,
): AsyncGenerator<Uint8Array, void> {
  for await (const file of files) {
    const { path, sizeBytes } = file;
    if (!isArchivePath(path)) throw unfit(path, "its name cannot stand in an archive");
    yield encodeTarHeader(file, { mtimeSeconds });
    let seen = 0;
    for await (const chunk of file.chunks()) {
      seen += chunk.length;
      if (seen > sizeBytes) break;
      yield chunk;
    }
    if (seen !== sizeBytes) throw unfit(path, `it has another length than ${sizeBytes} bytes by now`);
    const rest = sizeBytes % TAR_BLOCK_BYTES;
    if (rest > 0) yield new Uint8Array(TAR_BLOCK_BYTES - rest);
  }
  yield new Uint8Array(2 * TAR_BLOCK_BYTES);
}

/** The same bytes in blocks of that size, the last one shorter: what comes next costs by the call. */
export async function* inBlocks(
  chunks: AsyncIterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let block = new Uint8Array(blockBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + blockBytes - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < blockBytes) continue;
      yield block;
      block = new Uint8Array(blockBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

function unfit(path: string, why: string): PotError {
  return new PotError(`Cannot back up a file as ${why}`, {
    facts: [`file: ${path}`],
    hint: "look at what writes to it, and make the backup again",
  });
}
