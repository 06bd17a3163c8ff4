import { join } from "node:path";
import { eventKey } from "../core/encode_record.ts";
import { UsageError } from "../core/errors.ts";
import { eventOf, parseRecord } from "../core/parse_record.ts";
import { denoFiles } from "../io/deno_files.ts";
import { openFileLog } from "../log/file_log.ts";
import type { Log } from "../log/log.ts";
import type { EventIdentity } from "../log/log_state.ts";
import type { Config } from "./config.ts";
import { openLogKeyring } from "./log_keyring.ts";

/**
 * Opens the log that the configuration names: in PostgreSQL where it gives a URL, else in the home folder.
 *
 * @throws {UsageError} when there is no log yet, or its key is for another origin than the configuration says.
 */
export async function openLog(config: Config): Promise<Log> {
  const { logUrl } = config;
  if (logUrl === undefined) return await openFolderLog(config, join(config.home, "log"));
  const identity = await logIdentity(config);
  // Loaded here, as most installations never need it.
  const { openPostgresLog } = await import("../log/postgres_log.ts");
  return await openPostgresLog(logUrl, identity);
}

/** Opens the log in a folder, with the home's log key, making it where there is none. Throws like {@linkcode openLog}. */
export async function openFolderLog(config: Config, folder: string): Promise<Log> {
  return await openFileLog(folder, {
    ...await logIdentity(config),
    files: denoFiles,
    eventKeyOf: identifyRecord,
  });
}

/** Run and event key of a record from its bytes. */
export function identifyRecord(bytes: Uint8Array): EventIdentity {
  const record = parseRecord(bytes);
  return { runId: record.runId, eventKey: eventKey(eventOf(record)) };
}

async function logIdentity(config: Config) {
  const keyring = await openLogKeyring(config.home, { files: denoFiles });
  const { origin } = keyring;
  if (config.origin !== undefined && config.origin !== origin) {
    throw new UsageError("Cannot open the log as its key is for another origin", {
      facts: [`configured: ${config.origin}`, `log key: ${origin}`, `home: ${config.home}`],
      hint: "set origin in pot.jsonc back to the log key's, or point POT_HOME at the right folder",
    });
  }
  return {
    origin,
    verifierKeys: async () => (await keyring.keys()).map(({ verifierKey }) => verifierKey).toReversed(),
    sign: keyring.sign,
  };
}
