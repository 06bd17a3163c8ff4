import { denoFiles } from "../../lib/io/deno_files.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import type { Log } from "../../lib/log/log.ts";
import { openPostgresLog } from "../../lib/log/postgres_log.ts";
import { signTestHead, TEST_ORIGIN, testLogOptions } from "./test_log.ts";

/** Opens the test log at a place: a PostgreSQL URL or a folder. */
export function openTestLog(place: string): Promise<Log> {
  return place.startsWith("postgres:")
    ? openPostgresLog(place, { origin: TEST_ORIGIN, verifierKeys: [], sign: signTestHead })
    : openFileLog(place, testLogOptions(denoFiles, { writeAheadLimitBytes: 20_000 }));
}
