import { monthOf, type PeriodSpend, type Spend, utcDay } from "../core/budget.ts";
import {
  type JournalEntry,
  SETTLED_STATES,
  settledCostWei,
  type SignedFrame,
  type StateFrame,
} from "./journal_entry.ts";

/** How long something took, in seconds, as counts under upper bounds; the last bound is infinite. */
export interface DurationHistogram {
  readonly buckets: readonly { readonly upToSeconds: number; readonly count: number }[];
  readonly count: number;
  readonly sumSeconds: number;
}

/** What one kind of transaction has cost. */
export interface OperationCost {
  /** In a block. */
  readonly transactions: number;
  /** Records that these were for. */
  readonly records: number;
  readonly gas: bigint;
  readonly wei: bigint;
}

/** What the journal can tell of all transactions of a key on a chain. */
export interface TransactionMetrics {
  /** By nonce, so that a replacement is none of its own. */
  readonly signed: number;
  /** Final with effect. */
  readonly succeeded: number;
  /** Final without effect, or their nonce lost. */
  readonly failed: number;
  /** Cancelled for good. */
  readonly cancelled: number;
  /** Of all that are settled, those that succeeded; absent where none is. */
  readonly successRatio?: number;
  readonly replacements: number;
  /** Times that a block with one of ours was replaced. */
  readonly reorganisations: number;
  readonly gapsFilled: number;
  /** From the first signature to the first block. */
  readonly timeToMine: DurationHistogram;
  /** From the first signature to the depth that the policy asks. */
  readonly timeToConfirm: DurationHistogram;
  /** Mined in the hour before the newest one, a second. */
  readonly throughputPerSecond: number;
  /** By purpose, such as `anchor`. */
  readonly costs: ReadonlyMap<string, OperationCost>;
  /** When the oldest of those that wait for a block was signed, in milliseconds since the Unix epoch; absent where none waits. */
  readonly oldestPendingAtMs?: number;
}

const BOUNDS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, Infinity];
const MINUTE_MS = 60_000;
const THROUGHPUT_MINUTES = 60;

export interface JournalChange {
  readonly before: JournalEntry | undefined;
  readonly after: JournalEntry;
  readonly newestMs: number;
}

/** Sums over a journal, kept as its frames come; of the same frames they are the same, so a replay equals the live state. */
export interface JournalTotals {
  /** `before` and `after` are the entry around the frame; `newestMs` is the newest time in the journal up to it. */
  apply(frame: SignedFrame | StateFrame, change: JournalChange): void;
  /** What was signed on that UTC day and in its month. */
  spentOn(day: string): PeriodSpend;
  metrics(): Omit<TransactionMetrics, "oldestPendingAtMs">;
}

export function createJournalTotals(): JournalTotals {
  const days = new Map<string, { transactions: number; wei: bigint }>();
  const costs = new Map<string, { transactions: number; records: number; gas: bigint; wei: bigint }>();
  /** The day that each live transaction was first signed on, as the budget counts days. */
  const firstDayOf = new Map<string, string>();
  const minutes = new Map<number, number>();
  const mining = createHistogram();
  const confirming = createHistogram();
  const counts = {
    signed: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    replacements: 0,
    reorganisations: 0,
    gapsFilled: 0,
  };

  /** A block may still be replaced, and one endpoint's receipt may lie: until it is settled, the most that it can cost counts. */
  function worstCaseWei(entry: JournalEntry): bigint {
    const paidWei = settledCostWei(entry) ?? 0n;
    if (SETTLED_STATES.has(entry.state)) return paidWei;
    return paidWei > entry.maxCostWei ? paidWei : entry.maxCostWei;
  }

  function countSigned(frame: SignedFrame, isNew: boolean): void {
    if (isNew) counts.signed++;
    else counts.replacements++;
    if (frame.kind === "gap") counts.gapsFilled++;
  }

  function addCost({ purpose, records, mined }: JournalEntry, sign: 1 | -1): void {
    if (mined === undefined) return;
    const cost = costs.get(purpose) ?? { transactions: 0, records: 0, gas: 0n, wei: 0n };
    const wei = mined.gasUsed * mined.effectiveGasPriceWei + (mined.extraFeeWei ?? 0n);
    cost.transactions += sign;
    cost.records += sign * records;
    cost.gas += BigInt(sign) * mined.gasUsed;
    cost.wei += BigInt(sign) * wei;
    costs.set(purpose, cost);
  }

  function countState({ state, atMs }: StateFrame, before: JournalEntry, after: JournalEntry): void {
    // Also in the same block: what enough endpoints agree on counts, not what the first one said.
    addCost(before, -1);
    addCost(after, 1);
    if (before.mined !== undefined && before.mined.blockHash !== after.mined?.blockHash) {
      counts.reorganisations++;
    }
    if (before.minedAtMs === undefined && after.minedAtMs !== undefined) {
      mining.add(after.minedAtMs - after.signedAtMs);
      const minute = Math.floor(atMs / MINUTE_MS);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
      for (const old of minutes.keys()) if (old <= minute - THROUGHPUT_MINUTES) minutes.delete(old);
    }
    if (before.confirmedAtMs === undefined && after.confirmedAtMs !== undefined) {
      confirming.add(after.confirmedAtMs - after.signedAtMs);
    }
    if (state === "final") counts.succeeded++;
    if (state === "failed") counts.failed++;
    if (state === "replaced") counts.cancelled++;
  }

  return {
    apply(frame, { before, after, newestMs }) {
      const { key } = after;
      const isSameNonce = before?.nonce === after.nonce;
      // Budgets are checked against the newest day there was, so that is where a signature counts, wherever the clock was set to.
      const today = utcDay(newestMs);
      const firstDay = isSameNonce ? firstDayOf.get(key) ?? today : today;
      if (SETTLED_STATES.has(after.state)) firstDayOf.delete(key);
      else firstDayOf.set(key, firstDay);
      // What it turns out to cost less never makes room on a later day.
      const day = frame.type === "signed" ? today : firstDay;
      const spend = days.get(day) ?? { transactions: 0, wei: 0n };
      if (!isSameNonce) spend.transactions++;
      spend.wei += worstCaseWei(after) - (isSameNonce ? worstCaseWei(before) : 0n);
      days.set(day, spend);
      if (frame.type === "signed") countSigned(frame, !isSameNonce);
      else if (before !== undefined) countState(frame, before, after);
    },
    spentOn(day) {
      const month: { transactions: number; wei: bigint } = { transactions: 0, wei: 0n };
      for (const [other, spend] of days) {
        if (monthOf(other) !== monthOf(day)) continue;
        month.transactions += spend.transactions;
        month.wei += spend.wei;
      }
      const none: Spend = { transactions: 0, wei: 0n };
      return { day: { ...(days.get(day) ?? none) }, month };
    },
    metrics() {
      const settled = counts.succeeded + counts.failed + counts.cancelled;
      const recent = [...minutes.values()].reduce((sum, count) => sum + count, 0);
      return {
        ...counts,
        ...(settled > 0 && { successRatio: counts.succeeded / settled }),
        timeToMine: mining.read(),
        timeToConfirm: confirming.read(),
        throughputPerSecond: recent / (THROUGHPUT_MINUTES * 60),
        costs: new Map([...costs].map(([purpose, cost]) => [purpose, { ...cost }])),
      };
    },
  };
}

function createHistogram() {
  const found = BOUNDS_SECONDS.map(() => 0);
  let count = 0;
  let sumSeconds = 0;
  return {
    add(ms: number) {
      // A clock that was set back makes no negative time.
      const seconds = Math.max(0, ms) / 1_000;
      found[BOUNDS_SECONDS.findIndex((bound) => seconds <= bound)]!++;
      count++;
      sumSeconds += seconds;
    },
    read: (): DurationHistogram => ({
      buckets: BOUNDS_SECONDS.map((upToSeconds, at) => ({ upToSeconds, count: found[at]! })),
      count,
      sumSeconds,
    }),
  };
}
