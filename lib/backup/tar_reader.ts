import { type ArchiveFile, isArchivePath } from "./archive_file.ts";
import { DamagedBackupError } from "./damaged_backup_error.ts";
import { decodeTarHeader, TAR_BLOCK_BYTES } from "./tar_header.ts";

/**
 * The files of a tar archive as {@linkcode writeTar} makes it, in order. Each file's chunks are read before the next file is asked for;
 * what was left of them is skipped. Keeps one chunk in memory.
 *
 * @throws {DamagedBackupError} for anything else: links and folders, paths that lead out, a path twice, bytes that are missing or
 *   left over
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveFile, void> {
  const source = createSource(stream);
  const seen = new Set<string>();
  try {
    for (;;) {
      const header = decodeTarHeader(await source.exactly(TAR_BLOCK_BYTES));
      if (header === "end") break;
      if (header === undefined) throw new DamagedBackupError("no header of a plain file where one must be");
      const { path, sizeBytes } = header;
      if (!isArchivePath(path)) throw new DamagedBackupError("a path that leads out of the archive");
      if (seen.has(path)) throw new DamagedBackupError(`${path} is in it twice`);
      seen.add(path);
      let left = sizeBytes;
      const chunks = async function* () {
        while (left > 0) {
          const chunk = await source.some(left);
          left -= chunk.length;
          yield chunk;
        }
      };
      yield { path, sizeBytes, chunks };
      for await (const skipped of chunks()) void skipped;
      const rest = sizeBytes % TAR_BLOCK_BYTES;
      if (rest > 0) await source.exactly(TAR_BLOCK_BYTES - rest);
    }
    const end = await source.exactly(TAR_BLOCK_BYTES);
    if (end.some((byte) => byte !== 0)) throw new DamagedBackupError("something behind its end");
    await source.assertEnd();
  } finally {
    await source.close();
  }
}

function createSource(stream: AsyncIterable<Uint8Array>) {
  const chunks = stream[Symbol.asyncIterator]();
  let current: Uint8Array = new Uint8Array();

  async function more(): Promise<boolean> {
    while (current.length === 0) {
      const { done, value } = await chunks.next();
      if (done) return false;
      current = value;
    }
    return true;
  }

  /** Up to so many bytes, at least one. */
  async function some(mostBytes: number): Promise<Uint8Array> {
    if (!await more()) throw new DamagedBackupError("it ends in the middle");
    const part = current.subarray(0, mostBytes);
    current = current.subarray(part.length);
    return part;
  }

  return {
    some,
    async exactly(lengthBytes: number): Promise<Uint8Array> {
      const bytes = new Uint8Array(lengthBytes);
      for (let at = 0; at < lengthBytes;) {
        const part = await some(lengthBytes - at);
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    async assertEnd(): Promise<void> {
      if (await more()) throw new DamagedBackupError("something behind its end");
    },
    close: async () => {
      await chunks.return?.();
    },
  };
}
