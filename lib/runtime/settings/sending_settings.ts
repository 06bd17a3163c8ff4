import { currency, durationMs, gwei, type SettingTable, wholeFrom1 } from "./setting.ts";

/** What the sender may pay, and its habits: what each text becomes. */
export interface SendingSettings {
  /** Above 0; given in gwei. */
  fixedFeePerGasWei: bigint;
  /** Above 0; given in gwei. */
  maxFeePerGasWei: bigint;
  /** Above 0; given in gwei. */
  maxPriorityFeePerGasWei: bigint;
  /** Above 0; given in the chain's currency. */
  maxTransactionCostWei: bigint;
  /** Above 0; given in gwei. */
  deferFeeAboveWei: bigint;
  /** How old a record may grow before its anchor is paid for at any price under the caps. */
  anchorWithinMs: number;
  /** From 1. */
  dailyTransactions: number;
  /** Above 0; given in the chain's currency. */
  dailySpendWei: bigint;
  /** From 1. */
  monthlyTransactions: number;
  /** Above 0; given in the chain's currency. */
  monthlySpendWei: bigint;
  /** From 1. */
  maxInFlight: number;
  /** How long the lowest nonce may wait before it is replaced. */
  stuckAfterMs: number;
  /** Endpoints that must agree, from 1. */
  finalQuorum: number;
}

/** What the sender may pay, and its habits. */
export const SENDING_SETTINGS: SettingTable<SendingSettings> = {
  fixedFeePerGasWei: {
    env: ["GAS_PRICE_GWEI"],
    key: "gasPriceGwei",
    expected: "gwei above 0, such as 30",
    parse: gwei,
  },
  maxFeePerGasWei: {
    env: ["POT_MAX_FEE_GWEI"],
    key: "maxFeeGwei",
    expected: "gwei above 0, such as 200",
    parse: gwei,
  },
  maxPriorityFeePerGasWei: {
    env: ["POT_MAX_PRIORITY_FEE_GWEI"],
    key: "maxPriorityFeeGwei",
    expected: "gwei above 0, such as 2",
    parse: gwei,
  },
  maxTransactionCostWei: {
    env: ["POT_MAX_TRANSACTION_COST"],
    key: "maxTransactionCost",
    expected: "an amount of the chain's currency above 0, such as 0.05",
    parse: currency,
  },
  deferFeeAboveWei: {
    env: ["POT_DEFER_FEE_GWEI"],
    key: "deferFeeGwei",
    expected: "gwei above 0, such as 40",
    parse: gwei,
  },
  anchorWithinMs: {
    env: ["POT_ANCHOR_WITHIN"],
    key: "anchorWithin",
    expected: "a time such as 90s, 10m, 6h or 2d",
    parse: durationMs,
  },
  dailyTransactions: {
    env: ["POT_DAILY_TRANSACTIONS"],
    key: "dailyTransactions",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  dailySpendWei: {
    env: ["POT_DAILY_SPEND"],
    key: "dailySpend",
    expected: "an amount of the chain's currency above 0, such as 0.5",
    parse: currency,
  },
  monthlyTransactions: {
    env: ["POT_MONTHLY_TRANSACTIONS"],
    key: "monthlyTransactions",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  monthlySpendWei: {
    env: ["POT_MONTHLY_SPEND"],
    key: "monthlySpend",
    expected: "an amount of the chain's currency above 0, such as 5",
    parse: currency,
  },
  maxInFlight: {
    env: ["POT_MAX_IN_FLIGHT"],
    key: "maxInFlight",
    expected: "a whole number from 1",
    parse: wholeFrom1,
  },
  stuckAfterMs: {
    env: ["POT_STUCK_AFTER"],
    key: "stuckAfter",
    expected: "a time such as 90s, 10m or 1h",
    parse: durationMs,
  },
  finalQuorum: {
    env: ["POT_FINAL_QUORUM"],
    key: "finalQuorum",
    expected: "a whole number from 1: how many endpoints must agree",
    parse: wholeFrom1,
  },
};
