import type { JournalView } from "../../lib/chain/read_journal.ts";
import { type BudgetLimits, utcDay } from "../../lib/core/budget.ts";
import { costReport } from "../../lib/core/cost_report.ts";
import { byLabel, family, gauge, type Metric, type MetricFamily } from "../../lib/core/metrics/metric.ts";

const FEES = gauge(
  "pot_fees_paid_native",
  "Fees of transactions in blocks, by purpose; less again after a reorganisation.",
  { unit: "native", labels: ["purpose", "currency"] },
);
const MINED = gauge("pot_mined_transactions", "Transactions in blocks, by purpose.", { labels: ["purpose"] });
const GAS = gauge("pot_gas_used", "Gas of transactions in blocks, by purpose.", { labels: ["purpose"] });
const PER_OPERATION = gauge(
  "pot_operation_cost_native",
  "What a transaction has cost on average, by purpose.",
  {
    unit: "native",
    labels: ["purpose", "currency"],
  },
);
const PER_RECORD = gauge(
  "pot_record_cost_native",
  "What a record has cost on average, all transactions together.",
  {
    unit: "native",
    labels: ["currency"],
  },
);
const SPENT = gauge(
  "pot_spent_native",
  "Signed for in the current UTC day and month; what is under way counts at its worst.",
  { unit: "native", labels: ["period", "currency"] },
);
const SIGNED = gauge("pot_period_transactions", "Transactions signed in the current UTC day and month.", {
  labels: ["period"],
});
const PROJECTED = gauge("pot_projected_month_native", "What this month will have cost at the recent rate.", {
  unit: "native",
  labels: ["currency"],
});
const USED = gauge("pot_budget_used_ratio", "The larger part of the limits of day and month that is used.", {
  unit: "ratio",
  labels: ["period"],
});
const LEFT = gauge("pot_budget_left_native", "What may still be spent, where there is a limit.", {
  unit: "native",
  labels: ["period", "currency"],
});
const LEFT_TRANSACTIONS = gauge(
  "pot_budget_left_transactions",
  "What may still be signed, where there is a limit.",
  {
    labels: ["period"],
  },
);

/** What gas costs. */
export const COST_METRICS: readonly Metric[] = [
  FEES,
  MINED,
  GAS,
  PER_OPERATION,
  PER_RECORD,
  SPENT,
  SIGNED,
  PROJECTED,
  USED,
  LEFT,
  LEFT_TRANSACTIONS,
];

/** What costs are read off. */
export interface CostFacts {
  readonly view: Pick<JournalView, "metrics" | "spentOn">;
  readonly limits: BudgetLimits;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
}

/** Amounts are in whole units of the chain's currency: wei pass 2^53, which is where floats stop counting. */
export function costFamilies({ view, limits, currency, nowMs }: CostFacts): readonly MetricFamily[] {
  const { spentOn, metrics: { costs } } = view;
  const { projectedMonthWei, perRecordWei, budgetUsed } = costReport({ spentOn, costs, limits, nowMs });
  const spent = spentOn(utcDay(nowMs));
  const purposes = [...costs];
  const money = (metric: Metric, amounts: Readonly<Record<string, bigint | undefined>>) =>
    family(
      metric,
      Object.entries(amounts).flatMap(([name, wei]) => {
        if (wei === undefined) return [];
        const [label] = metric.labels;
        return [{
          labels: label === "currency" ? { currency } : { [label!]: name, currency },
          value: toNative(wei),
        }];
      }),
    );
  return [
    money(FEES, Object.fromEntries(purposes.map(([name, { wei }]) => [name, wei]))),
    byLabel(MINED, Object.fromEntries(purposes.map(([name, { transactions }]) => [name, transactions]))),
    byLabel(GAS, Object.fromEntries(purposes.map(([name, { gas }]) => [name, Number(gas)]))),
    money(
      PER_OPERATION,
      Object.fromEntries(
        purposes.map((
          [name, { wei, transactions }],
        ) => [name, transactions > 0 ? wei / BigInt(transactions) : undefined]),
      ),
    ),
    money(PER_RECORD, { all: perRecordWei }),
    money(SPENT, { day: spent.day.wei, month: spent.month.wei }),
    byLabel(SIGNED, { day: spent.day.transactions, month: spent.month.transactions }),
    money(PROJECTED, { month: projectedMonthWei }),
    byLabel(USED, budgetUsed),
    money(LEFT, {
      day: left(limits.dailySpendWei, spent.day.wei),
      month: left(limits.monthlySpendWei, spent.month.wei),
    }),
    byLabel(LEFT_TRANSACTIONS, {
      day: leftCount(limits.dailyTransactions, spent.day.transactions),
      month: leftCount(limits.monthlyTransactions, spent.month.transactions),
    }),
  ];
}

/** Wei as whole units: the quotient exactly, so that a large sum loses nothing that a float could hold. */
export function toNative(wei: bigint): number {
  return Number(wei / 10n ** 18n) + Number(wei % 10n ** 18n) / 1e18;
}

function left(limit: bigint | undefined, used: bigint): bigint | undefined {
  return limit === undefined ? undefined : limit > used ? limit - used : 0n;
}

function leftCount(limit: number | undefined, used: number): number | undefined {
  return limit === undefined ? undefined : Math.max(0, limit - used);
}
