import { PotError } from "./errors.ts";

/** What the operator allows a unit of gas to cost. */
export interface FeePolicy {
  /** Never sign for more than this, in wei a gas (POT_MAX_FEE_GWEI). */
  readonly capWei: bigint;
  /** Sign for exactly this instead of asking the market (GAS_PRICE_GWEI). */
  readonly fixedFeePerGasWei?: bigint;
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
  | { readonly type: "eip1559"; readonly maxFeePerGasWei: bigint; readonly maxPriorityFeePerGasWei: bigint }
  | { readonly type: "legacy"; readonly gasPriceWei: bigint };

/** Thrown instead of signing when gas costs more than the operator allows. */
export class FeeCapExceededError extends PotError {
  override readonly name: string = "FeeCapExceededError";
  readonly maxFeePerGasWei: bigint;
  readonly capWei: bigint;

  constructor(
    { maxFeePerGasWei, capWei }: { readonly maxFeePerGasWei: bigint; readonly capWei: bigint },
  ) {
    super("Cannot anchor as the network fee is above the cap", {
      facts: [`fee: ${maxFeePerGasWei} wei/gas`, `cap: ${capWei} wei/gas`],
      hint: "wait for the next anchor run, or raise POT_MAX_FEE_GWEI",
    });
    this.maxFeePerGasWei = maxFeePerGasWei;
    this.capWei = capWei;
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
  { baseFeePerGasWei, suggestedPriorityFeeWei, policy }: FeeMarket & { readonly policy: FeePolicy },
): Fees {
  const { capWei, fixedFeePerGasWei } = policy;
  if (fixedFeePerGasWei !== undefined && fixedFeePerGasWei > capWei) {
    throw new FeeCapExceededError({ maxFeePerGasWei: fixedFeePerGasWei, capWei });
  }
  if (baseFeePerGasWei === undefined) {
    const gasPriceWei = fixedFeePerGasWei ?? suggestedPriorityFeeWei;
    if (gasPriceWei > capWei) throw new FeeCapExceededError({ maxFeePerGasWei: gasPriceWei, capWei });
    return { type: "legacy", gasPriceWei };
  }
  if (fixedFeePerGasWei !== undefined) {
    if (fixedFeePerGasWei < baseFeePerGasWei) {
      throw new PotError("Cannot send as the fixed fee is below the base fee of the network", {
        facts: [`fixed fee: ${fixedFeePerGasWei} wei/gas`, `base fee: ${baseFeePerGasWei} wei/gas`],
        hint: "raise GAS_PRICE_GWEI, or unset it to follow the network",
      });
    }
    // The tip may never exceed the maximum (EIP-1559).
    const maxPriorityFeePerGasWei = suggestedPriorityFeeWei < fixedFeePerGasWei
      ? suggestedPriorityFeeWei
      : fixedFeePerGasWei;
    return { type: "eip1559", maxFeePerGasWei: fixedFeePerGasWei, maxPriorityFeePerGasWei };
  }
  const neededWei = baseFeePerGasWei + suggestedPriorityFeeWei;
  if (neededWei > capWei) throw new FeeCapExceededError({ maxFeePerGasWei: neededWei, capWei });
  const wantedWei = neededWei + baseFeePerGasWei;
  return {
    type: "eip1559",
    maxFeePerGasWei: wantedWei < capWei ? wantedWei : capWei,
    maxPriorityFeePerGasWei: suggestedPriorityFeeWei,
  };
}
