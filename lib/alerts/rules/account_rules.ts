import type { AlertRule } from "../alert_rule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./time_spans.ts";

/** The money that anchoring takes. */
export const ACCOUNT_RULES: readonly AlertRule[] = [
  {
    name: "balance-low",
    check: "balance",
    when: { value: "runwayDays", below: 14, clearAbove: 21 },
    severity: "warning",
    forMs: 10 * MINUTE_MS,
    cause: "balance",
    repeatMs: DAY_MS,
    missing: { afterMs: 2 * HOUR_MS, severity: "warning" },
    runbook:
      "Send coins to the account in the details (pot keys show names it as well): three weeks of the recent rate end this alert. pot tx list says what was spent today and this month.",
  },
  {
    name: "balance-critical",
    check: "balance",
    when: { value: "runwayDays", below: 3, clearAbove: 7 },
    severity: "critical",
    forMs: 10 * MINUTE_MS,
    cause: "balance",
    runbook:
      "Send coins to the account in the details (pot keys show names it as well), today. If the rate is the surprise, run pot tx list: an unusual number of transactions is an alert of its own.",
  },
  {
    name: "balance-empty",
    check: "balance",
    when: { status: "failed" },
    severity: "critical",
    forMs: 2 * MINUTE_MS,
    cause: "balance",
    inhibits: ["pending-age", "success-rate", "job:anchor"],
    runbook:
      "Nothing can be anchored until the account has coins again; records are kept. Send some to the account in the details (pot keys show names it as well), then run pot anchor.",
  },
  {
    name: "gas-price",
    check: "gas-price",
    when: { status: "degraded" },
    severity: { degraded: "info", failed: "warning" },
    forMs: HOUR_MS,
    clearForMs: 30 * MINUTE_MS,
    cause: "gas-price",
    repeatMs: DAY_MS,
    runbook:
      "Usually: wait, the next anchor covers everything. If records must not wait, raise POT_DEFER_FEE_GWEI (anchors are put off above it) or POT_MAX_FEE_GWEI (nothing is sent above it) and run pot anchor.",
  },
  {
    name: "budget-low",
    check: "budget",
    when: { value: "usedRatio", above: 0.8, clearBelow: 0.7 },
    severity: "warning",
    cause: "budget",
    groupBy: "subject",
    repeatMs: DAY_MS,
    runbook:
      "Run pot tx list for what today and this month cost, by purpose. Raise POT_DAILY_SPEND or POT_MONTHLY_SPEND if the work grew; look for a surprise if it did not.",
  },
  {
    name: "budget-used",
    check: "budget",
    when: { status: "failed" },
    severity: "error",
    cause: "budget",
    groupBy: "subject",
    inhibits: ["budget-exceeded"],
    runbook:
      "Nothing is signed until the day or the month (UTC) ends or the limit is raised: POT_DAILY_TRANSACTIONS, POT_DAILY_SPEND, POT_MONTHLY_TRANSACTIONS, POT_MONTHLY_SPEND. Look at pot tx list before raising one.",
  },
  {
    name: "budget-exceeded",
    occurrence: "budget-exceeded",
    severity: "error",
    clearForMs: 6 * HOUR_MS,
    cause: "budget-exceeded",
    runbook:
      "A transaction was not signed, as it would have gone over a limit. Run pot tx list; raise the limit that it names if the work is wanted, then run pot anchor.",
  },
  {
    name: "cost",
    check: "cost",
    when: { status: "degraded" },
    severity: { degraded: "warning", failed: "error" },
    cause: "cost",
    groupBy: "subject",
    repeatMs: DAY_MS,
    missing: { afterMs: 2 * DAY_MS, severity: "info" },
    runbook:
      "Run pot tx list for the spend by purpose. Anchor less often (the schedule of the job anchor), or raise the threshold in pot.jsonc if this is the price of what you want.",
  },
  {
    name: "price",
    check: "price",
    when: { status: "degraded" },
    severity: "info",
    forMs: 6 * HOUR_MS,
    cause: "price",
    runbook:
      "What a coin is worth could not be learned, so sums of money are old or missing; limits in coins hold as ever. Open POT_PRICE_URL in a browser, or set POT_PRICE by hand.",
  },
];
