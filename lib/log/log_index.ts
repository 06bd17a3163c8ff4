import { DatabaseSync } from "node:sqlite";
import { createEventFilters } from "./event_filters.ts";
import type { RunSummary } from "./log.ts";

/** Where an entry of the write-ahead file stands; all 0 for one that was indexed from its bundle. */
export interface WriteAheadPlace {
  /** Offset of the frame. */
  readonly frame: number;
  /** Offset of the entry's first byte. */
  readonly offset: number;
  readonly lengthBytes: number;
}

/** What the index keeps of one entry. */
export interface IndexRow extends WriteAheadPlace {
  readonly position: number;
  /** Leaf hash, 32 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes. */
  readonly eventKey: Uint8Array;
  readonly runId: string;
}

/** How far the index has read the log. */
export interface IndexMark {
  /** Number of entries indexed. */
  readonly size: number;
  /** Identity of the write-ahead file that `end` and `lastFrame` are offsets into; empty before the first. */
  readonly identity: string;
  /** Where the first frame that is not indexed starts. */
  readonly end: number;
  /** Where the last indexed frame starts; 0 when no frame of that file is indexed. */
  readonly lastFrame: number;
}

/**
 * Finds entries by id, event key and run. Derived from the log, and never believed over it: losing it loses nothing.
 * Only a holder of the log's lock writes to it, and only what is durable in the log.
 */
export interface LogIndex extends Disposable {
  mark(): IndexMark;
  /**
   * Adds entries that follow on the indexed ones and moves the mark, both or neither. What another process indexed
   * meanwhile stays as it is; entries that do not follow any more, as the index was cleared, are not added.
   */
  add(rows: readonly IndexRow[], mark: IndexMark): void;
  /** Forgets everything. */
  clear(): void;
  findId(id: Uint8Array): number | undefined;
  /** The first entry with that event key, among those that the last call of `mark` or `add` saw. */
  findEvent(eventKey: Uint8Array): { readonly position: number; readonly id: Uint8Array } | undefined;
  /** Id of a run's last entry. */
  lastOfRun(runId: string): Uint8Array | undefined;
  at(position: number): (WriteAheadPlace & { readonly id: Uint8Array }) | undefined;
  runs(): readonly RunSummary[];
  runPositions(runId: string): readonly number[];
}

/** Of the tables below; an index of another version is made anew. */
export const INDEX_VERSION = 2;
/**
 * Hashes are found through one B-tree for each stretch of this many entries: its pages stay in memory while it grows,
 * so that a new entry costs the same in a log of any length. One tree over all of them dirties a page an entry: 30 µs
 * measured at 200 000 entries and growing, against 10 at any number.
 */
export const STRETCH = 65_536;
const EMPTY_MARK: IndexMark = { size: 0, identity: "", end: 0, lastFrame: 0 };

const TABLES = `
  CREATE TABLE mark (
    only INTEGER PRIMARY KEY CHECK (only = 1), size INTEGER NOT NULL, identity TEXT NOT NULL,
    "end" INTEGER NOT NULL, lastFrame INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE run (
    run INTEGER PRIMARY KEY, runId TEXT NOT NULL UNIQUE, recordCount INTEGER NOT NULL,
    firstPosition INTEGER NOT NULL, lastPosition INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entry (
    position INTEGER PRIMARY KEY, id BLOB NOT NULL, eventKey BLOB NOT NULL, run INTEGER NOT NULL,
    frame INTEGER NOT NULL, "offset" INTEGER NOT NULL, lengthBytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE hash (
    stretch INTEGER NOT NULL, prefix INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (stretch, prefix, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entryByRun ON entry (run);
  PRAGMA user_version = ${INDEX_VERSION};
`;

/** Opens the index at a path, or in memory for `:memory:`; `undefined` where none of this version is there. */
export function openLogIndex(location: string): LogIndex | undefined {
  if (location !== ":memory:" && !isFile(location)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = connect(location);
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === INDEX_VERSION) return createIndex(database);
  } catch (error) {
    database?.close();
    if (isDamage(error)) return undefined;
    throw error;
  }
  database.close();
  return undefined;
}

/** Makes an empty index, in the place of whatever was there. Hold the log's lock. */
export function makeLogIndex(location: string): LogIndex {
  if (location !== ":memory:") {
    for (const suffix of ["", "-wal", "-shm"]) removeFile(location + suffix);
  }
  const database = connect(location);
  database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
  return createIndex(database);
}

function connect(location: string): DatabaseSync {
  const database = new DatabaseSync(location, { timeout: 10_000 });
  try {
    // A power cut may undo the last commits, which the mark then tells; it does not damage the database.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000");
    // 16 MiB: pages that many batches change are then moved to the database once.
    database.exec("PRAGMA wal_autocheckpoint = 4000");
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function createIndex(database: DatabaseSync): LogIndex {
  const getMark = database.prepare(`SELECT size, identity, "end", lastFrame FROM mark`);
  const setMark = database.prepare("INSERT OR REPLACE INTO mark VALUES (1, ?, ?, ?, ?)");
  const addToRun = database.prepare(
    `INSERT INTO run (runId, recordCount, firstPosition, lastPosition) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (runId) DO UPDATE SET recordCount = recordCount + ?2, lastPosition = ?4 RETURNING run`,
  );
  const addEntry = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)");
  const addHash = database.prepare("INSERT INTO hash VALUES (?, ?, ?)");
  const findIn = (column: "id" | "eventKey") =>
    database.prepare(
      `SELECT position, id FROM hash JOIN entry USING (position)
       WHERE stretch = ? AND prefix = ? AND ${column} = ? ORDER BY position LIMIT 1`,
    );
  const byId = findIn("id");
  const byEventKey = findIn("eventKey");
  // As one text, as a row each takes four times as long.
  const eventKeysFrom = database.prepare(
    `SELECT group_concat(hex(substr(eventKey, 1, 16)), '') AS keys FROM entry WHERE position >= ? AND position < ?`,
  );
  const lastOfRun = database.prepare(
    "SELECT entry.id FROM run JOIN entry ON entry.position = run.lastPosition WHERE run.runId = ?",
  );
  const byPosition = database.prepare(
    `SELECT id, frame, "offset", lengthBytes FROM entry WHERE position = ?`,
  );
  const allRuns = database.prepare("SELECT * FROM run ORDER BY firstPosition");
  const positionsOfRun = database.prepare(
    `SELECT entry.position FROM run JOIN entry ON entry.run = run.run WHERE run.runId = ? ORDER BY entry.position`,
  );

  let knownSize = 0;
  const filters = createEventFilters({
    stretchLength: STRETCH,
    readKeys: (from, to) => Uint8Array.fromHex(eventKeysFrom.get(from, to)?.["keys"] as string ?? ""),
  });

  function atomically(change: () => void): void {
    database.exec("BEGIN IMMEDIATE");
    try {
      change();
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      filters.reset();
      throw error;
    }
  }

  function readMark(): IndexMark {
    const row = getMark.get() as unknown as IndexMark | undefined;
    const mark = row ? { ...row } : EMPTY_MARK;
    // Cleared by another process: other entries may get those positions.
    if (mark.size < knownSize) filters.reset();
    knownSize = mark.size;
    return mark;
  }

  function addRows(rows: readonly IndexRow[]): void {
    const runs = new Map<string, number>();
    for (const [runId, ofRun] of Map.groupBy(rows, ({ runId }) => runId)) {
      const { run } = addToRun.get(runId, ofRun.length, ofRun[0]!.position, ofRun.at(-1)!.position) as {
        run: number;
      };
      runs.set(runId, run);
    }
    const hashes: (readonly [stretch: number, prefix: number, position: number])[] = [];
    for (const { position, id, eventKey, runId, frame, offset, lengthBytes } of rows) {
      addEntry.run(position, id, eventKey, runs.get(runId)!, frame, offset, lengthBytes);
      const stretch = Math.floor(position / STRETCH);
      filters.added(position, eventKey);
      hashes.push([stretch, prefixOf(id), position], [stretch, prefixOf(eventKey), position]);
    }
    // In the tree's order a batch touches each page once.
    hashes.sort((a, b) => a[1] - b[1]);
    for (const hash of hashes) addHash.run(...hash);
  }

  return {
    mark: readMark,
    add(rows, mark) {
      atomically(() => {
        const { size } = readMark();
        const fresh = rows.filter(({ position }) => position >= size);
        if (fresh.length === 0 ? rows.length > 0 || mark.size !== size : fresh[0]!.position !== size) return;
        addRows(fresh);
        setMark.run(mark.size, mark.identity, mark.end, mark.lastFrame);
        knownSize = mark.size;
      });
    },
    clear() {
      atomically(() =>
        database.exec("DELETE FROM entry; DELETE FROM hash; DELETE FROM run; DELETE FROM mark")
      );
      readMark();
    },
    findId(id) {
      const { size } = readMark();
      for (let stretch = 0; stretch * STRETCH < size; stretch++) {
        const row = byId.get(stretch, prefixOf(id), id);
        if (row !== undefined) return row["position"] as number;
      }
      return undefined;
    },
    findEvent(eventKey) {
      for (const stretch of filters.stretchesWith(eventKey, knownSize)) {
        const row = byEventKey.get(stretch, prefixOf(eventKey), eventKey);
        if (row !== undefined) return row as unknown as { position: number; id: Uint8Array };
      }
      return undefined;
    },
    lastOfRun: (runId) => (lastOfRun.get(runId) as { id: Uint8Array } | undefined)?.id,
    at: (position) => byPosition.get(position) as (WriteAheadPlace & { id: Uint8Array }) | undefined,
    runs: () =>
      (allRuns.all() as unknown as RunRow[]).map(({ runId, recordCount, firstPosition, lastPosition }) => ({
        runId,
        recordCount,
        firstIndex: BigInt(firstPosition),
        lastIndex: BigInt(lastPosition),
      })),
    runPositions: (runId) =>
      (positionsOfRun.all(runId) as unknown as { position: number }[]).map(({ position }) => position),
    [Symbol.dispose]: () => database.close(),
  };
}

/** The first 48 bits: small enough for SQLite's six-byte integers, and collisions cost only another look. */
export function prefixOf(hash: Uint8Array): number {
  const high = hash[0]! << 16 | hash[1]! << 8 | hash[2]!;
  return high * 2 ** 24 + (hash[3]! << 16 | hash[4]! << 8 | hash[5]!);
}

interface RunRow {
  readonly runId: string;
  readonly recordCount: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** As opposed to a busy or unwritable database, which must not be thrown away. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && /not a database|malformed|no such table/.test(error.message);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
