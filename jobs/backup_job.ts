import { PotError } from "../lib/core/errors.ts";
import type { Clock } from "../lib/core/clock.ts";
import type { Observation } from "../lib/core/observation.ts";
import type { RetentionRule } from "../lib/core/retention_rule.ts";
import type { TargetOutcome } from "../lib/backup/create_backup.ts";
import type { Backups, ListedTarget } from "../lib/runtime/open_backups.ts";
import type { Job } from "./job.ts";

export interface BackupJobDeps {
  readonly backups: Pick<Backups, "targets" | "create" | "list" | "prune">;
  /** @default nothing is deleted */
  readonly keep?: RetentionRule | undefined;
  readonly clock: Pick<Clock, "now">;
}

const DAY_MS = 24 * 3_600_000;
/** One run was left out, or failed; so many were. */
const DEGRADED_MS = 1.5 * DAY_MS;
const FAILED_MS = 3 * DAY_MS;

/** Makes a backup in every target, reads it back, removes what is not kept, and tells of each target how old its newest verified one is. */
export function backupJob({ backups, keep, clock }: BackupJobDeps): Job {
  return {
    name: "backup",
    schedule: "41 2 * * *",
    timeoutMs: 6 * 3_600_000,
    async run(signal) {
      let outcomes: readonly TargetOutcome[];
      try {
        outcomes = (await backups.create({ signal })).targets;
      } catch (error) {
        signal.throwIfAborted();
        outcomes = backups.targets.map(({ name }) => ({ target: name, isOk: false, error }));
      }
      const listed = await backups.list({ signal });
      const observations = outcomes.map((outcome) =>
        observe(outcome, listed.find(({ target }) => target === outcome.target), clock.now())
      );
      const written = outcomes.filter(({ isOk }) => isOk).length;
      // Only what is known to have worked may be a reason to delete.
      const removed = keep === undefined || written < outcomes.length
        ? 0
        : (await backups.prune({ rule: keep, isDryRun: false, signal }))
          .flatMap(({ decisions }) => decisions).filter(({ isKept }) => !isKept).length;
      return {
        summary: `${written} of ${outcomes.length} targets have a new verified backup` +
          (removed === 0 ? "" : `, ${removed} old ones were removed`),
        observations,
      };
    },
  };
}

function observe(outcome: TargetOutcome, listed: ListedTarget | undefined, nowMs: number): Observation {
  const newest = listed?.listing?.backups.find(({ verified }) => verified !== undefined);
  const ageMs = newest === undefined ? undefined : Math.max(0, nowMs - Date.parse(newest.note.createdAt));
  const problems = listed?.listing?.problems ?? [];
  const age = ageMs === undefined
    ? "it has no verified one"
    : `its newest verified one is ${hours(ageMs)} old`;
  return {
    check: "backup",
    subject: outcome.target,
    status: !outcome.isOk || ageMs === undefined || ageMs > FAILED_MS
      ? "failed"
      : ageMs > DEGRADED_MS
      ? "degraded"
      : "ok",
    reason: outcome.isOk ? `verified by its ${outcome.depth}; ${age}` : `${messageOf(outcome.error)}; ${age}`,
    ...(newest === undefined ? {} : {
      values: {
        ageMs: ageMs!,
        verifiedAgeMs: Math.max(0, nowMs - Date.parse(newest.verified!.verifiedAt)),
        sizeBytes: newest.note.sizeBytes,
        keptCount: listed!.listing!.backups.length,
      },
    }),
    ...(problems.length === 0 ? {} : { details: { problems: problems.slice(0, 5).join("; ") } }),
    atMs: nowMs,
  };
}

function hours(ms: number): string {
  return ms < DAY_MS ? `${Math.floor(ms / 3_600_000)} h` : `${Math.floor(ms / DAY_MS)} d`;
}

/** Of errors that are not ours, nobody knows what they repeat. */
function messageOf(error: unknown): string {
  return error instanceof PotError ? error.message : "it could not be written";
}
