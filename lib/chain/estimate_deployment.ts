import { PROXY_COST_WEI } from "./create2.ts";
import type { DeploymentPlan } from "./deployment_plan.ts";
import { findDeploymentProxy, fundProxyRequest } from "./deployment_proxy.ts";
import { type CostEstimate, estimateCost, type EstimateCostOptions } from "./estimate_cost.ts";

/** What a deployment would cost, step by step. */
export interface DeploymentEstimate {
  /** Who would pay. */
  readonly address: `0x${string}`;
  /** In the order in which they would be sent. */
  readonly steps: readonly CostEstimate[];
  readonly costWei: bigint;
  readonly maxCostWei: bigint;
  readonly balanceWei: bigint;
  /** Why it cannot be deployed by CREATE2 on this chain, follows "as". */
  readonly obstacle?: string;
}

/** The proxy's own work, where its call cannot be estimated as it is not there: measured 3 032 gas more than a plain CREATE. */
const PROXY_GAS = 5_000n;

/**
 * Estimates a deployment, and what has to be done before it, without sending anything.
 *
 * @throws what `estimateCost` throws.
 */
export async function estimateDeployment(
  plan: DeploymentPlan,
  options: EstimateCostOptions,
): Promise<DeploymentEstimate> {
  const { endpoints, address, signal } = options;
  const proxy = plan.method === "create2"
    ? await findDeploymentProxy({ endpoints, ...(signal && { signal }) })
    : { isThere: true } as const;
  const { purpose, data, to } = plan.request;
  if (proxy.isThere) {
    const { balanceWei, ...step } = await estimateCost(
      { key: "", purpose, data, ...(to && { to }) },
      options,
    );
    return total({ address, steps: [step], balanceWei });
  }
  const { balanceWei, ...alone } = await estimateCost({ key: "", purpose, data: plan.initCode }, options);
  const step = {
    ...alone,
    gas: alone.gas + PROXY_GAS,
    costWei: alone.costWei + PROXY_GAS * alone.feePerGasWei,
    maxCostWei: alone.maxCostWei + 2n * PROXY_GAS * alone.feePerGasWei,
  };
  const steps = [step];
  if (proxy.missingWei > 0n && proxy.missingWei <= PROXY_COST_WEI && balanceWei > proxy.missingWei) {
    const { balanceWei: _, ...funding } = await estimateCost(fundProxyRequest(proxy.missingWei), options);
    steps.unshift(funding);
  } else if (proxy.missingWei > 0n) {
    // A node estimates no transfer that the account cannot make: 21 000 gas, as for any other.
    const gas = 21_000n;
    const costWei = gas * alone.feePerGasWei + proxy.missingWei;
    const { feePerGasWei } = alone;
    const { purpose } = fundProxyRequest(proxy.missingWei);
    steps.unshift({ purpose, gas, feePerGasWei, costWei, maxCostWei: costWei + gas * feePerGasWei });
  }
  return {
    ...total({ address, steps, balanceWei }),
    ...(proxy.obstacle === undefined ? {} : { obstacle: proxy.obstacle }),
  };
}

function total(
  { steps, ...rest }: Pick<DeploymentEstimate, "address" | "steps" | "balanceWei">,
): DeploymentEstimate {
  return {
    ...rest,
    steps,
    costWei: steps.reduce((sum, { costWei }) => sum + costWei, 0n),
    maxCostWei: steps.reduce((sum, { maxCostWei }) => sum + maxCostWei, 0n),
  };
}
