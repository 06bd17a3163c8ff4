import { PotError } from "../core/errors.ts";
import type { RetainedItem } from "../core/retention_rule.ts";
import {
  type BackupNote,
  decodeMark,
  decodeNote,
  isBackupName,
  MARK_SUFFIX,
  NOTE_SUFFIX,
  type VerifiedMark,
} from "./backup_note.ts";
import { type BackupTarget, readSmall, type TargetOptions } from "./backup_target.ts";

/** One backup in one target. */
export interface StoredBackup {
  /** Where it is. */
  readonly target: string;
  /** Of the archive. */
  readonly name: string;
  /** What stands beside it. */
  readonly note: BackupNote;
  /** Absent where it was not read back, or failed that. */
  readonly verified?: VerifiedMark;
}

/** What a target holds. */
export interface TargetListing {
  /** Newest first. */
  readonly backups: readonly StoredBackup[];
  /** Archives without a note: being written, or cut off. Of any log. */
  readonly unfinished: readonly string[];
  /** What looks like a backup and is none, in words: an archive that was not finished, a note that cannot be read. */
  readonly problems: readonly string[];
}

/**
 * The backups of one log in a target, newest first. Reads the notes beside them, no archive. Those of other logs are passed over.
 *
 * @throws {UnreachableError} when the target does not answer
 */
export async function listBackups(
  target: BackupTarget,
  { origin, ...options }: TargetOptions & { /** @default every log */ readonly origin?: string | undefined },
): Promise<TargetListing> {
  const objects = new Map((await target.list(options)).map(({ name, sizeBytes }) => [name, sizeBytes]));
  const backups: StoredBackup[] = [];
  const problems: string[] = [];
  const unfinished: string[] = [];
  for (const [name, sizeBytes] of objects) {
    if (!isBackupName(name)) continue;
    if (!objects.has(name + NOTE_SUFFIX)) {
      unfinished.push(name);
      problems.push(`${name}: it was not finished, as it has no note`);
      continue;
    }
    const note = await readNote(target, name, options);
    if (note === undefined) problems.push(`${name}: its note cannot be read`);
    else if (origin !== undefined && note.origin !== origin) continue;
    else if (note.sizeBytes !== sizeBytes) {
      problems.push(`${name}: it is ${sizeBytes} bytes long, ${note.sizeBytes} were written`);
    } else {
      const verified = objects.has(name + MARK_SUFFIX)
        ? decodeMark(await readSmall(target, name + MARK_SUFFIX, options))
        : undefined;
      backups.push({
        target: target.name,
        name,
        note,
        // A mark that was given for other bytes is worth nothing.
        ...(verified?.sha256 === note.sha256 ? { verified } : {}),
      });
    }
  }
  return { backups: backups.toSorted(newestFirst), unfinished, problems };
}

/** The backup as a rule of retention looks at it. */
export function toRetained({ name, note, verified }: StoredBackup): RetainedItem {
  return { id: name, atMs: Date.parse(note.createdAt), isVerified: verified !== undefined };
}

/** Orders backups, those of one moment by name. */
export function newestFirst(a: StoredBackup, b: StoredBackup): number {
  return Date.parse(b.note.createdAt) - Date.parse(a.note.createdAt) || (a.name < b.name ? 1 : -1);
}

/** The note of that archive; `undefined` where it is damaged, or another's. */
async function readNote(
  target: BackupTarget,
  name: string,
  options: TargetOptions,
): Promise<BackupNote | undefined> {
  const bytes = await readSmall(target, name + NOTE_SUFFIX, options);
  try {
    const note = decodeNote(bytes);
    return note.name === name ? note : undefined;
  } catch (error) {
    if (error instanceof PotError) return undefined;
    throw error;
  }
}
