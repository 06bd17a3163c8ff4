import { DatabaseSync } from "node:sqlite";
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
  /** Adds entries that follow on the indexed ones and moves the mark, both or neither. */
  add(rows: readonly IndexRow[], mark: IndexMark): void;
  /** Forgets everything. */
  clear(): void;
  findId(id: Uint8Array): number | undefined;
  /** The first entry with that event key. */
  findEvent(eventKey: Uint8Array): { readonly position: number; readonly id: Uint8Array } | undefined;
  /** Id of a run's last entry. */
  lastOfRun(runId: string): Uint8Array | undefined;
  at(position: number): (WriteAheadPlace & { readonly id: Uint8Array }) | undefined;
  runs(): readonly RunSummary[];
  runPositions(runId: string): readonly number[];
}

const VERSION = 1;
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
  CREATE INDEX entryById ON entry (id);
  CREATE INDEX entryByEventKey ON entry (eventKey);
  CREATE INDEX entryByRun ON entry (run);
  PRAGMA user_version = ${VERSION};
`;

/** Opens the index at a path, or in memory for `:memory:`; `undefined` where none of this version is there. */
export function openLogIndex(location: string): LogIndex | undefined {
  if (location !== ":memory:" && !isFile(location)) return undefined;
  let database: DatabaseSync | undefined;
  try {
    database = connect(location);
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === VERSION) return createIndex(database);
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
    `INSERT INTO run (runId, recordCount, firstPosition, lastPosition) VALUES (?1, 1, ?2, ?2)
     ON CONFLICT (runId) DO UPDATE SET recordCount = recordCount + 1, lastPosition = ?2 RETURNING run`,
  );
  const addEntry = database.prepare("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)");
  const byId = database.prepare("SELECT position FROM entry WHERE id = ? ORDER BY position LIMIT 1");
  const byEventKey = database.prepare(
    "SELECT position, id FROM entry WHERE eventKey = ? ORDER BY position LIMIT 1",
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

  function atomically(change: () => void): void {
    database.exec("BEGIN IMMEDIATE");
    try {
      change();
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  return {
    mark: () => {
      const row = getMark.get() as unknown as IndexMark | undefined;
      return row ? { ...row } : EMPTY_MARK;
    },
    add(rows, mark) {
      atomically(() => {
        for (const { position, id, eventKey, runId, frame, offset, lengthBytes } of rows) {
          const { run } = addToRun.get(runId, position) as { run: number };
          addEntry.run(position, id, eventKey, run, frame, offset, lengthBytes);
        }
        setMark.run(mark.size, mark.identity, mark.end, mark.lastFrame);
      });
    },
    clear() {
      atomically(() => database.exec("DELETE FROM entry; DELETE FROM run; DELETE FROM mark"));
    },
    findId: (id) => (byId.get(id) as { position: number } | undefined)?.position,
    findEvent: (eventKey) => byEventKey.get(eventKey) as { position: number; id: Uint8Array } | undefined,
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
