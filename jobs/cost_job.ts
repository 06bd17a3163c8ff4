import type { FollowedJournal } from "../lib/chain/journal_follower.ts";
import type { BudgetLimits } from "../lib/core/budget.ts";
import type { Clock } from "../lib/core/clock.ts";
import { costReport } from "../lib/core/cost_report.ts";
import { formatMoney, inCurrency, toMoney } from "../lib/core/money.ts";
import type { Observation } from "../lib/core/observation.ts";
import type { KnownPrice, MissingPrice } from "../lib/runtime/read_price.ts";
import type { Job, JobResult } from "./job.ts";

/** What the job works with. */
export interface CostJobDeps {
  readonly journal: () => Promise<FollowedJournal | undefined>;
  readonly price: (
    options: { readonly signal: AbortSignal },
  ) => Promise<KnownPrice | MissingPrice | undefined>;
  readonly limits: BudgetLimits;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
  /** Money a day and a month from which on it is told. */
  readonly alerts: { readonly daily?: number | undefined; readonly monthly?: number | undefined };
  readonly clock: Pick<Clock, "now">;
}

/** Adds up what gas has cost, in the chain's currency and in money, and holds it against budget and thresholds. */
export function costJob({ journal, price, limits, currency, alerts, clock }: CostJobDeps): Job {
  return {
    name: "cost",
    schedule: "5 * * * *",
    timeoutMs: 60_000,
    async run(signal): Promise<JobResult> {
      const [view, found] = await Promise.all([journal(), price({ signal })]);
      const atMs = clock.now();
      const known = found?.from === "nowhere" ? undefined : found;
      const observed = { check: "price", ...priceSeen(found), atMs };
      if (view === undefined) {
        return { summary: "nothing was sent yet", observations: [observed] };
      }
      const report = costReport({ spentOn: view.spentOn, costs: view.metrics.costs, limits, nowMs: atMs });
      const { dayWei, monthWei, projectedMonthWei, perRecordWei } = report;
      const money = (wei: bigint) => known === undefined ? undefined : toMoney(wei, known);
      const show = (wei: bigint) => {
        const amount = money(wei);
        const own = inCurrency(wei, currency);
        return amount === undefined ? own : `${own} (${formatMoney(amount, known!.currency)})`;
      };
      const summary = `today ${show(dayWei)}, this month ${show(monthWei)}, projected ${
        show(projectedMonthWei)
      }`;
      const spending = (
        period: "day" | "month",
        { spentWei, projectedWei, limit }: Spending,
      ): Observation => {
        const spent = money(spentWei);
        const projected = money(projectedWei);
        const isOver = limit !== undefined && spent !== undefined && spent >= limit;
        const willBe = limit !== undefined && projected !== undefined && projected >= limit;
        return {
          check: "cost",
          subject: period,
          // Without a price nobody can tell whether a limit in money is reached.
          status: limit !== undefined && spent === undefined
            ? "unknown"
            : isOver
            ? "failed"
            : willBe
            ? "degraded"
            : "ok",
          reason: `${show(spentWei)} this ${period}, projected ${show(projectedWei)}`,
          values: {
            spent: spent ?? inUnits(spentWei),
            projected: projected ?? inUnits(projectedWei),
            ...(limit === undefined ? {} : { limit }),
          },
          ...(perRecordWei === undefined ? {} : { details: { "per record": show(perRecordWei) } }),
          atMs,
        };
      };
      return {
        summary,
        observations: [
          spending("day", { spentWei: dayWei, projectedWei: dayWei, limit: alerts.daily }),
          spending("month", { spentWei: monthWei, projectedWei: projectedMonthWei, limit: alerts.monthly }),
          ...(["day", "month"] as const).flatMap((period) =>
            budgetSeen(period, report.budgetUsed[period], atMs)
          ),
          observed,
        ],
      };
    },
  };
}

const INSTEAD: Readonly<Record<KnownPrice["from"] | "nowhere", string>> = {
  url: "using it",
  earlier: "using the last one",
  configured: "using the configured one",
  nowhere: "there is no other, so nothing can be said of limits in money",
};

function priceSeen(found: KnownPrice | MissingPrice | undefined): Pick<Observation, "status" | "reason"> {
  if (found === undefined) return { status: "ok", reason: "no price is configured" };
  const { from, failure } = found;
  return failure === undefined
    ? { status: "ok", reason: "known" }
    : { status: "degraded", reason: `${failure}; ${INSTEAD[from]}` };
}

interface Spending {
  readonly spentWei: bigint;
  readonly projectedWei: bigint;
  /** Money. */
  readonly limit: number | undefined;
}

function budgetSeen(
  period: "day" | "month",
  usedRatio: number | undefined,
  atMs: number,
): readonly Observation[] {
  if (usedRatio === undefined) return [];
  return [{
    check: "budget",
    subject: period,
    status: usedRatio >= 1 ? "failed" : "ok",
    reason: `${Math.round(usedRatio * 100)} % of the ${period}'s budget is used`,
    values: { usedRatio },
    atMs,
  }];
}

function inUnits(wei: bigint): number {
  return Number(wei) / 1e18;
}
