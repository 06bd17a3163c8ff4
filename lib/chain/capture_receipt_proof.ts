import { UnreachableError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import type { ReceiptProof } from "../verify/proof.ts";
import { bytesOf, encodeBlockHeader } from "./block_header.ts";
import { type BlockReceipt, encodeReceipt } from "./block_receipts.ts";
import type { EvmInclusion } from "./chain_client.ts";
import { ChainError } from "./chain_error.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { buildReceiptsTrie } from "./receipts_trie.ts";
import { parseFields } from "./rpc_values.ts";

/** Where the receipt is. */
export type ReceiptPlace = Pick<
  EvmInclusion,
  "transactionHash" | "transactionIndex" | "blockNumber" | "blockHash"
>;

export interface CaptureOptions extends PoolCallOptions {
  /** A last look by whoever will have to believe it. @default none */
  readonly isSound?: (proof: ReceiptProof) => boolean;
}

/** Receipts asked for at once where an endpoint does not give a block's in one answer. */
const CONCURRENCY = 8;

/**
 * The way from a mined transaction's receipt to the hash of its block: header and receipts are taken from the endpoints, the trie is
 * built again, and what does not hash to the block is not believed but asked of the next endpoint.
 *
 * @returns `"unavailable"` where every endpoint answers and none with receipts that fit: this chain makes its headers or receipts in a
 *   way that is not known here. `undefined` where one could not answer, so that a later try may do.
 * @throws the signal's reason, when it aborts; nothing else.
 */
export async function captureReceiptProof(
  endpoints: Pick<EndpointPool, "each">,
  place: ReceiptPlace,
  { isSound = () => true, signal }: CaptureOptions = {},
): Promise<ReceiptProof | "unavailable" | undefined> {
  const outcomes: Exclude<Outcome, ReceiptProof>[] = [];
  for (const endpoint of endpoints.each()) {
    const outcome = await tryEndpoint(endpoint, place, { ...(signal && { signal }) });
    signal?.throwIfAborted();
    if (typeof outcome === "object" && isSound(outcome)) return outcome;
    outcomes.push(outcome === "silent" ? outcome : "misfit");
  }
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === "misfit") ? "unavailable" : undefined;
}

type Endpoint = Pick<EndpointPool, "read">;
/** `misfit`: it answered, but with what does not hash to the block. `silent`: it has no answer, at least now. */
type Outcome = ReceiptProof | "misfit" | "silent";

async function tryEndpoint(
  endpoint: Endpoint,
  place: ReceiptPlace,
  options: PoolCallOptions,
): Promise<Outcome> {
  try {
    const block = await endpoint.read("eth_getBlockByHash", [place.blockHash, false], options);
    if (block === null) return "silent";
    const encoded = readKnown(() => encodeBlockHeader(block, place.blockHash));
    const { transactions } = parseFields(block, "block");
    if (encoded === undefined || !isHashes(transactions)) return "misfit";
    const answers = await readReceipts(endpoint, { place, transactions, options });
    if (answers === undefined) return "silent";
    const receipts = readKnown(() => answers.map(encodeReceipt).sort((a, b) => a.index - b.index));
    if (receipts === undefined) return "misfit";
    if (receipts.some(({ blockHash }) => blockHash !== place.blockHash)) return "silent";
    return await prove(receipts, { ...encoded, place }) ?? "misfit";
  } catch (error) {
    if (options.signal?.aborted) throw error;
    // Pruned, behind or down: whatever it is, it is not an answer.
    if (error instanceof UnreachableError || error instanceof ChainError) return "silent";
    throw error;
  }
}

interface BlockToRead {
  readonly place: ReceiptPlace;
  /** Of all its transactions, in order. */
  readonly transactions: readonly string[];
  readonly options: PoolCallOptions;
}

/** A field of another form than Ethereum's is this chain's own way. */
function readKnown<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

/** All receipts of the block; `undefined` where the endpoint lacks one. */
async function readReceipts(
  endpoint: Endpoint,
  { place, transactions, options }: BlockToRead,
): Promise<readonly unknown[] | undefined> {
  const answers = await readBlockReceipts(endpoint, place, options) ??
    await readEachReceipt(endpoint, { transactions, options });
  return answers === undefined || answers.length < transactions.length ? undefined : answers;
}

/** `undefined` where the endpoint does not know the method, or not the block. */
async function readBlockReceipts(
  endpoint: Endpoint,
  { blockNumber }: ReceiptPlace,
  options: PoolCallOptions,
) {
  try {
    const number = `0x${blockNumber.toString(16)}`;
    const answer = await endpoint.read("eth_getBlockReceipts", [number], options);
    return Array.isArray(answer) ? answer as readonly unknown[] : undefined;
  } catch (error) {
    if (error instanceof ChainError) return undefined;
    throw error;
  }
}

async function readEachReceipt(
  endpoint: Endpoint,
  { transactions, options: { signal } }: Pick<BlockToRead, "transactions" | "options">,
): Promise<readonly unknown[] | undefined> {
  // The first failure or gap ends all the requests that are still under way.
  const done = new AbortController();
  const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
  const read = (hash: string) => endpoint.read("eth_getTransactionReceipt", [hash], { signal: either });
  try {
    const receipts: unknown[] = [];
    for await (const receipt of mapInOrder(transactions, read, { concurrency: () => CONCURRENCY })) {
      if (receipt === null) return undefined;
      receipts.push(receipt);
    }
    return receipts;
  } finally {
    done.abort();
  }
}

async function prove(
  receipts: readonly BlockReceipt[],
  { place, header, receiptsRoot }: {
    readonly place: ReceiptPlace;
    readonly header: Uint8Array;
    readonly receiptsRoot: `0x${string}`;
  },
): Promise<ReceiptProof | undefined> {
  const { transactionIndex, transactionHash } = place;
  const receipt = receipts[transactionIndex];
  if (receipt?.transactionHash !== transactionHash) return undefined;
  if (receipts.some(({ index }, i) => index !== i)) return undefined;
  const root = bytesOf(receiptsRoot);
  for (const committed of [receipts, receipts.filter(({ isStateSync }) => !isStateSync)]) {
    const trie = await buildReceiptsTrie(committed.map(({ bytes }) => bytes));
    if (!equalBytes(trie.root, root)) continue;
    const path = await trie.path(transactionIndex);
    return { header, receipt: receipt.bytes, path };
  }
  return undefined;
}

function isHashes(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((hash) => typeof hash === "string");
}
