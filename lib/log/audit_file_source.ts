import { join } from "node:path";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { readBounded } from "../io/read_bounded.ts";
import { createFindingCollector, type FindingCollector } from "./audit_findings.ts";
import { type AuditIndex, openAuditIndex } from "./audit_index.ts";
import type { AuditSource, StoredBatch } from "./audit_source.ts";
import { createAuditTail } from "./audit_tail.ts";
import { createAuditTileFiles } from "./audit_tile_files.ts";
import { MAX_CHECKPOINT_BYTES } from "./checkpoint_file.ts";
import type { IndexRow } from "./log_index.ts";
import { openWriteAheadSnapshot, type WriteAheadEntry, type WriteAheadSnapshot } from "./read_write_ahead.ts";
import { TILE_WIDTH } from "./tile_path.ts";

export interface AuditFileSourceOptions {
  readonly files: FileLayer;
  readonly findings: FindingCollector;
  /** What could not be looked at, in words. */
  readonly notes: string[];
  /** Whether to hold the index against the entries. @default true */
  readonly withIndex?: boolean;
}

const WRITE_AHEAD = "log/write-ahead";
const CHECKPOINT = "log/checkpoint";
const INDEX = "log/index.sqlite";
/** The write-ahead file may be replaced while one looks at it together with the checkpoint, but hardly this often. */
const TRIES = 10;
/** So many bundles in a row must be missing before the rest is not looked for. */
const MOST_MISSING = 1_000;
const HASH_BYTES = 32;

/** Opens a file log as it is at this moment, for an audit. Takes no lock, and writes nothing. */
export async function openAuditFileSource(
  folder: string,
  { files, findings, notes, withIndex = true }: AuditFileSourceOptions,
): Promise<AuditSource & Disposable> {
  // In this order: whatever the index and the checkpoint know was in the write-ahead file before.
  const index = withIndex ? openAuditIndex(join(folder, "index.sqlite"), { findings, notes }) : undefined;
  try {
    const { writeAhead, note } = await takeSnapshot(folder, files, findings);
    const published = readSize(note, findings);
    const base = writeAhead?.base ?? 0;
    if (published < base) {
      const detail = note === undefined ? "there is none" : `it covers ${published} records`;
      findings.add("checkpoint-missing", CHECKPOINT, `${detail}, but ${base} were published`);
    }
    if (writeAhead === undefined && (published > 0 || (index?.size ?? 0) > 0)) {
      findings.add("write-ahead-missing", WRITE_AHEAD, "there is no such file");
    }
    const publishedSize = Math.max(published, base);
    return createSource({ folder, files, note, publishedSize, writeAhead, index, findings });
  } catch (error) {
    index?.[Symbol.dispose]();
    throw error;
  }
}

interface Snapshot {
  readonly writeAhead: WriteAheadSnapshot | undefined;
  readonly note: string | undefined;
}

/** Both of one moment: a checkpoint that is published in between may come with another write-ahead file. */
async function takeSnapshot(folder: string, files: FileLayer, findings: FindingCollector): Promise<Snapshot> {
  for (let tries = 1;; tries++) {
    const writeAhead = await orReport(
      () => openWriteAheadSnapshot(folder, files),
      (where, found) => findings.add("write-ahead-damaged", `${WRITE_AHEAD}, ${where}`, found),
    );
    const note = await orReport(
      () => readBounded(files, join(folder, "checkpoint"), MAX_CHECKPOINT_BYTES),
      (where, found) => findings.add("checkpoint-damaged", `${CHECKPOINT}, ${where}`, found),
    );
    if (writeAhead === undefined || tries === TRIES || await writeAhead.isCurrent()) {
      return { writeAhead, note: note && new TextDecoder().decode(note) };
    }
    writeAhead[Symbol.dispose]();
  }
}

async function orReport<T>(
  read: () => Promise<T>,
  report: (where: string, found: string) => void,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CorruptFileError)) throw error;
    const fact = (name: string) =>
      error.facts.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
    report(fact("place"), fact("found"));
    return undefined;
  }
}

/** The size that the note says, whoever signed it. */
function readSize(note: string | undefined, findings: FindingCollector): number {
  if (note === undefined) return 0;
  try {
    const { size } = parseCheckpointNote(note);
    if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
    findings.add("checkpoint-damaged", CHECKPOINT, `it covers ${size} records`);
  } catch (error) {
    findings.add("checkpoint-damaged", CHECKPOINT, (error as Error).message);
  }
  return 0;
}

interface SourceParts extends Snapshot {
  readonly folder: string;
  readonly files: FileLayer;
  readonly publishedSize: number;
  readonly index: AuditIndex | undefined;
  readonly findings: FindingCollector;
}

function createSource(
  { folder, files, note, publishedSize, writeAhead, index, findings }: SourceParts,
): AuditSource & Disposable {
  const tiles = createAuditTileFiles(folder, { files, findings });
  // What is wrong with a tile was reported when its entries were read.
  const quietTiles = createAuditTileFiles(folder, { files, findings: createFindingCollector() });
  /** Of the batch that was given out last. */
  let rows: () => ReadonlyMap<number, IndexRow> = () => new Map();
  let tail: readonly (WriteAheadEntry | undefined)[] = [];

  async function* batches(): AsyncGenerator<StoredBatch, void> {
    const rest = createAuditTail({ writeAhead, publishedSize, findings });
    let missingInARow = 0;
    try {
      for (let first = 0;; first += TILE_WIDTH) {
        tail = await rest.take(first, TILE_WIDTH);
        rows = once(() => index?.rows(first, TILE_WIDTH) ?? new Map());
        const { batch, isMissing } = await readBatch(first);
        missingInARow = isMissing ? missingInARow + 1 : 0;
        const isKnown = tail.length > 0 || first < Math.max(index?.size ?? 0, writeAhead?.base ?? 0);
        // A checkpoint may say anything: where nothing else knows of more, there is no more.
        if (batch.entries.length === 0 || missingInARow > (isKnown ? MOST_MISSING : 0)) return;
        yield batch;
        if (batch.entries.length < TILE_WIDTH) return;
      }
    } finally {
      await rest.stop();
    }
  }

  async function readBatch(first: number): Promise<{ batch: StoredBatch; isMissing: boolean }> {
    const width = Math.max(0, Math.min(TILE_WIDTH, publishedSize - first));
    const bundle = first / TILE_WIDTH;
    const [tile, ...otherTiles] = width === 0 ? [] : await tiles.hashes({ level: 0, index: bundle }, width);
    const leafHashes = tile?.hashes;
    const read = width === 0 ? undefined : await tiles.entries(bundle, width, leafHashes);
    const entries = Array.from({ length: Math.max(width, tail.length) }, (_, slot) => {
      const published = slot < width ? read?.entries[slot] : undefined;
      const inTail = tail[slot]?.bytes;
      if (published !== undefined && inTail !== undefined) {
        compareCopies(first + slot, { published, inTail, hash: leafHashes && hashAt(leafHashes, slot) });
      }
      return published ?? inTail;
    });
    const looked = new Map<number, IndexRow | undefined>();
    const indexed = (slot: number) => {
      if (!looked.has(slot)) {
        const row = rows().get(first + slot);
        const bytes = entries[slot];
        looked.set(
          slot,
          row && (slot < width || bytes === undefined || isTrusted(row, bytes)) ? row : undefined,
        );
      }
      return looked.get(slot);
    };
    const where = (slot: number) => slot < width ? read!.where : WRITE_AHEAD;
    return {
      batch: { first, where, entries, publishedCount: width, leafHashes, otherTiles, indexed },
      isMissing: read?.isMissing ?? false,
    };
  }

  /** Of two copies that differ, the one with the tile's hash is right; that the other is wrong is told elsewhere. */
  function compareCopies(
    position: number,
    { published, inTail, hash }: {
      readonly published: Uint8Array;
      readonly inTail: Uint8Array;
      readonly hash: Uint8Array | undefined;
    },
  ): void {
    if (equalBytes(published, inTail) || (hash !== undefined && equalBytes(leafHash(inTail), hash))) return;
    findings.add("write-ahead-differs", `${WRITE_AHEAD}, leaf ${position}`, "its bundle has another record");
  }

  /**
   * Of an entry that nothing but the index has a hash of: whether the index agrees with itself. A row whose id is not the
   * entry's, while the index finds the entry's own id there, is damaged.
   */
  function isTrusted(row: IndexRow, bytes: Uint8Array): boolean {
    const id = leafHash(bytes);
    if (equalBytes(id, row.id) || !index!.finds(id, row.position)) return true;
    findings.add("index-differs", `${INDEX}, leaf ${row.position}`, "its id is not the record's");
    return false;
  }

  function compareRow(row: IndexRow, { id, entry, hash }: RowWitnesses): void {
    const where = `${INDEX}, leaf ${row.position}`;
    const isWrong = id !== undefined && hash !== undefined && !equalBytes(row.id, id) &&
      !equalBytes(row.id, hash);
    if (isWrong) findings.add("index-differs", where, "its id is not the record's");
    if (entry === undefined || index!.identity !== writeAhead!.identity) return;
    const { frame, offset, lengthBytes } = entry.place;
    if (row.frame === frame && row.offset === offset && row.lengthBytes === lengthBytes) return;
    findings.add(
      "index-differs",
      where,
      `it looks for the record at byte ${row.offset} of the write-ahead file, which has it at ${offset}`,
    );
  }

  return {
    publishedSize,
    expectedSize: Math.max(publishedSize, index?.size ?? 0),
    async *checkpoints() {
      if (note !== undefined) yield { where: CHECKPOINT, note };
    },
    batches,
    tileVersions: (name, width) => tiles.hashes(name, width),
    compareIndex({ first, entries, publishedCount, leafHashes }, records) {
      if (index === undefined) return;
      const isSound = tail.length === 0 && records.every((record) => record !== undefined);
      if (isSound && index.compareAll(records, first)) return;
      for (let slot = 0; slot < entries.length; slot++) {
        const row = rows().get(first + slot);
        const record = records[slot];
        index.compare(row, record, first + slot);
        const hash = leafHashes && slot < publishedCount ? hashAt(leafHashes, slot) : undefined;
        if (row !== undefined) compareRow(row, { id: record?.id, entry: tail[slot], hash });
      }
    },
    finish(size) {
      index?.finish(size);
      return Promise.resolve();
    },
    readTile: async (name, width) => (await quietTiles.hashes(name, width))[0]?.hashes,
    find: (id) => Promise.resolve(index?.find(id)),
    [Symbol.dispose]() {
      index?.[Symbol.dispose]();
      writeAhead?.[Symbol.dispose]();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

interface RowWitnesses {
  readonly id: Uint8Array | undefined;
  readonly entry: WriteAheadEntry | undefined;
  readonly hash: Uint8Array | undefined;
}

function hashAt(hashes: Uint8Array, slot: number): Uint8Array {
  return hashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
}
