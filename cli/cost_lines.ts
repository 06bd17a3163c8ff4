import type { CostEstimate } from "../lib/chain/estimate_cost.ts";
import { inCurrency, inGwei } from "../lib/core/money.ts";

/** What transactions would cost, one line each, and together where there are several. */
export function costLines(steps: readonly CostEstimate[], currency: string): readonly string[] {
  const sum = (of: (step: CostEstimate) => bigint) => steps.reduce((total, step) => total + of(step), 0n);
  return [
    ...steps.map(({ purpose, gas, feePerGasWei, costWei, maxCostWei, parentChainFeeWei }) =>
      `  cost      ${inCurrency(costWei, currency)}, at most ${
        inCurrency(maxCostWei, currency)
      }, to ${purpose}: ` +
      `${gas} gas at ${inGwei(feePerGasWei)} gwei` +
      (parentChainFeeWei === undefined
        ? ""
        : `, ${inCurrency(parentChainFeeWei, currency)} of it for the parent chain`)
    ),
    ...(steps.length < 2 ? [] : [
      `  in all    ${inCurrency(sum(({ costWei }) => costWei), currency)}, at most ${
        inCurrency(sum(({ maxCostWei }) => maxCostWei), currency)
      }`,
    ]),
  ];
}
