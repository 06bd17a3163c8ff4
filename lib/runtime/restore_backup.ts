import { join } from "node:path";
import type { BackupManifest } from "../backup/backup_manifest.ts";
import { removeTree } from "../backup/remove_tree.ts";
import { finishSwap, swapState } from "../backup/swap_state.ts";
import { unpackBackup } from "../backup/unpack_backup.ts";
import { UsageError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer, FileLock } from "../io/file_layer.ts";
import { LockHeldError } from "../io/lock_held_error.ts";
import type { AuditReport } from "../recorder/audit_log.ts";
import { checkRestored } from "./check_restored.ts";
import type { Config } from "./config.ts";
import { DERIVED_FILES, RESTORED_NAMES } from "./home_files.ts";
import { importPostgres } from "./import_postgres.ts";
import type { Backups, FoundBackup } from "./open_backups.ts";
import { compareHome, type HomeDifference } from "./compare_home.ts";

/** How a backup is restored. */
export interface RestoreBackupOptions {
  /** Put it in place; else only say what would change. @default false */
  readonly isApplied?: boolean;
  /** Put it in place although its audit has findings, which were in the home folder then as well. @default false */
  readonly isAcceptingFindings?: boolean;
  /** Of the machine. */
  readonly nowMs: number;
  /** Holds the home folder, and the targets that are folders. @default the real disk */
  readonly files?: FileLayer;
  /** Ends it, before anything is exchanged. */
  readonly signal?: AbortSignal | undefined;
}

/** What a restore came to. */
export interface RestoredBackup {
  /** Of the backup. */
  readonly manifest: BackupManifest;
  /** What its audit found. */
  readonly audit: AuditReport;
  /** What changes, or would. */
  readonly difference: HomeDifference;
  /** The folder that keeps what was there before; absent where nothing was changed. */
  readonly kept?: string;
}

/**
 * Restores a backup: unpacks it beside the home's files, compares every byte with what was written, audits it, tells what would change,
 * and with `isApplied` puts it in place. What was there is kept in a folder of the home; keys, keystores and access tokens stay as
 * they are. A crash at any point leaves the old state, or one that the next opening completes. Where the log is in PostgreSQL,
 * records and the daemon's state go there, into an empty database or one that holds a beginning of them.
 *
 * @throws {UsageError} when a daemon works on this home folder
 * @throws {DamagedBackupError} when the backup is not what was written; nothing is changed then
 */
export async function restoreBackup(
  config: Config,
  { backups, found }: { readonly backups: Pick<Backups, "identities">; readonly found: FoundBackup },
  { isApplied = false, isAcceptingFindings = false, nowMs, files = denoFiles, signal }: RestoreBackupOptions,
): Promise<RestoredBackup> {
  const { home } = config;
  await files.makeFolder(home);
  using _daemon = await lockOut(home, files);
  await finishSwap(home, { files });
  await removeStaged(home, files);
  const staged = `restoring-${crypto.randomUUID().slice(0, 8)}`;
  const unpacked = join(home, staged, "home");
  try {
    const { target, backup } = found;
    const identities = await backups.identities();
    const manifest = await unpackBackup(target, backup, join(home, staged), { files, identities, signal });
    const audit = await checkRestored(unpacked, manifest, { files, signal });
    const { stays, ...difference } = await compareHome(config, { unpacked, manifest, files });
    if (!isApplied) return { manifest, audit, difference: { ...difference, stays } };
    if (audit.outcome === "mismatch" && !isAcceptingFindings) throw hasFindings(audit);
    if (config.logUrl !== undefined) await importPostgres(config, unpacked, { files, signal });
    const elsewhere = config.logUrl === undefined ? [] : ["log", "state"];
    const names = RESTORED_NAMES.filter((name) => !stays.includes(name) && !elsewhere.includes(name));
    const inBackup = (await files.list(unpacked)).map(({ name }) => name);
    const kept = `before-restore-${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, "")}`;
    await addDeployments(config, join(home, staged), files);
    using _log = await lockLog(home, files);
    await swapState(home, {
      staged,
      from: "home",
      kept,
      takes: [...names, ...DERIVED_FILES],
      gives: names.filter((name) => inBackup.includes(name)),
    }, { files });
    return { manifest, audit, difference: { ...difference, stays }, kept: join(home, kept) };
  } finally {
    // Once it is under way, what is staged is the only copy.
    if (await files.stat(join(home, "restoring.json")) === undefined) {
      await removeTree(join(home, staged), files).catch(() => {});
    }
  }
}

async function lockOut(home: string, files: FileLayer): Promise<FileLock> {
  try {
    return await files.lock(join(home, "daemon.lock"), { failIfHeld: true });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    throw new UsageError("Cannot restore a backup as a daemon works on this home folder", {
      facts: [`home: ${home}`],
      hint: "stop it first (pot up), and whatever else records here; then restore",
      cause,
    });
  }
}

/** Whoever appends waits; there may be no log to wait for. */
async function lockLog(home: string, files: FileLayer): Promise<Disposable | undefined> {
  if (await files.stat(join(home, "log")) === undefined) return undefined;
  return await files.lock(join(home, "log", "log.lock"));
}

/** What a restore left that was killed before it changed anything. Hold the daemon's lock. */
async function removeStaged(home: string, files: FileLayer): Promise<void> {
  for (const { name, isFolder } of await files.list(home)) {
    if (isFolder && /^restoring-[0-9a-f]{8}$/.test(name)) await removeTree(join(home, name), files);
  }
}

/** What is there already stays: a contract that was deployed since must not be forgotten. */
async function addDeployments({ folder }: Config, staged: string, files: FileLayer): Promise<void> {
  for (const { name } of await files.list(join(staged, "deployments"))) {
    const path = join(folder, "deployments", name);
    if (await files.stat(path) !== undefined) continue;
    await files.makeFolder(join(folder, "deployments"));
    await writeFileAtomically(files, path, (await files.read(join(staged, "deployments", name)))!);
  }
}

function hasFindings({ findings }: AuditReport): UsageError {
  return new UsageError("Cannot restore the backup as its audit has findings", {
    facts: findings.slice(0, 5).map(({ code, count, meaning }) => `${code} (${count}): ${meaning}`),
    hint: "use an older one, or take it as it is: --accept-findings",
  });
}
