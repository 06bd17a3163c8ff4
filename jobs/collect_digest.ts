import type { FollowedJournal } from "../lib/chain/journal_follower.ts";
import { costReport } from "../lib/core/cost_report.ts";
import { count } from "../lib/core/count.ts";
import { inCurrency } from "../lib/core/money.ts";
import { parseRecord } from "../lib/core/parse_record.ts";
import type { Runtime } from "../lib/runtime/open_runtime.ts";
import type { Digest } from "./digest_job.ts";

/** What a digest is made of. */
export interface DigestSources {
  readonly runtime: Pick<Runtime, "recorder" | "log">;
  /** Absent where there is no chain. */
  readonly journal?: () => Promise<FollowedJournal | undefined>;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
  /** What is wrong now, one line each. */
  readonly openProblems: () => Promise<readonly string[]>;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** So many problems are named; the others are counted. */
const NAMED_PROBLEMS = 5;

/** Sums up what was recorded, anchored and paid since then, and what is wrong now. */
export async function collectDigest(
  { runtime: { recorder, log }, journal, currency, openProblems, now }: DigestSources,
  { sinceMs, signal }: { readonly sinceMs: number; readonly signal: AbortSignal },
): Promise<Digest> {
  const { origin, recordCount, records, anchors } = await recorder.status();
  signal.throwIfAborted();
  const newRecords = await countSince(log, sinceMs);
  const newAnchors = anchors.filter(({ facts }) => timeOf(facts) * 1_000 >= sinceMs).length;
  const view = await journal?.();
  const problems = await openProblems();
  const states = Object.entries(records).filter(([, number]) => number > 0);
  const well = problems.length === 0 ? "nothing is wrong" : count(problems.length, "open problem");
  return {
    headline: `${count(newRecords, "record")} and ${count(newAnchors, "anchor")} in a day, ${well}`,
    details: {
      log: origin,
      records: `${recordCount}: ${
        states.map(([state, number]) => `${number} ${state}`).join(", ") || "none"
      }`,
      ...costOf(view, { currency, nowMs: now() }),
      ...(problems.length === 0 ? {} : { problems: listOf(problems) }),
    },
  };
}

function costOf(
  view: FollowedJournal | undefined,
  { currency, nowMs }: { readonly currency: string; readonly nowMs: number },
): Readonly<Record<string, string>> {
  if (view === undefined) return {};
  const { spentOn, metrics: { costs, successRatio } } = view;
  const { dayWei, monthWei, recentDailyWei } = costReport({ spentOn, costs, limits: {}, nowMs });
  const show = (wei: bigint) => inCurrency(wei, currency);
  return {
    cost: `${show(recentDailyWei)} a day lately, ${show(dayWei)} today, ${show(monthWei)} this month`,
    ...(successRatio === undefined
      ? {}
      : { "transactions that had their effect": `${(successRatio * 100).toFixed(1)} %` }),
  };
}

function listOf(problems: readonly string[]): string {
  const more = problems.length - NAMED_PROBLEMS;
  return problems.slice(0, NAMED_PROBLEMS).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

function timeOf(
  facts: Awaited<ReturnType<Runtime["recorder"]["status"]>>["anchors"][number]["facts"],
): number {
  return facts.kind === "local" ? facts.timestamp : facts.inclusion?.blockTime ?? 0;
}

/** How many records are younger. They are in the order in which they were recorded, so a few looks find the first one. */
async function countSince(log: Runtime["log"], sinceMs: number): Promise<number> {
  const size = await log.size();
  let low = 0n;
  let high = size;
  while (low < high) {
    const middle = (low + high) / 2n;
    const entry = await log.entry(middle);
    const isYounger = entry === undefined || Date.parse(parseRecord(entry).recordedAt) >= sinceMs;
    if (isYounger) high = middle;
    else low = middle + 1n;
  }
  return Number(size - low);
}
