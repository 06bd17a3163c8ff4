import { DatabaseSync } from "node:sqlite";

/**
 * An empty SQLite database that is gone when it is closed. It is a nameless file, so that work need not fit into memory; but Deno
 * allows that with all permissions only, and with fewer it is in memory, some 100 bytes a row.
 */
export function openScratchDatabase(): DatabaseSync {
  const database = tryNameless() ?? new DatabaseSync(":memory:");
  database.exec("PRAGMA journal_mode = OFF; PRAGMA cache_size = -8000;");
  return database;
}

function tryNameless(): DatabaseSync | undefined {
  try {
    return new DatabaseSync("");
  } catch {
    return undefined;
  }
}
