import { UnreachableError } from "../core/errors.ts";
import { ChainError } from "./chain_error.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { type BlockHeader, parseBlock, parseQuantity, parseReceipt, type Receipt } from "./rpc_values.ts";

type Reads = Pick<EndpointPool, "read">;

/** A transaction's receipt in a block that is part of the canonical chain, with that block. */
export interface CanonicalReceipt {
  readonly receipt: Receipt;
  readonly block: BlockHeader;
}

/** Taken for final where a network has no "finalized" tag: two epochs of Ethereum. */
export const FINAL_DEPTH = 64n;

/** The newest block's number. */
export async function getBlockNumber(endpoints: Reads, options?: PoolCallOptions): Promise<bigint> {
  return parseQuantity(await endpoints.read("eth_blockNumber", [], options), "block number");
}

/** The newest block's header. */
export async function getLatestBlock(endpoints: Reads, options?: PoolCallOptions): Promise<BlockHeader> {
  const block = parseBlock(await endpoints.read("eth_getBlockByNumber", ["latest", false], options));
  if (block === undefined) {
    throw new UnreachableError("Cannot read from the chain as an endpoint has no newest block");
  }
  return block;
}

/**
 * The receipt of the newest of `hashes` that is in the canonical chain. A receipt whose block was replaced counts as
 * none: nodes go on serving those for a while.
 */
export async function getCanonicalReceipt(
  endpoints: Reads,
  hashes: readonly string[],
  options?: PoolCallOptions,
): Promise<CanonicalReceipt | undefined> {
  for (const hash of hashes.toReversed()) {
    const receipt = parseReceipt(await endpoints.read("eth_getTransactionReceipt", [hash], options));
    if (receipt === undefined) continue;
    const number = `0x${receipt.blockNumber.toString(16)}`;
    const block = parseBlock(await endpoints.read("eth_getBlockByNumber", [number, false], options));
    if (block?.hash === receipt.blockHash) return { receipt, block };
  }
  return undefined;
}

/**
 * The number of the newest block that can never be replaced: the "finalized" tag, or {@linkcode FINAL_DEPTH} below
 * `headNumber` where the network has no such tag. Negative while there is none.
 */
export async function getFinalizedBlockNumber(
  endpoints: Reads,
  headNumber: bigint,
  options?: PoolCallOptions,
): Promise<bigint> {
  try {
    const block = parseBlock(await endpoints.read("eth_getBlockByNumber", ["finalized", false], options));
    if (block !== undefined) return block.number;
  } catch (error) {
    // A network without finality refuses the tag; an outage is something else and is passed on.
    if (!(error instanceof ChainError)) throw error;
  }
  return headNumber - FINAL_DEPTH;
}

/** Blocks on top of and including the one at `blockNumber`: 1 is just mined. */
export function depthOf(blockNumber: bigint, headNumber: bigint): bigint {
  return headNumber < blockNumber ? 1n : headNumber - blockNumber + 1n;
}
