import { type BudgetLimits, type PeriodSpend, utcDay } from "./budget.ts";

/** What was spent, what that comes to in a month, and how much of the budget is gone; everything in wei. */
export interface CostReport {
  /** The current UTC day. */
  readonly dayWei: bigint;
  /** The current UTC month so far. */
  readonly monthWei: bigint;
  /** A day, over the whole days before this one that are known, at most seven; today so far where none is. */
  readonly recentDailyWei: bigint;
  /** The month so far, and its remaining days at the recent rate. */
  readonly projectedMonthWei: bigint;
  /** All transactions in blocks over all records that they were for; absent where there are none. */
  readonly perRecordWei?: bigint;
  /** The larger part of the limits of day and month that is used up; absent where there is none. */
  readonly budgetUsed: { readonly day?: number; readonly month?: number };
}

/** What a report is made of. */
export interface CostReportInput {
  /** What was signed on a UTC day, and in its month. */
  readonly spentOn: (day: string) => PeriodSpend;
  /** By purpose: records, and what their transactions cost. */
  readonly costs: ReadonlyMap<string, { readonly records: number; readonly wei: bigint }>;
  readonly limits: BudgetLimits;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

const DAY_MS = 86_400_000;
const RECENT_DAYS = 7;

/** Sums up what a key has cost. */
export function costReport({ spentOn, costs, limits, nowMs }: CostReportInput): CostReport {
  const { day, month } = spentOn(utcDay(nowMs));
  const before = Array.from(
    { length: RECENT_DAYS },
    (_, i) => spentOn(utcDay(nowMs - (i + 1) * DAY_MS)).day.wei,
  );
  // Days before the first spend are no days without one: there was nothing yet.
  const known = before.slice(0, before.findLastIndex((wei) => wei > 0n) + 1);
  const recentDailyWei = known.length === 0
    ? day.wei
    : known.reduce((sum, wei) => sum + wei, 0n) / BigInt(known.length);
  const records = [...costs.values()].reduce((sum, cost) => sum + cost.records, 0);
  const wei = [...costs.values()].reduce((sum, cost) => sum + cost.wei, 0n);
  return {
    dayWei: day.wei,
    monthWei: month.wei,
    recentDailyWei,
    projectedMonthWei: month.wei + recentDailyWei * BigInt(daysLeft(nowMs)),
    ...(records > 0 && { perRecordWei: wei / BigInt(records) }),
    budgetUsed: {
      ...largest(
        "day",
        ratio(day.wei, limits.dailySpendWei),
        ratio(day.transactions, limits.dailyTransactions),
      ),
      ...largest(
        "month",
        ratio(month.wei, limits.monthlySpendWei),
        ratio(month.transactions, limits.monthlyTransactions),
      ),
    },
  };
}

function ratio(used: number | bigint, limit: number | bigint | undefined): number | undefined {
  return limit === undefined ? undefined : Number(used) / Number(limit);
}

function largest(period: "day" | "month", ...ratios: readonly (number | undefined)[]) {
  const known = ratios.filter((used) => used !== undefined);
  return known.length === 0 ? {} : { [period]: Math.max(...known) };
}

/** Whole UTC days of the month after this one. */
function daysLeft(nowMs: number): number {
  const now = new Date(nowMs);
  const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
  return last - now.getUTCDate();
}
