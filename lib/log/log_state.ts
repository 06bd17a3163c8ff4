import { join } from "node:path";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import {
  openWriteAheadFile,
  replaceWriteAheadFile,
  type WriteAheadFile,
  type WriteAheadFrame,
} from "../io/write_ahead_file.ts";
import type { BufferedIndex } from "./buffered_index.ts";
import type { CheckpointFile } from "./checkpoint_file.ts";
import { type BundleEntry, decodeBundle } from "./entry_bundle.ts";
import type { IndexMark, IndexRow, WriteAheadPlace } from "./log_index.ts";
import { TILE_WIDTH } from "./tile_path.ts";
import type { TileStore } from "./tile_store.ts";
import { formatWriteAheadHeader, parseWriteAheadHeader } from "./write_ahead_header.ts";

/** What the index keeps of a record beside its place. */
export interface EventIdentity {
  /** Whose run the record belongs to. */
  readonly runId: string;
  /** 32 bytes. */
  readonly eventKey: Uint8Array;
}

export interface LogStateOptions {
  readonly files: FileLayer;
  readonly index: BufferedIndex;
  readonly store: TileStore;
  readonly checkpointFile: CheckpointFile;
  /** Run and event key of a record, from its bytes. */
  readonly eventKeyOf: (recordBytes: Uint8Array) => EventIdentity;
}

/** The write-ahead file and the index, kept in step with each other and with what other processes append. */
export interface LogState extends Disposable {
  readonly index: BufferedIndex;
  /** Whether the index has everything the write-ahead file has. Needs no lock; changes nothing. */
  isCaughtUp(): Promise<boolean>;
  /** Indexes whatever is durable and not yet indexed. Hold the lock, also while the result is in use. */
  catchUp(): Promise<WriteAheadFile>;
  /** Indexes what the caller has just appended: a little later, unless other processes append too. Hold the lock. */
  indexAppended(rows: readonly IndexRow[], mark: IndexMark): void;
  /** Replaces the write-ahead file by an empty one, as the first `base` entries are all published. Hold the lock. */
  rotate(base: number): Promise<void>;
  /** Lets go of the write-ahead file after a failure: the next `catchUp` looks at what is really there. */
  forget(): void;
}

/** Rows that one index transaction takes while rebuilding. */
const ROWS_AT_ONCE = 1_000;

export function createLogState(
  folder: string,
  { files, index, store, checkpointFile, eventKeyOf }: LogStateOptions,
): LogState {
  const path = join(folder, "write-ahead");
  let opened: WriteAheadFile | undefined;
  /** Identity of the write-ahead file against which the index was checked. */
  let checkedIdentity: string | undefined;
  /** Where this process's last append ended; whatever is behind it is another's. */
  let ownEnd: number | undefined;
  let isShared = false;

  const forget = () => {
    opened?.close();
    opened = undefined;
    checkedIdentity = undefined;
  };

  async function openCurrent(): Promise<{ file: WriteAheadFile; sizeBytes: number }> {
    let status = await opened?.look();
    if (opened === undefined || status === undefined || status.isReplaced) {
      forget();
      opened = await openOrMake();
      status = await opened.look();
    }
    return { file: opened, sizeBytes: status.sizeBytes };
  }

  async function openOrMake(): Promise<WriteAheadFile> {
    const published = Number((await checkpointFile.read())?.size ?? 0n);
    const { size } = index.mark();
    if (size > published && await files.stat(path) === undefined) {
      throw new PotError("Cannot use the log as its write-ahead file is gone", {
        facts: [`file: ${path}`, `records it held: ${size - published}`],
        hint: `restore it from a backup, or delete index.sqlite to go on with the first ${published} records`,
      });
    }
    const file = await openWriteAheadFile(path, { files, header: formatWriteAheadHeader(published) });
    const base = parseWriteAheadHeader(file);
    if (base <= published) return file;
    file.close();
    throw new CorruptFileError({
      path,
      where: "byte 0",
      found: `entries from ${base} on, while the checkpoint covers ${published}`,
    });
  }

  /** Whether the entry that the index has as the last one is the one in the log. */
  async function isTrustworthy(mark: IndexMark, file: WriteAheadFile): Promise<boolean> {
    const base = parseWriteAheadHeader(file);
    if (mark.identity === file.identity && mark.lastFrame > 0) {
      const frame = await firstOf(file.frames(mark.lastFrame));
      return frame !== undefined && frame.end === mark.end &&
        isLastIndexed(mark, entriesOf(frame, path).at(-1)?.bytes);
    }
    if (mark.size > base) return false;
    if (mark.size === 0) return true;
    const bundle = Math.floor((mark.size - 1) / TILE_WIDTH);
    const entries = await store.readBundle(bundle, Math.min(TILE_WIDTH, base - bundle * TILE_WIDTH));
    return isLastIndexed(mark, entries[(mark.size - 1) % TILE_WIDTH]);
  }

  function isLastIndexed(mark: IndexMark, entry: Uint8Array | undefined): boolean {
    const last = index.at(mark.size - 1);
    return last !== undefined && entry !== undefined && equalBytes(leafHash(entry), last.id);
  }

  /** Indexes the bundles up to `base`, from which on the write-ahead file has the entries. */
  async function indexBundles(mark: IndexMark, base: number): Promise<void> {
    for (let size = mark.size; size < base;) {
      const bundle = Math.floor(size / TILE_WIDTH);
      const end = Math.min(base, (bundle + 1) * TILE_WIDTH);
      const entries = await store.readBundle(bundle, end - bundle * TILE_WIDTH);
      const tile = await store.readTile(0, bundle, end - bundle * TILE_WIDTH);
      const rows = Array.from({ length: end - size }, (_, i) => {
        const slot = (size + i) % TILE_WIDTH;
        // Before anything reads it: bytes that are not in the tree may be anything.
        if (!equalBytes(leafHash(entries[slot]!), tile.at(0, slot)!)) throw notInTree(folder, size + i);
        return toRow(size + i, entries[slot]!, { frame: 0, offset: 0, lengthBytes: 0 });
      });
      size = end;
      index.add(rows, { size, identity: "", end: 0, lastFrame: 0 });
    }
  }

  async function indexFrames(mark: IndexMark, file: WriteAheadFile): Promise<IndexMark> {
    let rows: IndexRow[] = [];
    let current = mark;
    let isSynced = false;
    for await (const frame of file.frames(mark.end)) {
      // Its writer may have died before its own sync, and what is indexed must be durable.
      if (!isSynced) await file.sync();
      isSynced = true;
      const start = current.end;
      const first = current.size;
      const entries = entriesOf(frame, path);
      rows.push(...entries.map(({ bytes, offset }, i) => {
        const place = { frame: start, offset: frame.offset + offset, lengthBytes: bytes.length };
        return toRow(first + i, bytes, place);
      }));
      current = {
        size: first + entries.length,
        identity: file.identity,
        end: frame.end,
        lastFrame: start,
      };
      if (rows.length < ROWS_AT_ONCE) continue;
      index.add(rows, current);
      rows = [];
    }
    if (rows.length > 0) index.add(rows, current);
    return current;
  }

  function toRow(position: number, bytes: Uint8Array, place: WriteAheadPlace): IndexRow {
    return { position, id: leafHash(bytes), ...eventKeyOf(bytes), ...place };
  }

  async function assertCoversCheckpoint({ size }: IndexMark): Promise<void> {
    const published = (await checkpointFile.read())?.size ?? 0n;
    if (published <= BigInt(size)) return;
    throw new CorruptFileError({
      path,
      where: `entry ${size}`,
      found: `the end of the file, while the checkpoint covers ${published} entries`,
    });
  }

  async function isCaughtUp(): Promise<boolean> {
    if (await files.stat(path) === undefined) return false;
    const { file, sizeBytes } = await openCurrent();
    const mark = index.mark();
    return mark.identity === file.identity && mark.end === sizeBytes &&
      await isTrustworthy(mark, file);
  }

  async function catchUp(): Promise<WriteAheadFile> {
    let { file, sizeBytes } = await openCurrent();
    isShared = ownEnd !== undefined && ownEnd !== sizeBytes;
    const isChecked = checkedIdentity === file.identity;
    if (!isChecked && !await isTrustworthy(index.mark(), file)) {
      index.clear();
      // The check moved the file's end to where the index says that a frame starts.
      forget();
      ({ file, sizeBytes } = await openCurrent());
    }
    let mark = index.mark();
    if (mark.identity !== file.identity) {
      const size = parseWriteAheadHeader(file);
      await indexBundles(mark, size);
      mark = { size, identity: file.identity, end: file.start, lastFrame: 0 };
      index.add([], mark);
    }
    if (mark.end !== sizeBytes || mark.end !== file.end) mark = await indexFrames(mark, file);
    if (!isChecked) await assertCoversCheckpoint(mark);
    checkedIdentity = file.identity;
    return file;
  }

  return {
    index,
    async isCaughtUp() {
      const answer = await isCaughtUp();
      if (!answer) forget();
      return answer;
    },
    catchUp,
    indexAppended(rows, mark) {
      ownEnd = mark.end;
      // Whoever appends next would have to read and hash again what is not in the index yet.
      if (isShared) index.add(rows, mark);
      else index.addLater(rows, mark);
    },
    async rotate(base) {
      await replaceWriteAheadFile(path, { files, header: formatWriteAheadHeader(base) });
      ownEnd = undefined;
      await catchUp();
    },
    forget,
    [Symbol.dispose]: forget,
  };
}

function entriesOf(frame: WriteAheadFrame, path: string): readonly BundleEntry[] {
  const entries = decodeBundle(frame.payload);
  if (entries !== undefined && entries.length > 0) return entries;
  throw new CorruptFileError({
    path,
    where: `byte ${frame.offset}`,
    found: "no entry bundle in an intact frame",
  });
}

function notInTree(folder: string, position: number): CorruptFileError {
  return new CorruptFileError({
    path: join(folder, "tile"),
    where: `entry ${position}`,
    found: "an entry that does not hash to its leaf",
  });
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}
