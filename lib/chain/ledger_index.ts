import { DatabaseSync } from "node:sqlite";

/** What the index keeps of one line of the ledger. */
export interface LedgerRow {
  /** From 1. */
  readonly line: number;
  /** Offset of its first byte in the file. */
  readonly offset: number;
  readonly lengthBytes: number;
  readonly transactionId: string;
  /** The key it was written under, with who wrote it; absent on imported lines. */
  readonly writtenAs?: string;
  /** Whose log's head it is, if it is one. */
  readonly headOf?: string;
}

/** How far the index has read the ledger. */
export interface LedgerMark {
  readonly lineCount: number;
  /** Identity of the file; empty before the first line. */
  readonly identity: string;
  /** Where the first line that is not indexed starts. */
  readonly end: number;
}

type Place = Pick<LedgerRow, "line" | "offset" | "lengthBytes">;

/** Finds lines by id and key. Derived from the ledger: losing it loses nothing. */
export interface LedgerIndex extends Disposable {
  mark(): LedgerMark;
  /**
   * Adds lines that follow on the indexed ones and moves the mark, both or neither; leaves alone what another process
   * has added meanwhile. Answers with the line that has an id or key of an earlier one, having added nothing.
   */
  add(rows: readonly LedgerRow[], mark: LedgerMark): LedgerRow | undefined;
  clear(): void;
  last(): Place | undefined;
  findId(transactionId: string): Place | undefined;
  findWrittenAs(writtenAs: string): Place | undefined;
  newestHeadOf(submitter: string): Place | undefined;
}

const VERSION = 1;
const TABLES = `
  CREATE TABLE mark (
    only INTEGER PRIMARY KEY CHECK (only = 1), lineCount INTEGER NOT NULL, identity TEXT NOT NULL, "end" INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE line (
    line INTEGER PRIMARY KEY, "offset" INTEGER NOT NULL, lengthBytes INTEGER NOT NULL,
    transactionId TEXT NOT NULL UNIQUE, writtenAs TEXT UNIQUE, headOf TEXT
  ) STRICT;
  CREATE INDEX head ON line (headOf, line) WHERE headOf IS NOT NULL;
  PRAGMA user_version = ${VERSION};
`;

/** Opens the index at a path, making it anew where it is absent or damaged; in memory where that cannot be written. */
export function openLedgerIndex(location: string): LedgerIndex {
  try {
    return connect(location);
  } catch {
    try {
      for (const suffix of ["", "-wal", "-shm"]) Deno.removeSync(location + suffix);
    } catch {
      // Absent, or not ours to remove.
    }
  }
  try {
    return connect(location);
  } catch {
    return connect(":memory:");
  }
}

function connect(location: string): LedgerIndex {
  const database = new DatabaseSync(location, { timeout: 10_000 });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE");
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === 0) database.exec(TABLES);
    else if (version !== VERSION) throw new Error(`index version ${version}`);
    database.exec("COMMIT");
    return createIndex(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function createIndex(database: DatabaseSync): LedgerIndex {
  const getMark = database.prepare(`SELECT lineCount, identity, "end" FROM mark`);
  const setMark = database.prepare("INSERT OR REPLACE INTO mark VALUES (1, ?, ?, ?)");
  const addLine = database.prepare("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const findBy = (condition: string) =>
    database.prepare(`SELECT line, "offset", lengthBytes FROM line ${condition} LIMIT 1`);
  const last = findBy("ORDER BY line DESC");
  const byId = findBy("WHERE transactionId = ?");
  const byWrittenAs = findBy("WHERE writtenAs = ?");
  const newestHead = findBy("WHERE headOf = ? ORDER BY line DESC");

  const readMark = (): LedgerMark => {
    const row = getMark.get() as unknown as LedgerMark | undefined;
    return row ? { ...row } : { lineCount: 0, identity: "", end: 0 };
  };
  return {
    mark: readMark,
    add(rows, mark) {
      let repeated: LedgerRow | undefined;
      database.exec("BEGIN IMMEDIATE");
      try {
        const { lineCount } = readMark();
        const fresh = rows.filter(({ line }) => line > lineCount);
        if (fresh[0]?.line === lineCount + 1) {
          repeated = fresh.find(({ line, offset, lengthBytes, transactionId, writtenAs, headOf }) =>
            addLine.run(line, offset, lengthBytes, transactionId, writtenAs ?? null, headOf ?? null)
              .changes === 0
          );
          setMark.run(mark.lineCount, mark.identity, mark.end);
        }
        database.exec(repeated === undefined ? "COMMIT" : "ROLLBACK");
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
      return repeated;
    },
    clear: () => database.exec("BEGIN IMMEDIATE; DELETE FROM line; DELETE FROM mark; COMMIT"),
    last: () => last.get() as Place | undefined,
    findId: (transactionId) => byId.get(transactionId) as Place | undefined,
    findWrittenAs: (writtenAs) => byWrittenAs.get(writtenAs) as Place | undefined,
    newestHeadOf: (submitter) => newestHead.get(submitter) as Place | undefined,
    [Symbol.dispose]: () => database.close(),
  };
}
