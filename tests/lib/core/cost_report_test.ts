import assert from "node:assert/strict";
import type { PeriodSpend } from "../../../lib/core/budget.ts";
import { costReport } from "../../../lib/core/cost_report.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

function report(
  days: Readonly<Record<string, bigint>>,
  { limits = {}, costs = new Map() }: Partial<Parameters<typeof costReport>[0]> = {},
) {
  const spentOn = (day: string): PeriodSpend => ({
    day: { transactions: 2, wei: days[day] ?? 0n },
    month: {
      transactions: 40,
      wei: Object.entries(days).reduce(
        (sum, [other, wei]) => other.slice(0, 7) === day.slice(0, 7) ? sum + wei : sum,
        0n,
      ),
    },
  });
  return costReport({ spentOn, costs, limits, nowMs: NOW });
}

Deno.test("costReport() projects the month's remaining days at the recent rate", () => {
  // Eight days are left after the 22nd; the whole days before it came to 70 and 50.
  assert.deepEqual(report({ "2026-11-22": 10n, "2026-11-21": 70n, "2026-11-20": 50n, "2026-10-31": 999n }), {
    dayWei: 10n,
    monthWei: 130n,
    recentDailyWei: 60n,
    projectedMonthWei: 130n + 8n * 60n,
    budgetUsed: {},
  });
});

Deno.test("costReport() counts quiet days between busy ones, and none before the first", () => {
  assert.equal(report({ "2026-11-16": 60n }).recentDailyWei, 10n);
  assert.equal(report({ "2026-11-22": 7n }).recentDailyWei, 7n);
  // Only the last seven days count.
  assert.equal(report({ "2026-11-14": 700n, "2026-11-21": 7n }).recentDailyWei, 7n);
});

Deno.test("costReport() divides what transactions cost by their records", () => {
  const costs = new Map([["anchor", { records: 10, wei: 900n }], ["deploy", { records: 0, wei: 100n }]]);
  assert.equal(report({}, { costs }).perRecordWei, 100n);
  assert.equal(report({}).perRecordWei, undefined);
});

Deno.test("costReport() takes the larger part of a period's two limits", () => {
  const limits = { dailySpendWei: 100n, dailyTransactions: 4, monthlyTransactions: 50 };
  assert.deepEqual(report({ "2026-11-22": 25n }, { limits }).budgetUsed, { day: 0.5, month: 0.8 });
});
