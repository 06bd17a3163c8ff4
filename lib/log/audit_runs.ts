import { openScratchDatabase } from "../io/scratch_database.ts";

/** Follows every run through the log, in memory that does not grow with their number. */
export interface RunTracker extends Disposable {
  /** Takes the id of the next record of a run in; answers with that of the run's record before it. */
  follow(runId: string, id: Uint8Array): Uint8Array | undefined;
}

export interface RunTrackerOptions {
  /** Runs that are kept at hand; the others wait in a temporary file. @default 20 000 */
  readonly mostAtHand?: number;
}

export function createRunTracker({ mostAtHand = 20_000 }: RunTrackerOptions = {}): RunTracker {
  /** Id of each run's last record; least recently used first. */
  const atHand = new Map<string, Uint8Array>();
  let file: ReturnType<typeof openRunFile> | undefined;

  /** Half of them at once, as a transaction costs more than a row. */
  function makeRoom(): void {
    file ??= openRunFile();
    const oldest = [...atHand].slice(0, Math.ceil(mostAtHand / 2));
    file.put(oldest);
    for (const [runId] of oldest) atHand.delete(runId);
  }

  return {
    follow(runId, id) {
      const before = atHand.get(runId) ?? file?.get(runId);
      atHand.delete(runId);
      atHand.set(runId, id.slice());
      if (atHand.size > mostAtHand) makeRoom();
      return before;
    },
    [Symbol.dispose]: () => file?.[Symbol.dispose](),
  };
}

/** A nameless SQLite file, which is gone when it is closed. */
function openRunFile() {
  const database = openScratchDatabase();
  database.exec(`
    CREATE TABLE run (runId TEXT PRIMARY KEY, lastId BLOB) WITHOUT ROWID;
  `);
  const find = database.prepare("SELECT lastId FROM run WHERE runId = ?");
  const put = database.prepare("INSERT OR REPLACE INTO run VALUES (?, ?)");
  return {
    get: (runId: string) => (find.get(runId) as { lastId: Uint8Array } | undefined)?.lastId,
    put(runs: readonly (readonly [runId: string, lastId: Uint8Array])[]) {
      database.exec("BEGIN");
      for (const run of runs) put.run(...run);
      database.exec("COMMIT");
    },
    [Symbol.dispose]: () => database.close(),
  };
}
