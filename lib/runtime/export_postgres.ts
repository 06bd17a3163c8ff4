import { join } from "node:path";
import { removeTree } from "../backup/remove_tree.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openFileStateStore } from "../io/file_state_store.ts";
import { copyLog } from "../log/copy_log.ts";
import type { Config } from "./config.ts";
import { identifyRecord, openFolderLog, openLog } from "./open_log.ts";

/**
 * Copies what PostgreSQL holds into a folder as a home folder would hold it: `log/`, of one size, and `state/`. What an earlier export
 * left is removed first.
 *
 * @throws {UnreachableError} when the database does not answer
 */
export async function exportPostgres(
  config: Config,
  folder: string,
  { files, signal }: { readonly files: FileLayer; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  await removeTree(folder, files);
  await files.makeFolder(folder);
  {
    await using from = await openLog(config);
    await using to = await openFolderLog(config, join(folder, "log"));
    if (await from.size() > 0n) {
      await copyLog(from, to, { eventKeyOf: identifyRecord, ...(signal === undefined ? {} : { signal }) });
    }
  }
  const { createPostgresStateStore, listPostgresState } = await import("../log/postgres_state_store.ts");
  const names = await listPostgresState(config.logUrl!);
  await using store = createPostgresStateStore(config.logUrl!);
  const copy = openFileStateStore(join(folder, "state"), { files });
  for (const name of names) {
    const document = await store.read(name);
    if (document !== undefined) await copy.write(name, document.bytes, { version: undefined });
  }
  return folder;
}
