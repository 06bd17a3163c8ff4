import type { PeriodSpend } from "../core/budget.ts";
import type { EventFrame, JournalEntry } from "./journal_entry.ts";
import {
  createJournalFollower,
  type FollowedJournal,
  type JournalFollowerOptions,
} from "./journal_follower.ts";
import { createJournalState, type SettledTransaction } from "./journal_state.ts";
import type { TransactionMetrics } from "./journal_totals.ts";

/** A journal as it is on disk at one moment. */
export interface JournalView {
  /** In nonce order: all whose outcome may still change. */
  readonly live: readonly JournalEntry[];
  /** Those settled last, oldest first. */
  readonly settled: readonly SettledTransaction[];
  readonly events: readonly EventFrame[];
  readonly metrics: TransactionMetrics;
  /** What was signed on a UTC day and in its month. */
  spentOn(day: string): PeriodSpend;
}

/**
 * Looks into a journal once, without holding it, so beside the sender that does; `undefined` where there is none.
 *
 * @throws PotError when the file holds what this version cannot read.
 */
export async function readJournal(options: JournalFollowerOptions): Promise<FollowedJournal | undefined> {
  using follower = createJournalFollower(options);
  return await follower.read();
}

/** The journal of a key that has sent nothing on that chain yet. */
export function emptyJournal(chainId: number): JournalView {
  const { metrics, totals } = createJournalState(chainId);
  return { live: [], settled: [], events: [], metrics: metrics(), spentOn: totals.spentOn };
}
