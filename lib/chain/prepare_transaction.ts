import { chooseFees, type FeePolicy, type Fees, maxFeePerGas } from "../core/fee_policy.ts";
import type { UnsignedTransaction } from "../core/signer.ts";
import { readAccountState } from "./account_state.ts";
import { ChainError } from "./chain_error.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { estimateGas } from "./estimate_gas.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** A transaction that may be signed as soon as it has its nonce. */
export interface PreparedTransaction {
  readonly fields: Omit<UnsignedTransaction, "nonce">;
  /** Gas limit times fee limit, and what is sent along. */
  readonly maxCostWei: bigint;
  readonly balanceWei: bigint;
  /** Transactions of the account that are in blocks. */
  readonly minedNonce: number;
  /** The same with those that wait at the endpoint, ours or not; never below `minedNonce`. */
  readonly pendingNonce: number;
}

export interface PrepareOptions {
  readonly endpoints: Pick<EndpointPool, "readMany" | "chainId">;
  readonly address: `0x${string}`;
  readonly feePolicy: FeePolicy;
  /** Added to the gas estimate, in percent, as state may change before the transaction is mined. */
  readonly gasMarginPercent: number;
  readonly signal?: AbortSignal;
}

/**
 * Looks at everything that can stop a transaction before it is signed: chain id, fee cap, and whether the contract
 * would refuse it now.
 *
 * @throws UsageError when the endpoint serves another chain than it did.
 * @throws FeeCapExceededError when gas costs more than allowed.
 * @throws ChainError when the contract would refuse.
 * @throws UnreachableError when it could not be found out.
 */
export async function prepareTransaction(
  request: Pick<SendRequest, "to" | "data" | "purpose" | "valueWei">,
  options: PrepareOptions,
): Promise<PreparedTransaction> {
  const { endpoints, address, feePolicy, gasMarginPercent, signal } = options;
  const read = { ...(signal && { signal }) };
  const { balanceWei, minedNonce, pendingNonce, market } = await readAccountState(endpoints, address, read);
  const fees = chooseFees({
    ...market,
    policy: feePolicy,
    action: request.purpose,
  });
  const [estimate] = await estimateGas([request], {
    endpoints,
    address,
    ...read,
  });
  if (!estimate!.ok) throw estimate!.error;
  const gas = withMargin(estimate!.gas, gasMarginPercent);
  return {
    fields: {
      chainId: endpoints.chainId,
      gas,
      data: request.data,
      ...(request.to !== undefined && { to: request.to }),
      ...(request.valueWei !== undefined && { value: request.valueWei }),
      ...feeFields(fees),
    },
    maxCostWei: gas * maxFeePerGas(fees) + (request.valueWei ?? 0n),
    balanceWei,
    minedNonce,
    pendingNonce,
  };
}

/** A gas limit: the estimate and a margin, in percent. */
export function withMargin(gas: bigint, marginPercent: number): bigint {
  return gas + (gas * BigInt(marginPercent)) / 100n;
}

/**
 * Whether the account can pay for this transaction on top of those under way.
 *
 * @throws ChainError (insufficient-funds) when it cannot.
 */
export function checkBalance(
  { purpose }: Pick<SendRequest, "purpose">,
  { maxCostWei, balanceWei, reservedWei, address }:
    & Pick<PreparedTransaction, "maxCostWei" | "balanceWei">
    & { readonly reservedWei: bigint; readonly address: string },
): void {
  const missingWei = maxCostWei + reservedWei - balanceWei;
  if (missingWei <= 0n) return;
  throw new ChainError(
    `Cannot ${purpose} as the account cannot pay for the gas`,
    {
      kind: "insufficient-funds",
      facts: [
        `account: ${address}`,
        `balance: ${balanceWei} wei`,
        `needed: up to ${maxCostWei} wei`,
        ...(reservedWei > 0n ? [`under way: up to ${reservedWei} wei`] : []),
      ],
      hint: `send at least ${missingWei} wei to the account, then try again`,
    },
  );
}

/** Fees as a signer wants them. */
export function feeFields(fees: Fees) {
  return fees.type === "legacy" ? { type: fees.type, gasPrice: fees.gasPriceWei } : {
    type: fees.type,
    maxFeePerGas: fees.maxFeePerGasWei,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGasWei,
  };
}
