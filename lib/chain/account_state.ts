import { UnreachableError, UsageError } from "../core/errors.ts";
import type { FeeMarket } from "../core/fee_policy.ts";
import type { DefiniteOutcome, EndpointPool } from "./endpoint_pool.ts";
import { chainErrorOf } from "./chain_error.ts";
import { type BlockHeader, parseBlock, parseQuantity } from "./rpc_values.ts";

/** What a signature depends on, as one and the same endpoint sees it at one moment. */
export interface AccountState {
  readonly head: BlockHeader;
  readonly balanceWei: bigint;
  /** Transactions of the account that are in blocks. */
  readonly minedNonce: number;
  /** The same with those that wait at the endpoint, ours or not; never below `minedNonce`. */
  readonly pendingNonce: number;
  readonly market: FeeMarket;
}

/**
 * Asks for chain id, head, balance, nonces and fees in one request.
 *
 * @throws UsageError when the endpoint serves another chain than the pool's.
 * @throws UnreachableError when it could not be found out.
 */
export async function readAccountState(
  endpoints: Pick<EndpointPool, "readMany" | "chainId">,
  address: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<AccountState> {
  const [chainId, latest, balance, mined, pending, tip, gasPrice] = await endpoints.readMany([
    { method: "eth_chainId", params: [] },
    { method: "eth_getBlockByNumber", params: ["latest", false] },
    { method: "eth_getBalance", params: [address, "latest"] },
    { method: "eth_getTransactionCount", params: [address, "latest"] },
    // Some nodes keep no pending state; then the journal alone knows what waits.
    { method: "eth_getTransactionCount", params: [address, "pending"] },
    // Not every node has it; the gas price it suggests is base fee plus tip.
    { method: "eth_maxPriorityFeePerGas", params: [] },
    { method: "eth_gasPrice", params: [] },
  ], options);
  checkChainId(parseQuantity(resultOf(chainId, "eth_chainId"), "chain id"), endpoints.chainId);
  const head = parseBlock(resultOf(latest, "eth_getBlockByNumber"));
  if (head === undefined) {
    throw new UnreachableError("Cannot read from the chain as an endpoint has no newest block");
  }
  const minedNonce = Number(parseQuantity(resultOf(mined, "eth_getTransactionCount"), "nonce"));
  const pendingNonce = pending?.ok ? Number(parseQuantity(pending.result, "nonce")) : 0;
  return {
    head,
    balanceWei: parseQuantity(resultOf(balance, "eth_getBalance"), "balance"),
    minedNonce,
    pendingNonce: Math.max(minedNonce, pendingNonce),
    market: {
      baseFeePerGasWei: head.baseFeePerGasWei,
      suggestedPriorityFeeWei: suggestTip(head.baseFeePerGasWei, { tip, gasPrice }),
    },
  };
}

function suggestTip(
  baseFeePerGasWei: bigint | undefined,
  { tip, gasPrice }: {
    readonly tip: DefiniteOutcome | undefined;
    readonly gasPrice: DefiniteOutcome | undefined;
  },
): bigint {
  if (baseFeePerGasWei !== undefined && tip?.ok) return parseQuantity(tip.result, "priority fee");
  const gasPriceWei = parseQuantity(resultOf(gasPrice, "eth_gasPrice"), "gas price");
  if (baseFeePerGasWei === undefined) return gasPriceWei;
  return gasPriceWei > baseFeePerGasWei ? gasPriceWei - baseFeePerGasWei : 0n;
}

/** The result of a call that every node has to answer. */
export function resultOf(outcome: DefiniteOutcome | undefined, method: string): unknown {
  if (outcome?.ok) return outcome.result;
  if (outcome === undefined) {
    throw new UnreachableError(`Cannot read ${method} as an endpoint did not answer it`);
  }
  throw chainErrorOf(`read ${method}`, outcome);
}

function checkChainId(seen: bigint, expected: number): void {
  if (seen === BigInt(expected)) return;
  throw new UsageError(`Cannot send as the RPC endpoint serves chain id ${seen}, not ${expected}`, {
    hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
  });
}
