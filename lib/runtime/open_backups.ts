import { join } from "node:path";
import type { BackupTarget } from "../backup/backup_target.ts";
import type { VerifiedDepth } from "../backup/backup_note.ts";
import { createBackup, type CreatedBackup } from "../backup/create_backup.ts";
import { listBackups, newestFirst, type StoredBackup, type TargetListing } from "../backup/list_backups.ts";
import { pruneBackups } from "../backup/prune_backups.ts";
import { removeTree } from "../backup/remove_tree.ts";
import { verifyBackup } from "../backup/verify_backup.ts";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import type { RetentionDecision, RetentionRule } from "../core/retention_rule.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Config } from "./config.ts";
import { exportPostgres } from "./export_postgres.ts";
import { findLogKey } from "./log_key.ts";
import { openBackupTargets, readIdentities } from "./open_backup_targets.ts";
import { snapshotHome } from "./snapshot_home.ts";
import { systemClock } from "./system_clock.ts";

/** The backups of one installation. */
export interface Backups {
  /** As configured. */
  readonly targets: readonly BackupTarget[];
  /** The log's name, by which its backups are told from others'; `undefined` where nothing here says it. */
  origin(): Promise<string | undefined>;
  /** Secret: what decrypts them; none where it is not here. */
  identities(): Promise<readonly string[]>;
  /** Makes one, writes it into every target and reads it back from each. Throws where none could be made at all. */
  create(options?: BackupOptions): Promise<CreatedBackup>;
  /** What each target holds; a target that does not answer gives its error in place of that. */
  list(options?: BackupOptions): Promise<readonly ListedTarget[]>;
  /** The newest backup that was verified, of any target or of that one; or the one of that name, verified or not. */
  find(options?: FindBackupOptions): Promise<FoundBackup>;
  /** Reads one back. */
  verify(found: FoundBackup, options?: BackupOptions): Promise<VerifiedDepth>;
  /** Removes what the rule does not keep. */
  prune(options: BackupOptions & { readonly rule: RetentionRule; readonly isDryRun: boolean }): Promise<
    readonly { readonly target: string; readonly decisions: readonly RetentionDecision[] }[]
  >;
}

/** What each of them takes. */
export interface BackupOptions {
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Which backup is meant. */
export interface FindBackupOptions extends BackupOptions {
  /** @default the newest verified one */
  /** An archive. */
  readonly name?: string | undefined;
  /** @default any */
  /** A target. */
  readonly target?: string | undefined;
}

/** What became of asking one target. */
export type ListedTarget =
  | { readonly target: string; readonly listing: TargetListing; readonly error?: undefined }
  | { readonly target: string; readonly listing?: undefined; readonly error: unknown };

/** A backup, and where it is. */
export interface FoundBackup {
  /** A target. */
  readonly target: BackupTarget;
  /** What is known of it. */
  readonly backup: StoredBackup;
}

/** What to put in place of the machine's own. */
export interface OpenBackupsOptions {
  /** Dates backups and marks. @default the machine's clock */
  readonly clock?: Pick<Clock, "now">;
  /** Holds the home folder, and the targets that are folders. @default the real disk */
  readonly files?: FileLayer;
}

/** In the home folder: what is being made, or rehearsed. Needs the room of a backup, and of an unpacked one for a rehearsal. */
export function workFolderOf({ home }: Pick<Config, "home">): string {
  return join(home, "backup-work");
}

/**
 * The backups of a configuration. Asks no target yet.
 *
 * @throws {UsageError} when no target is configured
 *
 * @example
 * ```ts
 * import { type Config, openBackups } from "@pot/ops";
 * async function backUp(config: Config): Promise<string> {
 *   const { note } = await openBackups(config).create();
 *   return note.name;
 * }
 * console.log(backUp.name);
 * ```
 */
export function openBackups(
  config: Config,
  { clock = systemClock, files = denoFiles }: OpenBackupsOptions = {},
): Backups {
  const { backup, home } = config;
  if (backup === undefined || backup.targets.length === 0) {
    throw new UsageError("Cannot work on backups as no target is configured", {
      hint: "set POT_BACKUP_TARGETS, such as /mnt/backup or s3://bucket/prefix?region=eu-central-1",
    });
  }
  const targets = openBackupTargets(backup, { files, clock });
  const origin = async () => config.origin ?? (await findLogKey(home, { files }))?.name;
  const identities = () => readIdentities(backup, files);

  async function list({ signal }: BackupOptions = {}): Promise<readonly ListedTarget[]> {
    const own = await origin();
    const listed: ListedTarget[] = [];
    for (const target of targets) {
      try {
        const listing = await listBackups(target, {
          origin: own,
          ...(signal === undefined ? {} : { signal }),
        });
        listed.push({ target: target.name, listing });
      } catch (error) {
        signal?.throwIfAborted();
        listed.push({ target: target.name, error });
      }
    }
    return listed;
  }

  async function requireOrigin(): Promise<string> {
    const own = await origin();
    if (own !== undefined) return own;
    throw new UsageError("Cannot back up as there is no log here yet", {
      facts: [`home: ${home}`],
      hint: "make one with: pot init",
    });
  }

  return {
    targets,
    origin,
    identities,
    list,

    async create({ signal } = {}) {
      const own = await requireOrigin();
      return await createBackup(async (workFolder) => {
        const exported = config.logUrl === undefined
          ? undefined
          : await exportPostgres(config, join(workFolder, "export"), { files, signal });
        const snapshot = await snapshotHome(config, {
          files,
          origin: own,
          nowMs: clock.now(),
          exported,
          signal,
        });
        return {
          ...snapshot,
          async [Symbol.asyncDispose]() {
            snapshot[Symbol.dispose]();
            if (exported !== undefined) await removeTree(exported, files);
          },
        };
      }, {
        files,
        workFolder: workFolderOf(config),
        targets,
        recipients: backup.recipients,
        identities: await identities(),
        clock,
        randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
        signal,
      });
    },

    async find({ name, target: wanted, signal } = {}) {
      const asked = targets.filter(({ name }) => wanted === undefined || name === wanted);
      if (asked.length === 0) {
        throw new UsageError("Cannot find the backup as no target has that name", {
          facts: [`targets: ${targets.map(({ name }) => name).join(", ")}`],
          hint: "name one of these with --target",
        });
      }
      const listed = await list({ signal });
      const found = listed.filter(({ target }) => asked.some(({ name }) => name === target))
        .flatMap(({ listing }) => listing?.backups ?? [])
        .filter((one) => name === undefined ? one.verified !== undefined : one.name === name)
        .toSorted(newestFirst);
      const [newest] = found;
      const origins = new Set(found.map(({ note }) => note.origin));
      if (newest !== undefined && (name !== undefined || origins.size === 1)) {
        return { target: targets.find((target) => target.name === newest.target)!, backup: newest };
      }
      const failed = listed.find(({ error }) => error !== undefined);
      if (newest === undefined && failed !== undefined) throw failed.error;
      throw new UsageError(
        newest === undefined
          ? "Cannot find the backup as there is none"
          : "Cannot tell which backup is meant as there are some of several logs",
        {
          facts: [name === undefined ? "wanted: the newest verified one" : `wanted: ${name}`],
          hint: newest === undefined ? "see what is there: pot backup list" : "name one of: pot backup list",
        },
      );
    },

    async verify({ target, backup: found }, { signal } = {}) {
      return await verifyBackup(target, found, { identities: await identities(), clock, signal });
    },

    async prune({ rule, isDryRun, signal }) {
      const own = await requireOrigin();
      const pruned = [];
      for (const target of targets) {
        pruned.push({
          target: target.name,
          decisions: await pruneBackups(target, { origin: own, rule, isDryRun, signal }),
        });
      }
      return pruned;
    },
  };
}
