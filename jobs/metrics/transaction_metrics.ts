import type { TransactionState } from "../../lib/chain/journal_entry.ts";
import type { DurationHistogram } from "../../lib/chain/journal_totals.ts";
import type { JournalView } from "../../lib/chain/read_journal.ts";
import {
  byLabel,
  counter,
  gauge,
  histogram,
  type HistogramValue,
  type Metric,
  type MetricFamily,
  single,
} from "../../lib/core/metrics/metric.ts";

const STATES = gauge(
  "pot_transactions",
  "Transactions of this key by state; those that are settled (final, failed, replaced) since its first.",
  { labels: ["state"] },
);
const SIGNED = counter(
  "pot_transactions_signed",
  "Transactions signed, a replacement being none of its own.",
);
const SETTLED = counter(
  "pot_transactions_settled",
  "Transactions that nothing can change any more, by how they ended.",
  {
    labels: ["outcome"],
  },
);
const SUCCESS = gauge(
  "pot_transaction_success_ratio",
  "Of all settled transactions, those that had their effect; absent where none is settled.",
  { unit: "ratio" },
);
const REPLACEMENTS = counter(
  "pot_transaction_replacements",
  "Forms that were signed in place of a stuck one.",
);
const REORGANISATIONS = counter("pot_reorganisations", "Times that a block with one of ours was replaced.");
const GAPS = counter(
  "pot_nonce_gaps_filled",
  "Nonces that fell out of every pool and were taken by a no-op.",
);
const TO_MINE = histogram(
  "pot_transaction_time_to_mine_seconds",
  "From the first signature to the first block.",
  {
    unit: "seconds",
  },
);
const TO_CONFIRM = histogram(
  "pot_transaction_time_to_confirm_seconds",
  "From the first signature to the depth that the policy asks for.",
  { unit: "seconds" },
);
const THROUGHPUT = gauge(
  "pot_transaction_throughput_per_second",
  "Transactions mined in the hour before the newest one, a second.",
);
const OLDEST = gauge(
  "pot_oldest_pending_transaction_age_seconds",
  "How long the oldest transaction has waited for a block; 0 where none waits.",
  { unit: "seconds" },
);
const PAUSED = gauge("pot_writes_paused", "1 while this host sends nothing: pot resume ends it.");

/** What the journal of sent transactions tells. */
export const TRANSACTION_METRICS: readonly Metric[] = [
  STATES,
  SIGNED,
  SETTLED,
  SUCCESS,
  REPLACEMENTS,
  REORGANISATIONS,
  GAPS,
  TO_MINE,
  TO_CONFIRM,
  THROUGHPUT,
  OLDEST,
  PAUSED,
];

const LIVE_STATES: readonly TransactionState[] = ["signed", "broadcast", "unknown", "mined", "confirmed"];

/** Reads them off the journal, which is durable: a restart changes no number. */
export function transactionFamilies(
  { view: { live, metrics }, isPaused, nowMs }: {
    readonly view: Pick<JournalView, "live" | "metrics">;
    readonly isPaused: boolean;
    readonly nowMs: number;
  },
): readonly MetricFamily[] {
  const { signed, succeeded, failed, cancelled, oldestPendingAtMs = nowMs } = metrics;
  return [
    byLabel(STATES, {
      ...Object.fromEntries(
        LIVE_STATES.map((wanted) => [wanted, live.filter(({ state }) => state === wanted).length]),
      ),
      final: succeeded,
      failed,
      replaced: cancelled,
    }),
    single(SIGNED, signed),
    byLabel(SETTLED, { succeeded, failed, cancelled }),
    single(SUCCESS, metrics.successRatio),
    single(REPLACEMENTS, metrics.replacements),
    single(REORGANISATIONS, metrics.reorganisations),
    single(GAPS, metrics.gapsFilled),
    single(TO_MINE, histogramOf(metrics.timeToMine)),
    single(TO_CONFIRM, histogramOf(metrics.timeToConfirm)),
    single(THROUGHPUT, metrics.throughputPerSecond),
    single(OLDEST, Math.max(0, nowMs - oldestPendingAtMs) / 1_000),
    single(PAUSED, isPaused ? 1 : 0),
  ];
}

function histogramOf({ buckets, sumSeconds }: DurationHistogram): HistogramValue {
  return {
    buckets: buckets.map(({ upToSeconds, count }) => ({ upTo: upToSeconds, count })),
    sum: sumSeconds,
  };
}
