import { join } from "node:path";
import { removeTree } from "../backup/remove_tree.ts";
import { unpackBackup } from "../backup/unpack_backup.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { AuditReport } from "../recorder/audit_log.ts";
import { chainOf } from "./audit_home.ts";
import { checkRestored } from "./check_restored.ts";
import type { Config } from "./config.ts";
import { type Backups, type FoundBackup, workFolderOf } from "./open_backups.ts";

/** What a rehearsal came to. */
export interface RehearsedRestore {
  /** What was restored, and from where. */
  readonly found: FoundBackup;
  /** What its audit found. */
  readonly audit: AuditReport;
}

/**
 * Restores the newest verified backup into a folder of its own, derives the log again from its records and compares every anchored record
 * with the chain; then removes the folder. The home folder is only read.
 *
 * @throws {DamagedBackupError} when the backup is not what was written
 * @throws {UsageError} when there is none, or it is encrypted and no identity is here
 */
export async function rehearseRestore(
  config: Config,
  backups: Pick<Backups, "find" | "identities">,
  { files = denoFiles, signal }: { readonly files?: FileLayer; readonly signal?: AbortSignal | undefined } =
    {},
): Promise<RehearsedRestore> {
  const workFolder = workFolderOf(config);
  await files.makeFolder(workFolder);
  using _lock = await files.lock(join(workFolder, "drill.lock"), signal === undefined ? {} : { signal });
  const folder = join(workFolder, "drill");
  // What a rehearsal left that was killed.
  await removeTree(folder, files);
  const found = await backups.find({ signal });
  try {
    const identities = await backups.identities();
    const options = { files, identities, isDurable: false, signal };
    const manifest = await unpackBackup(found.target, found.backup, folder, options);
    const chain = await chainOf(config, { rpcUrls: undefined, block: undefined });
    return { found, audit: await checkRestored(join(folder, "home"), manifest, { files, chain, signal }) };
  } finally {
    await removeTree(folder, files);
  }
}
