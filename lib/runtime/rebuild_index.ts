import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { openLog } from "./open_log.ts";

/** The index and what SQLite keeps beside it. */
const INDEX_FILES = ["index.sqlite", "index.sqlite-wal", "index.sqlite-shm"];

/**
 * Throws the file log's index away and derives it again from the entries; answers with the number of records in it. Nothing but
 * the index is touched.
 *
 * @throws {UsageError} when the log is in PostgreSQL, which keeps its own indexes, or when there is no log.
 */
export async function rebuildIndex(config: Config): Promise<bigint> {
  if (config.logUrl !== undefined) {
    throw new UsageError("Cannot rebuild the index as the log is in PostgreSQL", {
      hint: "PostgreSQL rebuilds its own with: REINDEX SCHEMA pot",
    });
  }
  const folder = join(config.home, "log");
  if (await denoFiles.stat(join(folder, "write-ahead")) === undefined) {
    throw new UsageError("Cannot rebuild the index as there is no log here yet", {
      facts: [`home: ${config.home}`],
      hint: "make one with: pot init",
    });
  }
  {
    using _lock = await denoFiles.lock(join(folder, "log.lock"));
    for (const name of INDEX_FILES) await denoFiles.remove(join(folder, name));
  }
  await using log = await openLog(config);
  return await log.size();
}
