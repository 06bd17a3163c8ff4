import {
  byLabel,
  counter,
  family,
  gauge,
  type Metric,
  type MetricFamily,
  single,
} from "../../lib/core/metrics/metric.ts";
import type { RecorderStatus } from "../../lib/recorder/recorder.ts";

const RECORDS = gauge("pot_records", "Records by the state of the best anchor that covers them.", {
  labels: ["state"],
});
const LOG_RECORDS = counter("pot_log_records", "Records in the log: its size.");
const RUNS = gauge("pot_runs", "Runs with records in the log.");
const ANCHORS = gauge("pot_anchors", "Anchored heads, by where they are and how far they have come.", {
  labels: ["kind", "state"],
});
const ANCHORED_SIZE = gauge("pot_anchored_records", "Records that the newest anchor of each kind covers.", {
  labels: ["kind"],
});
const LAST_ANCHOR = gauge(
  "pot_last_anchor_timestamp_seconds",
  "Time of the block, or ledger line, of the newest anchor of each kind.",
  { unit: "seconds", labels: ["kind"] },
);
const OLDEST = gauge(
  "pot_oldest_pending_record_age_seconds",
  "How long the oldest record has waited for its anchor; 0 where none waits.",
  { unit: "seconds" },
);
const WAITING = gauge("pot_pending_records", "Records that wait for an anchor of the configured kind.");

/** The log and its anchors. */
export const RECORD_METRICS: readonly Metric[] = [
  RECORDS,
  LOG_RECORDS,
  RUNS,
  ANCHORS,
  ANCHORED_SIZE,
  LAST_ANCHOR,
  OLDEST,
  WAITING,
];

/** The log and its anchors, as they are. */
export interface RecordFacts {
  readonly status: RecorderStatus;
  /** The oldest record without an anchor of the configured kind, and how many there are; `undefined`: none waits. */
  readonly pending: { readonly atMs: number; readonly count: number } | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** Reads them off. */
export function recordFamilies({ status, pending, nowMs }: RecordFacts): readonly MetricFamily[] {
  const { records, recordCount, runs, anchors } = status;
  const counts = new Map<string, number>();
  const newest: Record<string, { size: bigint; atSeconds: number | undefined }> = {};
  for (const { size, facts } of anchors) {
    const key = JSON.stringify([facts.kind, facts.state]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const atSeconds = facts.kind === "local" ? facts.timestamp : facts.inclusion?.blockTime;
    if (facts.state !== "pending" && size >= (newest[facts.kind]?.size ?? 0n)) {
      newest[facts.kind] = { size, atSeconds };
    }
  }
  const ofNewest = (pick: (anchor: typeof newest[string]) => number | undefined) =>
    Object.fromEntries(Object.entries(newest).map(([kind, anchor]) => [kind, pick(anchor)]));
  return [
    byLabel(RECORDS, records),
    single(LOG_RECORDS, recordCount),
    single(RUNS, runs.length),
    family(
      ANCHORS,
      [...counts].map(([key, value]) => {
        const [kind, state] = JSON.parse(key);
        return { labels: { kind, state }, value };
      }),
    ),
    byLabel(ANCHORED_SIZE, ofNewest(({ size }) => Number(size))),
    byLabel(LAST_ANCHOR, ofNewest(({ atSeconds }) => atSeconds)),
    single(OLDEST, pending === undefined ? 0 : Math.max(0, nowMs - pending.atMs) / 1_000),
    single(WAITING, pending?.count ?? 0),
  ];
}
