import { decideRetention, type RetentionDecision, type RetentionRule } from "../core/retention_rule.ts";
import { MARK_SUFFIX, nameOfLog, NOTE_SUFFIX, timeOfName } from "./backup_note.ts";
import type { BackupTarget } from "./backup_target.ts";
import { listBackups, type StoredBackup, toRetained } from "./list_backups.ts";

export interface PruneOptions {
  /** Only backups of this log are looked at. */
  readonly origin: string;
  readonly rule: RetentionRule;
  /** Say what would be removed, and remove nothing. @default false */
  readonly isDryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes the backups of one log that the rule does not keep, oldest first, and answers what became of each, newest first. Archives of
 * that log that were not finished go too, once a backup was verified that is a day newer.
 */
export async function pruneBackups(
  target: BackupTarget,
  { origin, rule, isDryRun = false, signal }: PruneOptions,
): Promise<readonly RetentionDecision[]> {
  const listening = signal === undefined ? {} : { signal };
  const { backups, unfinished } = await listBackups(target, { origin, ...listening });
  const decisions = decideRetention(backups.map(toRetained), rule);
  if (isDryRun) return decisions;
  for (const { id, isKept } of decisions.toReversed()) {
    if (isKept) continue;
    // The note first: what is cut off here is an archive without one, which no listing offers.
    for (const name of [id + MARK_SUFFIX, id + NOTE_SUFFIX, id]) await target.remove(name, listening);
  }
  const newestMs = Math.max(...backups.filter(({ verified }) => verified !== undefined).map(madeMs), 0);
  for (const name of unfinished) {
    // Long enough ago that nobody is at it still, and only what was to be a backup of this log.
    const isOurs = name.startsWith(`pot-${nameOfLog(origin)}-2`);
    if (isOurs && timeOfName(name) < newestMs - DAY_MS) await target.remove(name, listening);
  }
  return decisions;
}

const DAY_MS = 86_400_000;

function madeMs({ note }: StoredBackup): number {
  return Date.parse(note.createdAt);
}
