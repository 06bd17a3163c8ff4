import { PotError, UsageError } from "../core/errors.ts";
import { chooseFees, type FeePolicy, type Fees } from "../core/fee_policy.ts";
import type { UnsignedTransaction } from "../core/signer.ts";
import { ChainError } from "./chain_error.ts";
import { getLatestBlock } from "./chain_reads.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { revertError } from "./revert_reason.ts";
import { parseQuantity } from "./rpc_values.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** A transaction that may be signed as soon as it has its nonce. */
export interface PreparedTransaction {
  readonly fields: Omit<UnsignedTransaction, "nonce">;
  /** Gas limit times fee limit. */
  readonly maxCostWei: bigint;
  readonly balanceWei: bigint;
  /** Transactions of the account that are in blocks. */
  readonly minedNonce: number;
  /** The same with those that wait at the endpoint, ours or not; never below `minedNonce`. */
  readonly pendingNonce: number;
}

export interface PrepareOptions {
  readonly endpoints: Pick<EndpointPool, "read" | "chainId">;
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
  request: SendRequest,
  options: PrepareOptions,
): Promise<PreparedTransaction> {
  const { endpoints, address, feePolicy, gasMarginPercent, signal } = options;
  const read = (method: string, ...params: unknown[]) =>
    endpoints.read(method, params, { ...(signal && { signal }) });

  const [, fees, estimatedGas, balance, minedCount, pendingCount] = await Promise.all([
    read("eth_chainId").then((answer) => checkChainId(parseQuantity(answer, "chain id"), endpoints.chainId)),
    getFees(endpoints, feePolicy, signal),
    estimateGas(request, read, address),
    read("eth_getBalance", address, "latest"),
    read("eth_getTransactionCount", address, "latest"),
    // Some nodes keep no pending state; then the journal alone knows what waits.
    read("eth_getTransactionCount", address, "pending").catch((error) => {
      if (error instanceof ChainError) return "0x0";
      throw error;
    }),
  ]);
  const gas = estimatedGas + (estimatedGas * BigInt(gasMarginPercent)) / 100n;
  const minedNonce = Number(parseQuantity(minedCount, "nonce"));
  return {
    fields: {
      chainId: endpoints.chainId,
      gas,
      data: request.data,
      ...(request.to !== undefined && { to: request.to }),
      ...feeFields(fees),
    },
    maxCostWei: gas * (fees.type === "legacy" ? fees.gasPriceWei : fees.maxFeePerGasWei),
    balanceWei: parseQuantity(balance, "balance"),
    minedNonce,
    pendingNonce: Math.max(minedNonce, Number(parseQuantity(pendingCount, "nonce"))),
  };
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
  throw new ChainError(`Cannot ${purpose} as the account cannot pay for the gas`, {
    kind: "insufficient-funds",
    facts: [
      `account: ${address}`,
      `balance: ${balanceWei} wei`,
      `needed: up to ${maxCostWei} wei`,
      ...(reservedWei > 0n ? [`under way: up to ${reservedWei} wei`] : []),
    ],
    hint: `send at least ${missingWei} wei to the account, then try again`,
  });
}

function checkChainId(seen: bigint, expected: number): void {
  if (seen === BigInt(expected)) return;
  throw new UsageError(`Cannot send as the RPC endpoint serves chain id ${seen}, not ${expected}`, {
    hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
  });
}

async function getFees(
  endpoints: Pick<EndpointPool, "read">,
  policy: FeePolicy,
  signal: AbortSignal | undefined,
): Promise<Fees> {
  const options = { ...(signal && { signal }) };
  const { baseFeePerGasWei } = await getLatestBlock(endpoints, options);
  const getGasPrice = async () =>
    parseQuantity(await endpoints.read("eth_gasPrice", [], options), "gas price");
  if (baseFeePerGasWei === undefined) {
    return chooseFees({ baseFeePerGasWei, suggestedPriorityFeeWei: await getGasPrice(), policy });
  }
  let suggestedPriorityFeeWei: bigint;
  try {
    suggestedPriorityFeeWei = parseQuantity(
      await endpoints.read("eth_maxPriorityFeePerGas", [], options),
      "priority fee",
    );
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    // Not every node has the method; the gas price it suggests is base fee plus tip.
    const gasPriceWei = await getGasPrice();
    suggestedPriorityFeeWei = gasPriceWei > baseFeePerGasWei ? gasPriceWei - baseFeePerGasWei : 0n;
  }
  return chooseFees({ baseFeePerGasWei, suggestedPriorityFeeWei, policy });
}

async function estimateGas(
  { to, data, purpose }: SendRequest,
  read: (method: string, ...params: unknown[]) => Promise<unknown>,
  from: string,
): Promise<bigint> {
  try {
    // Without fee fields, so that an account without funds is told so by checkBalance, in our words.
    return parseQuantity(
      await read("eth_estimateGas", { from, data, ...(to !== undefined && { to }) }),
      "gas estimate",
    );
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    if (error.kind === "reverted") throw revertError(purpose, error.revertData);
    throw new PotError(`Cannot ${purpose} as the gas it needs cannot be estimated`, { facts: error.facts });
  }
}

function feeFields(fees: Fees) {
  return fees.type === "legacy" ? { type: fees.type, gasPrice: fees.gasPriceWei } : {
    type: fees.type,
    maxFeePerGas: fees.maxFeePerGasWei,
    maxPriorityFeePerGas: fees.maxPriorityFeePerGasWei,
  };
}
