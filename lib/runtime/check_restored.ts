import { join } from "node:path";
import type { BackupManifest } from "../backup/backup_manifest.ts";
import { DamagedBackupError } from "../backup/damaged_backup_error.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { toHex } from "../core/hex.ts";
import { chainLogKeys, type LogKey } from "../core/log_keys.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { openAuditFileSource } from "../log/audit_file_source.ts";
import type { AuditedChain } from "../recorder/audit_chain.ts";
import { auditLog, type AuditReport } from "../recorder/audit_log.ts";

export interface CheckRestoredOptions {
  readonly files: FileLayer;
  /** The chain to compare every anchored record with. @default none */
  readonly chain?: AuditedChain | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Audits what was unpacked from a backup: derives the log again from its records and holds all that is beside it against that, and
 * against the chain, which may have more by now. Writes nothing.
 *
 * @throws {DamagedBackupError} when the log is not the one that the manifest tells of
 */
export async function checkRestored(
  home: string,
  manifest: BackupManifest,
  { files, chain, signal }: CheckRestoredOptions,
): Promise<AuditReport> {
  await assertSameLog(home, manifest, files);
  const keys = keysOf(manifest);
  const audit = await auditLog({
    home,
    files,
    origin: manifest.origin,
    keys: () => Promise.resolve(keys.length === 0 ? undefined : keys),
    // It holds no index: that is derived when the log is opened.
    withSource: async (to, work) => {
      using source = await openAuditFileSource(join(home, "log"), { files, withIndex: false, ...to });
      return await work(source);
    },
    chain,
    isOlderCopy: true,
    ...(signal === undefined ? {} : { signal }),
  });
  if (audit.size !== manifest.log.recordCount) {
    throw new DamagedBackupError(
      `a log of ${audit.size} records, the manifest tells of ${manifest.log.recordCount}`,
    );
  }
  return audit;
}

/** The log's public keys as they were. */
export function keysOf({ logKeys }: BackupManifest): readonly LogKey[] {
  if (logKeys.length === 0) return [];
  return chainLogKeys(logKeys.map(({ from, ...key }) => ({ ...key, from: BigInt(from) })));
}

async function assertSameLog(home: string, { log, origin }: BackupManifest, files: FileLayer): Promise<void> {
  const bytes = await files.read(join(home, "log", "checkpoint"));
  if (bytes === undefined && log.root === undefined) return;
  const note = bytes && parseCheckpointNote(new TextDecoder().decode(bytes));
  const isSame = note !== undefined && note.origin === origin && String(note.size) === log.size &&
    toHex(note.root) === log.root;
  if (!isSame) throw new DamagedBackupError("another checkpoint than the manifest tells of");
}
