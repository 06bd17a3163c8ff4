import { join } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import { chainLogKeys, type LogKey, parseKeyStart, requireHandOvers } from "../core/log_keys.ts";
import { importNoteSigner } from "../core/note_key.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { decryptText } from "./age_text.ts";
import { KEY_FILE, readKeyFile, writeKeyFile } from "./log_key.ts";
import { appendLogKeyLines, lockLogKeys, readLogKeyLines } from "./log_key_lines.ts";

export interface RestoreLogKeyOptions {
  readonly files: FileLayer;
  /** The backup's bytes. */
  readonly backup: Uint8Array;
  readonly passphrase: string;
  /** The key must be of this log. @default any */
  readonly origin?: string;
}

/** What a restore did. */
export interface LogKeyRestore {
  /** Of the restored key. */
  readonly verifierKey: string;
  /** False where the home had it already. */
  readonly isNew: boolean;
}

interface Backup {
  /** Secret. */
  readonly signerKey: string;
  readonly keys: readonly LogKey[];
}

/**
 * Puts a backed up log key into a home that has none, or an older one of the same log: then the key has been rotated
 * elsewhere. Never brings a retired key back.
 *
 * @throws {UsageError} for a wrong passphrase, a file that is no backup, or a key of another log
 * @throws {PotError} when the key has handed over since, or the home's keys are others
 */
export async function restoreLogKey(
  home: string,
  { files, backup, passphrase, origin }: RestoreLogKeyOptions,
): Promise<LogKeyRestore> {
  const { signerKey, keys } = await readBackup(await decryptText(backup, passphrase));
  const { name, verifierKey } = await importNoteSigner(signerKey);
  if (origin !== undefined && origin !== name) {
    throw new UsageError("Cannot restore the log key as it is another log's", {
      facts: [`configured: ${origin}`, `in the backup: ${name}`],
      hint: "restore it into the home folder of its own log",
    });
  }
  await files.makeFolder(home);
  using _rotating = await files.lock(join(home, "log-rotate.lock"));
  using _lock = await lockLogKeys(home, files);
  const path = join(home, KEY_FILE);
  const current = (await readKeyFile(path, files))?.signer.verifierKey;
  const lines = await readLogKeyLines(home, files);
  const ours = lines.length > 0 || current === undefined ? lines : [{ verifierKey: current, from: 0n }];
  assertExtends(ours, keys);
  if (lines.length < keys.length && keys.length > 1) {
    await appendLogKeyLines(home, { keys: keys.slice(lines.length), files });
  }
  if (current !== verifierKey) await writeKeyFile(path, signerKey, files);
  return { verifierKey, isNew: current !== verifierKey };
}

/** The lines of a decrypted backup. No message quotes any of it. */
async function readBackup(text: string): Promise<Backup> {
  const [signerKey = "", ...lines] = text.trimEnd().split("\n");
  try {
    const { verifierKey } = await importNoteSigner(signerKey);
    if (lines.length === 0) return { signerKey, keys: [{ verifierKey, from: 0n }] };
    const keys = chainLogKeys(lines.map((line, i) => parseKeyStart(JSON.parse(line), `key ${i + 1}`)));
    await requireHandOvers(keys);
    if (keys.at(-1)!.verifierKey === verifierKey) return { signerKey, keys };
  } catch {
    // The cause could hold the key.
  }
  throw new UsageError("Cannot restore the log key as the file is no backup of one", {
    hint: "write one with: pot log backup-key --output <file>",
  });
}

/** Sizes decide too: a key that hands over at another size is another history. */
function assertExtends(ours: readonly LogKey[], backup: readonly LogKey[]): void {
  const isSame = ({ verifierKey, from }: LogKey, i: number, others: readonly LogKey[]) =>
    others[i]!.verifierKey === verifierKey && others[i]!.from === from;
  const common = Math.min(ours.length, backup.length);
  if (!ours.slice(0, common).every((key, i) => isSame(key, i, backup))) {
    throw new PotError("Cannot restore the log key as the home has other keys", {
      facts: [`newest key here: ${ours.at(-1)!.verifierKey}`, `in the backup: ${backup.at(-1)!.verifierKey}`],
      hint: "restore it into the home folder of its own log",
    });
  }
  if (ours.length <= backup.length) return;
  throw new PotError("Cannot restore the log key as it has handed over to another one", {
    facts: [`newest key here: ${ours.at(-1)!.verifierKey}`, `in the backup: ${backup.at(-1)!.verifierKey}`],
    hint: "restore a backup of the newest key; back up again after each rotation",
  });
}
