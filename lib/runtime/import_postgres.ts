import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";
import { openFileStateStore } from "../io/file_state_store.ts";
import { copyLog } from "../log/copy_log.ts";
import type { Config } from "./config.ts";
import { identifyRecord, openFolderLog, openLog } from "./open_log.ts";

/**
 * Puts the log and the daemon's state of an unpacked backup into PostgreSQL. May be run again where it was cut off.
 *
 * @throws {PotError} when the database holds other records; it is left as it is then
 * @throws {UnreachableError} when it does not answer
 */
export async function importPostgres(
  config: Config,
  unpacked: string,
  { files, signal }: { readonly files: FileLayer; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if (await files.stat(join(unpacked, "log")) !== undefined) {
    await using from = await openFolderLog(config, join(unpacked, "log"));
    await using to = await openLog(config);
    if (await from.size() > 0n) {
      await copyLog(from, to, { eventKeyOf: identifyRecord, ...(signal === undefined ? {} : { signal }) });
    }
  }
  const { createPostgresStateStore } = await import("../log/postgres_state_store.ts");
  await using store = createPostgresStateStore(config.logUrl!);
  const copy = openFileStateStore(join(unpacked, "state"), { files });
  for (const { name: file } of await files.list(join(unpacked, "state"))) {
    const name = file.replace(/\.state$/, "");
    if (name === file) continue;
    const document = await copy.read(name);
    const current = await store.read(name);
    if (document !== undefined) await store.write(name, document.bytes, { version: current?.version });
  }
}
