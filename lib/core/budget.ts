import { PotError } from "./errors.ts";

/** The most that one key may send and spend on one chain, by UTC day and UTC month; an absent limit is none. */
export interface BudgetLimits {
  /** Transactions signed in one day; a replacement of one is none. */
  readonly dailyTransactions?: number;
  /** In wei, what is under way counted at its worst. */
  readonly dailySpendWei?: bigint;
  /** Transactions signed in one month. */
  readonly monthlyTransactions?: number;
  /** In wei, what is under way counted at its worst. */
  readonly monthlySpendWei?: bigint;
}

/** What was signed in a period. */
export interface Spend {
  /** Transactions, by nonce. */
  readonly transactions: number;
  /** In wei: what they cost, or, where that is not known yet, the most that they can. */
  readonly wei: bigint;
}

/** What was signed in the current day and month. */
export interface PeriodSpend {
  readonly day: Spend;
  readonly month: Spend;
}

/** Thrown instead of signing when a limit would be passed. */
export class BudgetExceededError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "BudgetExceededError";
  /** The limit that would be passed, by its name in {@linkcode BudgetLimits}. */
  readonly limit: keyof BudgetLimits;
  /** `2026-11-22`, or `2026-11` for a monthly limit; both UTC. */
  readonly period: string;

  /** `action` as in "anchor"; `facts` say what was signed and what the limit is. */
  constructor(
    action: string,
    { limit, period, facts }: {
      readonly limit: keyof BudgetLimits;
      readonly period: string;
      readonly facts: readonly string[];
    },
  ) {
    super(`Cannot ${action} as the budget of ${period} is used up`, {
      facts,
      hint: `what is recorded stays pending; wait for the next ${
        period.length === 7 ? "month" : "day"
      } (UTC), or raise ${SETTINGS[limit]}`,
    });
    this.limit = limit;
    this.period = period;
  }
}

const SETTINGS: Readonly<Record<keyof BudgetLimits, string>> = {
  dailyTransactions: "POT_DAILY_TRANSACTIONS",
  dailySpendWei: "POT_DAILY_SPEND",
  monthlyTransactions: "POT_MONTHLY_TRANSACTIONS",
  monthlySpendWei: "POT_MONTHLY_SPEND",
};

/** The UTC day of an instant, such as `2026-11-22`. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The month of a UTC day, such as `2026-11`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/**
 * Whether `adding` fits on top of what was signed already.
 *
 * @throws {BudgetExceededError} naming the first limit that it would pass. `action` as in "anchor".
 */
export function checkBudget(
  action: string,
  { limits, spent, adding, day }: {
    readonly limits: BudgetLimits;
    readonly spent: PeriodSpend;
    readonly adding: Spend;
    /** As {@linkcode utcDay} gives it. */
    readonly day: string;
  },
): void {
  const periods = [
    { name: day, spent: spent.day, count: "dailyTransactions", wei: "dailySpendWei" },
    { name: monthOf(day), spent: spent.month, count: "monthlyTransactions", wei: "monthlySpendWei" },
  ] as const;
  for (const period of periods) {
    const maxTransactions = limits[period.count];
    if (maxTransactions !== undefined && period.spent.transactions + adding.transactions > maxTransactions) {
      throw new BudgetExceededError(action, {
        limit: period.count,
        period: period.name,
        facts: [`signed: ${period.spent.transactions} transactions`, `limit: ${maxTransactions}`],
      });
    }
    const maxWei = limits[period.wei];
    if (maxWei !== undefined && period.spent.wei + adding.wei > maxWei) {
      throw new BudgetExceededError(action, {
        limit: period.wei,
        period: period.name,
        facts: [
          `spent or under way: up to ${period.spent.wei} wei`,
          `this transaction: up to ${adding.wei} wei`,
          `limit: ${maxWei} wei`,
        ],
      });
    }
  }
}
