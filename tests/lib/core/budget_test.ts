import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BudgetExceededError,
  type BudgetLimits,
  checkBudget,
  monthOf,
  type PeriodSpend,
  utcDay,
} from "../../../lib/core/budget.ts";

const DAY = "2026-11-30";
const spend = (transactions: number, wei: bigint) => ({ transactions, wei });
const spent: PeriodSpend = { day: spend(4, 40n), month: spend(90, 900n) };
const check = (limits: BudgetLimits, adding = spend(1, 10n)) =>
  checkBudget("anchor", { limits, spent, adding, day: DAY });

/** What each limit says when it is passed by one. */
const LIMITS: readonly (readonly [BudgetLimits, BudgetLimits, Partial<BudgetExceededError>])[] = [
  [{ dailyTransactions: 5 }, { dailyTransactions: 4 }, {
    message: "Cannot anchor as the budget of 2026-11-30 is used up",
    facts: ["signed: 4 transactions", "limit: 4"],
    hint: "what is recorded stays pending; wait for the next day (UTC), or raise POT_DAILY_TRANSACTIONS",
    limit: "dailyTransactions",
    period: "2026-11-30",
  }],
  [{ dailySpendWei: 50n }, { dailySpendWei: 49n }, {
    message: "Cannot anchor as the budget of 2026-11-30 is used up",
    facts: ["spent or under way: up to 40 wei", "this transaction: up to 10 wei", "limit: 49 wei"],
    hint: "what is recorded stays pending; wait for the next day (UTC), or raise POT_DAILY_SPEND",
    limit: "dailySpendWei",
    period: "2026-11-30",
  }],
  [{ monthlyTransactions: 91 }, { monthlyTransactions: 90 }, {
    message: "Cannot anchor as the budget of 2026-11 is used up",
    facts: ["signed: 90 transactions", "limit: 90"],
    hint: "what is recorded stays pending; wait for the next month (UTC), or raise POT_MONTHLY_TRANSACTIONS",
    limit: "monthlyTransactions",
    period: "2026-11",
  }],
  [{ monthlySpendWei: 910n }, { monthlySpendWei: 909n }, {
    message: "Cannot anchor as the budget of 2026-11 is used up",
    facts: ["spent or under way: up to 900 wei", "this transaction: up to 10 wei", "limit: 909 wei"],
    hint: "what is recorded stays pending; wait for the next month (UTC), or raise POT_MONTHLY_SPEND",
    limit: "monthlySpendWei",
    period: "2026-11",
  }],
];

for (const [enough, tooLittle, expected] of LIMITS) {
  Deno.test(`checkBudget() throws one above ${Object.keys(enough)}, and not at it`, () => {
    check(enough);
    assert.throws(() => check(tooLittle), (error: BudgetExceededError) => {
      assert.ok(error instanceof BudgetExceededError);
      const { message, facts, hint, limit, period } = error;
      assert.deepEqual({ message, facts, hint, limit, period }, expected);
      return true;
    });
  });
}

Deno.test("checkBudget() without limits lets everything pass", () => {
  check({}, spend(1_000_000, 10n ** 30n));
});

Deno.test("checkBudget() counts no transaction for a replacement, but what more it costs", () => {
  check({ dailyTransactions: 4, dailySpendWei: 50n }, spend(0, 10n));
  assert.throws(() => check({ dailySpendWei: 50n }, spend(0, 11n)), BudgetExceededError);
});

Deno.test("checkBudget() lets exactly what fits pass (property)", () => {
  const amount = fc.bigInt({ min: 0n, max: 1_000n });
  fc.assert(fc.property(amount, amount, amount, (before, adding, limit) => {
    const options = {
      limits: { dailySpendWei: limit },
      spent: { day: spend(0, before), month: spend(0, before) },
      adding: spend(1, adding),
      day: DAY,
    };
    const fits = before + adding <= limit;
    if (fits) checkBudget("anchor", options);
    else assert.throws(() => checkBudget("anchor", options), BudgetExceededError);
  }));
});

Deno.test("utcDay() and monthOf() follow UTC over the end of a month", () => {
  const lastMs = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
  assert.equal(utcDay(lastMs), "2026-11-30");
  assert.equal(utcDay(lastMs + 1), "2026-12-01");
  assert.deepEqual([monthOf(utcDay(lastMs)), monthOf(utcDay(lastMs + 1))], ["2026-11", "2026-12"]);
});
