import { PotError } from "./errors.ts";

/** What the operator allows a unit of gas to cost. */
export interface FeePolicy {
  /** Never sign for more than this, in wei a gas (POT_MAX_FEE_GWEI). */
  readonly capWei: bigint;
  /** Sign for exactly this instead of asking the market (GAS_PRICE_GWEI). */
  readonly fixedFeePerGasWei?: bigint;
  /** The most that one transaction may cost, gas limit times fee limit, in wei. @default no limit of its own */
  readonly maxTransactionCostWei?: bigint;
  /** Above this a write waits for a cheaper time, until its deadline; in wei a gas. @default `capWei` */
  readonly deferAboveWei?: bigint;
  /** Never offer more than this on top of the base fee, in wei a gas, whatever the network suggests. @default no limit */
  readonly priorityCapWei?: bigint;
}

/** What the network asks at the moment. */
export interface FeeMarket {
  /** Of the newest block; `undefined` on a network without EIP-1559. */
  readonly baseFeePerGasWei: bigint | undefined;
  /** `eth_maxPriorityFeePerGas`; on a network without EIP-1559 the whole `eth_gasPrice`. */
  readonly suggestedPriorityFeeWei: bigint;
}

/** The fee fields of one transaction, in wei a gas. */
export type Fees =
  | {
    readonly type: "eip1559";
    readonly maxFeePerGasWei: bigint;
    readonly maxPriorityFeePerGasWei: bigint;
  }
  | { readonly type: "legacy"; readonly gasPriceWei: bigint };

/** Thrown instead of signing when gas costs more than the operator allows. */
export class FeeCapExceededError extends PotError {
  /** Tells it from other errors in printed text. */
  override readonly name: string = "FeeCapExceededError";
  /** What the network asked for, in the unit of the cap. */
  readonly maxFeePerGasWei: bigint;
  /** What the operator allows. */
  readonly capWei: bigint;

  /** Both amounts, and what was not done for them. */
  constructor(
    {
      maxFeePerGasWei,
      capWei,
      action = "anchor",
      unit = "wei/gas",
      setting = "POT_MAX_FEE_GWEI",
    }: {
      readonly maxFeePerGasWei: bigint;
      readonly capWei: bigint;
      /** What was not done. @default "anchor" */
      readonly action?: string;
      /** Of both amounts. @default "wei/gas" */
      readonly unit?: string;
      /** What raises the cap. @default "POT_MAX_FEE_GWEI" */
      readonly setting?: string;
    },
  ) {
    super(`Cannot ${action} as the network fee is above the cap`, {
      facts: [`fee: ${maxFeePerGasWei} ${unit}`, `cap: ${capWei} ${unit}`],
      hint: `wait for the next anchor run, or raise ${setting}`,
    });
    this.maxFeePerGasWei = maxFeePerGasWei;
    this.capWei = capWei;
  }
}

/** Thrown instead of signing while gas costs more than is worth paying before the deadline. */
export class FeeDeferredError extends PotError {
  /** Tells it from other errors. */
  override readonly name: string = "FeeDeferredError";
  /** What a unit of gas would cost at most, in wei. */
  readonly maxFeePerGasWei: bigint;
  /** Above this it waits, in wei a gas. */
  readonly deferAboveWei: bigint;

  /** `action` as in "anchor". */
  constructor(
    { maxFeePerGasWei, deferAboveWei, deadlineMs, action }: {
      readonly maxFeePerGasWei: bigint;
      readonly deferAboveWei: bigint;
      readonly deadlineMs: number | undefined;
      readonly action: string;
    },
  ) {
    super(
      `Cannot ${action} yet as the network fee is above what is worth paying before the deadline`,
      {
        facts: [
          `fee: ${maxFeePerGasWei} wei/gas`,
          `deferred above: ${deferAboveWei} wei/gas`,
          `deadline: ${deadlineMs === undefined ? "none" : new Date(deadlineMs).toISOString()}`,
        ],
        hint: "it is tried again by the next anchor run; raise POT_DEFER_FEE_GWEI to pay more now",
      },
    );
    this.maxFeePerGasWei = maxFeePerGasWei;
    this.deferAboveWei = deferAboveWei;
  }
}

/**
 * Chooses the fees of a transaction (EIP-1559): a maximum of twice the base fee plus the tip, which outlasts six full
 * blocks in a row at +12.5 % each, lowered to the cap while the cap still covers base fee and tip.
 *
 * @throws FeeCapExceededError when the cap is below what the next block asks, or below the fixed fee.
 * @throws PotError when the fixed fee is below the base fee, as such a transaction would never be mined.
 */
export function chooseFees(
  { baseFeePerGasWei, policy, action = "anchor", ...market }: FeeMarket & {
    readonly policy: FeePolicy;
    /** For messages. @default "anchor" */
    readonly action?: string;
  },
): Fees {
  const { capWei, fixedFeePerGasWei, priorityCapWei } = policy;
  // Without EIP-1559 it is the whole price, and no tip to be capped.
  const isCapped = baseFeePerGasWei !== undefined &&
    priorityCapWei !== undefined &&
    market.suggestedPriorityFeeWei > priorityCapWei;
  const suggestedPriorityFeeWei = isCapped ? priorityCapWei : market.suggestedPriorityFeeWei;
  if (fixedFeePerGasWei !== undefined && fixedFeePerGasWei > capWei) {
    throw new FeeCapExceededError({
      maxFeePerGasWei: fixedFeePerGasWei,
      capWei,
      action,
    });
  }
  if (baseFeePerGasWei === undefined) {
    const gasPriceWei = fixedFeePerGasWei ?? suggestedPriorityFeeWei;
    if (gasPriceWei > capWei) {
      throw new FeeCapExceededError({
        maxFeePerGasWei: gasPriceWei,
        capWei,
        action,
      });
    }
    return { type: "legacy", gasPriceWei };
  }
  if (fixedFeePerGasWei !== undefined) {
    if (fixedFeePerGasWei < baseFeePerGasWei) {
      throw new PotError(
        "Cannot send as the fixed fee is below the base fee of the network",
        {
          facts: [
            `fixed fee: ${fixedFeePerGasWei} wei/gas`,
            `base fee: ${baseFeePerGasWei} wei/gas`,
          ],
          hint: "raise GAS_PRICE_GWEI, or unset it to follow the network",
        },
      );
    }
    // The tip may never exceed the maximum (EIP-1559).
    const maxPriorityFeePerGasWei = suggestedPriorityFeeWei < fixedFeePerGasWei
      ? suggestedPriorityFeeWei
      : fixedFeePerGasWei;
    return {
      type: "eip1559",
      maxFeePerGasWei: fixedFeePerGasWei,
      maxPriorityFeePerGasWei,
    };
  }
  const neededWei = baseFeePerGasWei + suggestedPriorityFeeWei;
  if (neededWei > capWei) {
    throw new FeeCapExceededError({
      maxFeePerGasWei: neededWei,
      capWei,
      action,
    });
  }
  const wantedWei = neededWei + baseFeePerGasWei;
  return {
    type: "eip1559",
    maxFeePerGasWei: wantedWei < capWei ? wantedWei : capWei,
    maxPriorityFeePerGasWei: suggestedPriorityFeeWei,
  };
}

/** What a unit of gas can cost with these fees, in wei. */
export function maxFeePerGas(fees: Fees): bigint {
  return fees.type === "legacy" ? fees.gasPriceWei : fees.maxFeePerGasWei;
}

/** Nodes ask 10 % more of a replacement (geth, reth), some 12.5 %. */
const BUMP_PER_MILLE = 1_125n;

/**
 * The fees of a replacement: at least 12.5 % above the earlier ones in every field, and what the market asks now where that is more.
 * `undefined` where the cap leaves no room for it.
 */
export function bumpFees(
  earlier: Fees,
  { market, capWei }: { readonly market: Fees; readonly capWei: bigint },
): Fees | undefined {
  const atLeast = (wei: bigint) => (wei * BUMP_PER_MILLE + 999n) / 1_000n + (wei === 0n ? 1n : 0n);
  const larger = (a: bigint, b: bigint) => (a > b ? a : b);
  const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
  if (earlier.type === "legacy") {
    const needed = atLeast(earlier.gasPriceWei);
    if (needed > capWei) return undefined;
    return {
      type: "legacy",
      gasPriceWei: smaller(larger(needed, maxFeePerGas(market)), capWei),
    };
  }
  const needed = atLeast(earlier.maxFeePerGasWei);
  if (needed > capWei) return undefined;
  const maxFeePerGasWei = smaller(larger(needed, maxFeePerGas(market)), capWei);
  const marketTipWei = market.type === "legacy" ? 0n : market.maxPriorityFeePerGasWei;
  const tipWei = larger(atLeast(earlier.maxPriorityFeePerGasWei), marketTipWei);
  // The tip may never exceed the maximum (EIP-1559).
  return {
    type: "eip1559",
    maxFeePerGasWei,
    maxPriorityFeePerGasWei: smaller(tipWei, maxFeePerGasWei),
  };
}
