import { UnreachableError, UsageError } from "../core/errors.ts";
import { getBlockNumber, getFinalizedBlockNumber } from "./chain_reads.ts";
import { ChainError } from "./chain_error.ts";
import { type BlockReference, type ContractCalls, createContractCalls } from "./contract_calls.ts";
import type { EndpointPool, PoolCallOptions, PoolReadOptions } from "./endpoint_pool.ts";
import { type BlockHeader, parseBlock, parseQuantity } from "./rpc_values.ts";

type Reads = Pick<EndpointPool, "read">;

/** One block that everything is read at. */
export type PinnedBlock = Pick<BlockHeader, "number" | "hash" | "timestamp">;

/**
 * The newest block that can't be replaced any more, or that one.
 *
 * @throws {UsageError} when `number` is not finalized, so that what is read there could still change.
 */
export async function pinFinalizedBlock(
  endpoints: Reads,
  { number, ...options }: PoolCallOptions & { readonly number?: bigint } = {},
): Promise<PinnedBlock> {
  const finalized = await getFinalizedBlockNumber(
    endpoints,
    await getBlockNumber(endpoints, options),
    options,
  );
  if (finalized < 0n) {
    throw new UsageError("Cannot read the contract at a final block as the chain has none yet", {
      hint: "wait until it has 64 blocks",
    });
  }
  if (number !== undefined && number > finalized) {
    throw new UsageError("Cannot read the contract at that block as it may still be replaced", {
      facts: [`block: ${number}`, `newest final block: ${finalized}`],
      hint: "leave --block away, or wait",
    });
  }
  const wanted = number ?? finalized;
  const block = await getBlockByNumber(endpoints, wanted, options);
  if (block !== undefined) return { number: block.number, hash: block.hash, timestamp: block.timestamp };
  throw new UnreachableError("Cannot read the contract as an endpoint does not know a block that is final", {
    facts: [`block: ${wanted}`],
    hint: "use another endpoint in RPC_URL, or wait until it has caught up",
  });
}

/** Whether the canonical chain still has that block, as it must where it was final. */
export async function isCanonical(
  endpoints: Reads,
  { number, hash }: Pick<PinnedBlock, "number" | "hash">,
  options: PoolCallOptions = {},
): Promise<boolean> {
  return (await getBlockByNumber(endpoints, number, options))?.hash === hash;
}

/** The header of the block with that number, `undefined` where there is none yet. */
export async function getBlockByNumber(
  endpoints: Reads,
  number: bigint,
  options: PoolCallOptions = {},
): Promise<BlockHeader | undefined> {
  return parseBlock(
    await endpoints.read("eth_getBlockByNumber", [`0x${number.toString(16)}`, false], options),
  );
}

/** A contract as it was at one block. */
export interface PinnedContract {
  readonly calls: ContractCalls;
  /** What pins it: the block's hash, or its number where the endpoints don't take a hash. */
  readonly at: BlockReference;
}

/**
 * The contract at that block, by the block's hash (EIP-1898) where the endpoints take that; else by its number, and the caller looks
 * with {@linkcode isCanonical} at the end whether it is still the same block.
 *
 * @throws {UnreachableError} when no endpoint has the state of that block any more (nodes keep some 128 blocks unless they archive).
 * @throws {UsageError} when there is no contract.
 */
export async function pinContract(
  endpoints: Reads,
  contract: `0x${string}`,
  { block, ...options }: PoolCallOptions & { readonly block: PinnedBlock },
): Promise<PinnedContract> {
  const byHash = { blockHash: block.hash, requireCanonical: true } as const;
  const calls = createContractCalls(endpoints, contract, { block: byHash });
  // Asking again does not bring a state back.
  const once: PoolReadOptions = { ...options, isHopeless: ({ kind }) => kind === "behind" };
  try {
    await calls.getTransactionCount(once);
    return { calls, at: byHash };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
  }
  const byNumber = `0x${block.number.toString(16)}`;
  const plain = createContractCalls(endpoints, contract, { block: byNumber });
  await plain.getTransactionCount(once);
  return { calls: plain, at: byNumber };
}

/**
 * The pool's `read` for whoever asks how deep something is: the chain ends at the pinned block, which is final. So each anchor costs no two
 * requests of its own, and all are judged by one block.
 */
export function atPinnedHead(
  endpoints: Reads,
  { number }: Pick<PinnedBlock, "number">,
): EndpointPool["read"] {
  const pinned = `0x${number.toString(16)}`;
  let block: Promise<unknown> | undefined;
  return async (method, params = [], options = {}) => {
    if (method === "eth_blockNumber") return pinned;
    if (method !== "eth_getBlockByNumber" || params[0] !== "finalized") {
      return await endpoints.read(method, params, options);
    }
    block ??= endpoints.read(method, [pinned, false]);
    block.catch(() => block = undefined);
    return await block;
  };
}

/** The block's number as contracts in it saw it, where that is another one: on Arbitrum it is the parent chain's. */
export async function getEvmBlockNumber(
  endpoints: Reads,
  number: bigint,
  options: PoolCallOptions = {},
): Promise<bigint | undefined> {
  const block = await endpoints.read("eth_getBlockByNumber", [`0x${number.toString(16)}`, false], options);
  const { l1BlockNumber } = (block ?? {}) as { readonly l1BlockNumber?: unknown };
  return l1BlockNumber === undefined ? undefined : parseQuantity(l1BlockNumber, "parent block number");
}
