import { byLabel, gauge, type Metric, type MetricFamily, single } from "../../lib/core/metrics/metric.ts";
import type { LastObservation } from "./last_observations.ts";

const LABELS = ["target"];
const MADE = gauge(
  "pot_backup_last_success_timestamp_seconds",
  "When the newest verified backup was made, Unix time.",
  {
    unit: "seconds",
    labels: LABELS,
  },
);
const VERIFIED = gauge(
  "pot_backup_last_verified_timestamp_seconds",
  "When the newest verified backup was read back and found whole, Unix time.",
  { unit: "seconds", labels: LABELS },
);
const SIZE = gauge("pot_backup_size_bytes", "Size of the newest backup.", { unit: "bytes", labels: LABELS });
const KEPT = gauge("pot_backups_kept", "Backups that are there.", { labels: LABELS });
const DRILLED = gauge(
  "pot_restore_drill_last_success_timestamp_seconds",
  "When a backup was restored and compared with the chain, Unix time; absent where the last drill failed.",
  { unit: "seconds" },
);
const DRILLED_AGE = gauge(
  "pot_restore_drill_backup_age_seconds",
  "How old the backup was that was restored.",
  {
    unit: "seconds",
  },
);

/** What is told of backups, once there are any. */
export const BACKUP_METRICS: readonly Metric[] = [MADE, VERIFIED, SIZE, KEPT, DRILLED, DRILLED_AGE];

/** Reads them off what the jobs `backup` and `restore-drill` saw last. */
export function backupFamilies(observations: readonly LastObservation[]): readonly MetricFamily[] {
  const backups = observations.filter(({ check }) => check === "backup");
  const drill = observations.find(({ check }) => check === "restore-drill");
  const each = (value: (seen: LastObservation) => number | undefined) =>
    Object.fromEntries(backups.map((seen) => [seen.subject, value(seen)]));
  const drillAgeMs = drill?.values.ageMs;
  const hasWorked = drill?.status === "ok" || drill?.status === "degraded";
  return [
    byLabel(MADE, each((seen) => sinceSeconds(seen, "ageMs"))),
    byLabel(VERIFIED, each((seen) => sinceSeconds(seen, "verifiedAgeMs"))),
    byLabel(SIZE, each(({ values }) => values.sizeBytes)),
    byLabel(KEPT, each(({ values }) => values.keptCount)),
    single(DRILLED, hasWorked ? drill.atMs / 1_000 : undefined),
    single(DRILLED_AGE, drillAgeMs === undefined ? undefined : drillAgeMs / 1_000),
  ];
}

function sinceSeconds({ values, atMs }: LastObservation, name: string): number | undefined {
  const ageMs = values[name];
  return ageMs === undefined ? undefined : (atMs - ageMs) / 1_000;
}
