import {
  chooseFees,
  FeeCapExceededError,
  type FeeMarket,
  type FeePolicy,
  maxFeePerGas,
} from "../../lib/core/fee_policy.ts";
import type { Check } from "./check.ts";

/** What the market is held against. */
export interface GasPriceCheckOptions {
  readonly market: (options: { readonly signal: AbortSignal }) => Promise<FeeMarket>;
  readonly policy: FeePolicy;
}

const GWEI = 1e9;

/** Looks at what gas costs: `failed` while it is above the cap, so that nothing is sent, `degraded` while anchoring waits for less. */
export function gasPriceCheck({ market, policy }: GasPriceCheckOptions): Check {
  return {
    name: "gas-price",
    async look(options) {
      const now = await market(options);
      const nowWei = (now.baseFeePerGasWei ?? 0n) + now.suggestedPriorityFeeWei;
      const values = { gasPriceWei: Number(nowWei), capRatio: Number(nowWei) / Number(policy.capWei) };
      const shown = `${(Number(nowWei) / GWEI).toPrecision(3)} gwei`;
      try {
        const limitWei = maxFeePerGas(chooseFees({ ...now, policy }));
        const isDeferred = policy.deferAboveWei !== undefined && limitWei > policy.deferAboveWei;
        return [{
          status: isDeferred ? "degraded" : "ok",
          reason: `${shown}${isDeferred ? ": anchoring waits for less, or for its deadline" : ""}`,
          values,
        }];
      } catch (error) {
        if (!(error instanceof FeeCapExceededError)) throw error;
        const reason = `${shown}: above the cap, so nothing is sent`;
        return [{ status: "failed", reason, values }];
      }
    },
  };
}
