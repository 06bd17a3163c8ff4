import type { Scenario } from "./scenario_gas.ts";

/** The prototype's own three, and one ten times as large. */
export const SCENARIOS: readonly Scenario[] = [
  { checkpoints: 10, validations: 3 },
  { checkpoints: 100, validations: 20 },
  { checkpoints: 1_000, validations: 100 },
  { checkpoints: 10_000, validations: 1_000 },
];

/** What the prototype projected for those three, in dollars, taking a POL for one. */
export const PROJECTED: readonly (string | undefined)[] = ["0.02", "0.20", "1.87", undefined];

/** The prototype's "conditional recording" for training checkpoints: every tenth epoch. */
export const POLICY = "every=10epochs";

/** At which the prototype computed. */
export const GAS_PRICE_GWEI = 30n;
