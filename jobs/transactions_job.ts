import type { FollowedJournal } from "../lib/chain/journal_follower.ts";
import type { Clock } from "../lib/core/clock.ts";
import { UnreachableError } from "../lib/core/errors.ts";
import type { Observation, Occurrence } from "../lib/core/observation.ts";
import { comparePattern } from "../lib/core/robust_rate.ts";
import type { RecentWrites } from "../lib/recorder/check_recent_writes.ts";
import type { Job, JobResult } from "./job.ts";

/** What the job works with. */
export interface TransactionsJobDeps {
  readonly journal: () => Promise<FollowedJournal | undefined>;
  /** Asks the chain again about what was written in the last day. */
  readonly checkRecent: (options: { readonly signal: AbortSignal }) => Promise<RecentWrites>;
  /** More transactions than these in 24 hours are told. @default no number of its own, only the usual pattern */
  readonly volumeLimit?: number;
  /** Waits longer for a block than this: stuck. */
  readonly stuckAfterMs: number;
  readonly clock: Pick<Clock, "now">;
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** Days that say what is usual. */
const HISTORY_DAYS = 28;
/** So few more than usual are nothing. */
const LEAST_DIFFERENCE = 20;

/**
 * Looks at what the key has sent: how much of it (`transaction-volume`), whether the chain holds what is noted here
 * (`transaction-integrity`), what waits for its block (`transaction-stuck`); and hands on what the sender told of.
 */
export function transactionsJob(deps: TransactionsJobDeps): Job {
  const { journal, checkRecent, clock } = deps;
  return {
    name: "transactions",
    schedule: "*/5 * * * *",
    timeoutMs: 240_000,
    async run(signal): Promise<JobResult> {
      const view = await journal();
      const seen = [volumeOf(view, deps), await integrityOf(checkRecent, signal), stuckOf(view, deps)];
      const atMs = clock.now();
      return {
        summary: seen.map(({ reason }) => reason).join("; "),
        observations: seen.map((seeing) => ({ ...seeing, atMs })),
        // Older ones are history: whoever begins to watch is not paged for it.
        occurrences: (view?.events ?? []).filter((event) => event.atMs > atMs - DAY_HOURS * HOUR_MS)
          .map(toOccurrence),
      };
    },
  };
}

type Seeing = Omit<Observation, "atMs">;

function volumeOf(
  view: FollowedJournal | undefined,
  { volumeLimit, clock }: Pick<TransactionsJobDeps, "volumeLimit" | "clock">,
): Seeing {
  const check = "transaction-volume";
  const hours = view?.signedByHour ?? new Map<number, number>();
  const thisHour = Math.floor(clock.now() / HOUR_MS);
  const dayBefore = (days: number) => {
    const last = thisHour - days * DAY_HOURS;
    return Array.from({ length: DAY_HOURS }, (_, i) => hours.get(last - i) ?? 0).reduce((a, b) => a + b, 0);
  };
  const volume = dayBefore(0);
  const first = Math.min(thisHour, ...hours.keys());
  // Days before the first transaction are no quiet days: there was nothing yet.
  const known = Math.min(HISTORY_DAYS, Math.floor((thisHour - first) / DAY_HOURS));
  const history = Array.from({ length: known }, (_, i) => dayBefore(i + 1));
  const { isOut, median } = comparePattern(history, volume, { leastDifference: LEAST_DIFFERENCE });
  const values = {
    count: volume,
    usualCount: median,
    ...(volumeLimit === undefined ? {} : { limit: volumeLimit }),
  };
  if (volumeLimit !== undefined && volume > volumeLimit) {
    return {
      check,
      status: "failed",
      reason: `${volume} transactions in 24 h, above ${volumeLimit}`,
      values,
    };
  }
  return isOut
    ? { check, status: "degraded", reason: `${volume} transactions in 24 h, usual are ${median}`, values }
    : { check, status: "ok", reason: `${volume} transactions in 24 h`, values };
}

async function integrityOf(
  checkRecent: TransactionsJobDeps["checkRecent"],
  signal: AbortSignal,
): Promise<Seeing> {
  const check = "transaction-integrity";
  try {
    const { checked, mismatches } = await checkRecent({ signal });
    const values = { checkedCount: checked, mismatchCount: mismatches.length };
    if (mismatches.length === 0) {
      return { check, status: "ok", reason: `${checked} recent ones are on the chain as noted`, values };
    }
    const [first, ...others] = mismatches;
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    return { check, status: "failed", reason: `${first}${more}`, values };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UnreachableError)) throw error;
    return { check, status: "unknown", reason: error.message };
  }
}

function stuckOf(
  view: FollowedJournal | undefined,
  { stuckAfterMs, clock }: Pick<TransactionsJobDeps, "stuckAfterMs" | "clock">,
): Seeing {
  const check = "transaction-stuck";
  const waiting = (view?.live ?? []).filter(({ mined }) => mined === undefined);
  const oldestMs = waiting.reduce((oldest, { signedAtMs }) => Math.min(oldest, signedAtMs), Infinity);
  const ageMs = waiting.length === 0 ? 0 : Math.max(0, clock.now() - oldestMs);
  const replaced = waiting.filter(({ forms }) => forms.length > 1).length;
  const values = { waitingCount: waiting.length, replacedCount: replaced, ageMs };
  const status = ageMs > 4 * stuckAfterMs ? "failed" : ageMs > 2 * stuckAfterMs ? "degraded" : "ok";
  const reason = waiting.length === 0
    ? "none waits for a block"
    : `${waiting.length} wait for a block, ${replaced} of them replaced, the oldest for ${
      Math.round(ageMs / 1_000)
    } s`;
  return { check, status, reason, values };
}

/** The same event is told once: its name, subject and time make it out. */
function toOccurrence(
  { name, subject, detail, atMs, chainId }: FollowedJournal["events"][number],
): Occurrence {
  return { id: `sender ${chainId} ${name} ${subject} ${atMs}`, name, subject, detail, atMs };
}
