import type { FollowedJournal } from "../lib/chain/journal_follower.ts";
import type { BudgetLimits } from "../lib/core/budget.ts";
import type { Clock } from "../lib/core/clock.ts";
import { costReport } from "../lib/core/cost_report.ts";
import { formatMoney, inCurrency, toMoney } from "../lib/core/money.ts";
import type { KnownPrice } from "../lib/runtime/read_price.ts";
import type { Job, JobResult } from "./job.ts";

/** What the job works with. */
export interface CostJobDeps {
  readonly journal: () => Promise<FollowedJournal | undefined>;
  readonly price: (options: { readonly signal: AbortSignal }) => Promise<KnownPrice | undefined>;
  readonly limits: BudgetLimits;
  /** Of what gas is paid in, such as `POL`. */
  readonly currency: string;
  /** Money a day and a month from which on it is told. */
  readonly alerts: { readonly daily?: number; readonly monthly?: number };
  readonly clock: Pick<Clock, "now">;
}

/** From this part of a budget on it is told, before nothing is sent any more. */
const DEGRADED_RATIO = 0.8;

/** Adds up what gas has cost, in the chain's currency and in money, and holds it against budget and thresholds. */
export function costJob({ journal, price, limits, currency, alerts, clock }: CostJobDeps): Job {
  return {
    name: "cost",
    schedule: "5 * * * *",
    timeoutMs: 60_000,
    async run(signal): Promise<JobResult> {
      const [view, known] = await Promise.all([journal(), price({ signal })]);
      const atMs = clock.now();
      const priceSeen = known?.failure === undefined
        ? { status: "ok", reason: known === undefined ? "no price is configured" : "known" } as const
        : {
          status: "degraded",
          reason: `${known.failure}; using ${
            known.from === "earlier" ? "the last one" : "the configured one"
          }`,
        } as const;
      const observed = { check: "price", ...priceSeen, atMs };
      if (view === undefined) {
        const nothing = { check: "cost", status: "ok", reason: "nothing was sent yet", atMs } as const;
        return { summary: "nothing was sent yet", observations: [nothing, observed] };
      }
      const report = costReport({ spentOn: view.spentOn, costs: view.metrics.costs, limits, nowMs: atMs });
      const { dayWei, monthWei, projectedMonthWei, perRecordWei, budgetUsedRatio } = report;
      const money = (wei: bigint) => known === undefined ? undefined : toMoney(wei, known);
      const show = (wei: bigint) => {
        const amount = money(wei);
        const own = inCurrency(wei, currency);
        return amount === undefined ? own : `${own} (${formatMoney(amount, known!.currency)})`;
      };
      const dayMoney = money(dayWei);
      const projectedMoney = money(projectedMonthWei);
      const complaints = [
        isAbove(budgetUsedRatio, DEGRADED_RATIO) &&
        `${Math.round(budgetUsedRatio! * 100)} % of a budget is used`,
        isAbove(dayMoney, alerts.daily) && "today is above the daily threshold",
        isAbove(projectedMoney, alerts.monthly) && "the month is projected above its threshold",
      ].filter((complaint) => complaint !== false);
      const summary = `today ${show(dayWei)}, this month ${show(monthWei)}, projected ${
        show(projectedMonthWei)
      }`;
      return {
        summary,
        observations: [{
          check: "cost",
          status: isAbove(budgetUsedRatio, 1) ? "failed" : complaints.length > 0 ? "degraded" : "ok",
          reason: complaints.length > 0 ? complaints.join(", ") : summary,
          values: {
            day: inUnits(dayWei),
            month: inUnits(monthWei),
            projectedMonth: inUnits(projectedMonthWei),
            ...(budgetUsedRatio === undefined ? {} : { budgetUsedRatio }),
            ...(perRecordWei === undefined ? {} : { perRecord: inUnits(perRecordWei) }),
            ...(dayMoney === undefined ? {} : { dayMoney, projectedMonthMoney: projectedMoney! }),
          },
          details: {
            today: show(dayWei),
            month: show(monthWei),
            projected: show(projectedMonthWei),
            ...(perRecordWei === undefined ? {} : { "per record": show(perRecordWei) }),
          },
          atMs,
        }, observed],
      };
    },
  };
}

function isAbove(value: number | undefined, limit: number | undefined): boolean {
  return value !== undefined && limit !== undefined && value >= limit;
}

function inUnits(wei: bigint): number {
  return Number(wei) / 1e18;
}
