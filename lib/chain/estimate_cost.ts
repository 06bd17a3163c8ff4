import { encodeFunctionData, parseAbi, serializeTransaction } from "viem/utils";
import type { FeePolicy } from "../core/fee_policy.ts";
import { ChainError } from "./chain_error.ts";
import { getLatestBlock } from "./chain_reads.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { type PreparedTransaction, prepareTransaction } from "./prepare_transaction.ts";
import { parseData } from "./rpc_values.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** What one transaction would cost now. */
export interface CostEstimate {
  /** What for, as in the journal. */
  readonly purpose: string;
  /** Estimated units. */
  readonly gas: bigint;
  /** At the newest block's base fee and the suggested tip. */
  readonly feePerGasWei: bigint;
  /** Those two together, and what is sent along and for the parent chain's data. */
  readonly costWei: bigint;
  /** The most it can cost: with the margin on the gas, at the fee limit it is signed for. */
  readonly maxCostWei: bigint;
  /** The part for publishing it on the parent chain; absent where the chain has no such fee. */
  readonly parentChainFeeWei?: bigint;
}

/** What an estimate needs. */
export interface EstimateCostOptions {
  readonly endpoints: Pick<EndpointPool, "read" | "readMany" | "chainId">;
  /** Who would send it. */
  readonly address: `0x${string}`;
  readonly feePolicy: FeePolicy;
  readonly signal?: AbortSignal;
}

/** As the sender adds to the gas estimate by default. */
const GAS_MARGIN_PERCENT = 20n;

/** The OP stack's contract that knows what publishing on the parent chain costs; the same address on all its chains. */
const GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F";
const ORACLE_ABI = parseAbi(["function getL1Fee(bytes) view returns (uint256)"]);

/**
 * Estimates what a transaction costs, without signing anything.
 *
 * @throws what `prepareTransaction` throws: fee above the cap, the contract would refuse it, or nobody answers.
 */
export async function estimateCost(
  request: SendRequest,
  options: EstimateCostOptions,
): Promise<CostEstimate & Pick<PreparedTransaction, "balanceWei">> {
  const prepared = await prepareTransaction(request, { ...options, gasMarginPercent: 0 });
  const { fields, balanceWei } = prepared;
  const waiting = { ...(options.signal && { signal: options.signal }) };
  const { baseFeePerGasWei = 0n } = await getLatestBlock(options.endpoints, waiting);
  const feeLimitWei = fields.type === "legacy" ? fields.gasPrice! : fields.maxFeePerGas!;
  const marketWei = baseFeePerGasWei + (fields.maxPriorityFeePerGas ?? 0n);
  const feePerGasWei = fields.type === "legacy" || marketWei > feeLimitWei ? feeLimitWei : marketWei;
  const parentChainFeeWei = await getParentChainFee(fields, options);
  const extraWei = (request.valueWei ?? 0n) + (parentChainFeeWei ?? 0n);
  const { gas } = fields;
  const gasLimit = gas + gas * GAS_MARGIN_PERCENT / 100n;
  return {
    purpose: request.purpose,
    gas,
    feePerGasWei,
    costWei: gas * feePerGasWei + extraWei,
    maxCostWei: gasLimit * feeLimitWei + extraWei,
    ...(parentChainFeeWei !== undefined && { parentChainFeeWei }),
    balanceWei,
  };
}

async function getParentChainFee(
  fields: PreparedTransaction["fields"],
  { endpoints, signal }: EstimateCostOptions,
): Promise<bigint | undefined> {
  const { chainId, gas, to, value = 0n, data = "0x" } = fields;
  // As long as the signed one will be: the fee is by the byte.
  const transaction = serializeTransaction({
    type: "eip1559",
    chainId,
    nonce: 1_000,
    gas,
    value,
    data,
    maxFeePerGas: fields.maxFeePerGas ?? fields.gasPrice ?? 0n,
    maxPriorityFeePerGas: fields.maxPriorityFeePerGas ?? 0n,
    ...(to === undefined ? {} : { to }),
  }, { r: `0x${"ff".repeat(32)}`, s: `0x${"7f".repeat(32)}`, yParity: 1 });
  const call = {
    to: GAS_PRICE_ORACLE,
    data: encodeFunctionData({ abi: ORACLE_ABI, functionName: "getL1Fee", args: [transaction] }),
  };
  try {
    const answer = parseData(
      await endpoints.read("eth_call", [call, "latest"], { ...(signal && { signal }) }),
      "parent chain's fee",
    );
    return /^0x[0-9a-f]{64}$/.test(answer) ? BigInt(answer) : undefined;
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}
