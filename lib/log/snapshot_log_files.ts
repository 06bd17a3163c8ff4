import { join } from "node:path";
import type { SignedHead } from "../core/log_head.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileHandle, FileLayer } from "../io/file_layer.ts";
import { createCheckpointFile } from "./checkpoint_file.ts";
import { openWriteAheadSnapshot, type WriteAheadSnapshot } from "./read_write_ahead.ts";
import { levelSize, partialsPath, TILE_WIDTH, type TileName, tilePath } from "./tile_path.ts";

/** One file of a log's folder, as of the moment of its snapshot. */
export interface LogFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Exactly so many bytes; to be asked for once. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A file log's folder as it was at one moment, however much is appended and published meanwhile. */
export interface LogFilesSnapshot extends Disposable {
  /** The published one. */
  readonly checkpoint: SignedHead | undefined;
  /** Records, those behind the checkpoint included. */
  readonly recordCount: number;
  /** Everything that is not derived: write-ahead file, tiles and bundles, checkpoint last. Throws for what is damaged or missing. */
  files(): AsyncIterable<LogFile>;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Takes a snapshot of a log's folder. The log's lock is held only while sizes are fixed: what is full never changes, what is partial is a
 * beginning of what takes its place, and the write-ahead file is held open. `undefined` where there is no log.
 *
 * @throws {CorruptFileError} when the write-ahead file is damaged
 */
export async function snapshotLogFiles(
  folder: string,
  { files, origin, signal }: {
    readonly files: FileLayer;
    readonly origin: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<LogFilesSnapshot | undefined> {
  const path = join(folder, "write-ahead");
  if (await files.stat(path) === undefined) return undefined;
  const opened = new DisposableStack();
  try {
    let checkpoint: SignedHead | undefined;
    let writeAhead: WriteAheadSnapshot;
    let handle: FileHandle;
    let partials: readonly Sized[];
    {
      using _lock = await files.lock(join(folder, "log.lock"), signal === undefined ? {} : { signal });
      checkpoint = await createCheckpointFile(folder, { files, origin }).read();
      writeAhead = opened.use((await openWriteAheadSnapshot(folder, files))!);
      handle = await files.open(path, { readOnly: true });
      opened.defer(() => handle.close());
      partials = await listPartials(folder, Number(checkpoint?.size ?? 0n), files);
    }
    const recordCount = await countRecords(writeAhead);
    const size = Number(checkpoint?.size ?? 0n);
    const all = async function* () {
      yield heldFile("write-ahead", handle, writeAhead.sizeBytes);
      yield* fullTiles(folder, size, files);
      for (const partial of partials) yield partialFile(folder, partial, files);
      if (checkpoint !== undefined) yield inMemory("checkpoint", new TextEncoder().encode(checkpoint.note));
    };
    const held = opened.move();
    return { checkpoint, recordCount, files: all, [Symbol.dispose]: () => held.dispose() };
  } finally {
    opened.dispose();
  }
}

/** Reading them all also finds damage, while there is still an older backup. */
async function countRecords(writeAhead: WriteAheadSnapshot): Promise<number> {
  let count = writeAhead.base;
  for await (const { position } of writeAhead.entries()) count = position + 1;
  return count;
}

interface Sized {
  readonly name: TileName;
  readonly width: number;
  readonly sizeBytes: number;
}

/** Hashes, level by level, and the bundles. */
function* levels(size: number): Generator<{ readonly level: number | "entries"; readonly length: number }> {
  if (size > 0) yield { level: "entries", length: size };
  for (let level = 0; levelSize(size, level) > 0; level++) yield { level, length: levelSize(size, level) };
}

/** Every version that is kept of each last tile. Hold the lock. */
async function listPartials(folder: string, size: number, files: FileLayer): Promise<readonly Sized[]> {
  const found: Sized[] = [];
  for (const { level, length } of levels(size)) {
    const name = { level, index: Math.floor(length / TILE_WIDTH) };
    for (const { name: file } of await files.list(join(folder, partialsPath(name)))) {
      const width = /^[1-9][0-9]{0,2}$/.test(file) ? Number(file) : 0;
      if (width === 0 || width > length % TILE_WIDTH) continue;
      const stat = await files.stat(join(folder, tilePath(name, width)));
      if (stat !== undefined) found.push({ name, width, sizeBytes: stat.sizeBytes });
    }
    const needed = length % TILE_WIDTH;
    const isThere = found.some((one) => one.name.level === level && one.width === needed);
    // A crash may have left the full one already.
    const full = needed > 0 && !isThere ? await files.stat(join(folder, tilePath(name))) : undefined;
    if (needed > 0 && !isThere) {
      if (full === undefined) throw missing(join(folder, tilePath(name, needed)));
      found.push({ name, width: TILE_WIDTH, sizeBytes: full.sizeBytes });
    }
  }
  return found;
}

async function* fullTiles(folder: string, size: number, files: FileLayer): AsyncGenerator<LogFile, void> {
  for (const { level, length } of levels(size)) {
    for (let index = 0; index < Math.floor(length / TILE_WIDTH); index++) {
      const path = tilePath({ level, index });
      const bytes = await files.read(join(folder, path));
      if (bytes === undefined) throw missing(join(folder, path));
      yield inMemory(path, bytes);
    }
  }
}

/** What was partial may be gone by now: then the full one, which is durable before that, begins with it. */
function partialFile(folder: string, { name, width, sizeBytes }: Sized, files: FileLayer): LogFile {
  const path = tilePath(name, width);
  return {
    path,
    sizeBytes,
    async *chunks() {
      const bytes = await files.read(join(folder, path)) ?? await files.read(join(folder, tilePath(name)));
      if (bytes === undefined) throw missing(join(folder, path));
      yield bytes.subarray(0, sizeBytes);
    },
  };
}

function heldFile(path: string, file: FileHandle, sizeBytes: number): LogFile {
  return {
    path,
    sizeBytes,
    async *chunks() {
      for (let at = 0; at < sizeBytes;) {
        const chunk = await file.readAt(at, Math.min(CHUNK_BYTES, sizeBytes - at));
        if (chunk.length === 0) return;
        at += chunk.length;
        yield chunk;
      }
    },
  };
}

function inMemory(path: string, bytes: Uint8Array): LogFile {
  return {
    path,
    sizeBytes: bytes.length,
    async *chunks() {
      yield bytes;
    },
  };
}

function missing(path: string): CorruptFileError {
  return new CorruptFileError({
    path,
    where: "byte 0",
    found: "no such file, though a checkpoint covers it",
  });
}
