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
  "When a backup was last read back and found whole, Unix time.",
  { unit: "seconds", labels: LABELS },
);
const SIZE = gauge("pot_backup_size_bytes", "Size of the newest backup.", { unit: "bytes", labels: LABELS });
const KEPT = gauge("pot_backups_kept", "Backups that are there.", { labels: LABELS });
const DRILLED = gauge(
  "pot_restore_drill_last_success_timestamp_seconds",
  "When a backup was last restored and compared with the chain, Unix time.",
  { unit: "seconds" },
);
const DRILL_TOOK = gauge("pot_restore_drill_duration_seconds", "How long the last one took.", {
  unit: "seconds",
});

/** What is told of backups, once there are any. */
export const BACKUP_METRICS: readonly Metric[] = [MADE, VERIFIED, SIZE, KEPT, DRILLED, DRILL_TOOK];

/** Reads them off what the jobs `backup` and `restore-drill` saw last. */
export function backupFamilies(observations: readonly LastObservation[]): readonly MetricFamily[] {
  const backups = observations.filter(({ check }) => check === "backup");
  const drill = observations.find(({ check }) => check === "restore-drill");
  const each = (value: (seen: LastObservation) => number | undefined) =>
    Object.fromEntries(backups.map((seen) => [seen.subject, value(seen)]));
  const tookMs = drill?.values.durationMs;
  return [
    byLabel(MADE, each((seen) => sinceSeconds(seen, "ageMs"))),
    // Whoever makes one reads it back; a later look is told by itself.
    byLabel(VERIFIED, each((seen) => sinceSeconds(seen, "verifiedAgeMs") ?? sinceSeconds(seen, "ageMs"))),
    byLabel(SIZE, each(({ values }) => values.sizeBytes)),
    byLabel(KEPT, each(({ values }) => values.keptCount)),
    single(DRILLED, drill && sinceSeconds(drill, "ageMs")),
    single(DRILL_TOOK, tookMs === undefined ? undefined : tookMs / 1_000),
  ];
}

function sinceSeconds({ values, atMs }: LastObservation, name: string): number | undefined {
  const ageMs = values[name];
  return ageMs === undefined ? undefined : (atMs - ageMs) / 1_000;
}
