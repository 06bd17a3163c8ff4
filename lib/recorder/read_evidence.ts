import type { EvmAnchorFacts } from "../chain/chain_client.ts";
import { evidenceTopics, parseAnchored, parseHashStored } from "../chain/contract_events.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { captureReceiptProof } from "../chain/capture_receipt_proof.ts";
import { getAnchorFacts } from "../chain/evm_anchor.ts";
import { findFirstBlock } from "../chain/find_first_block.ts";
import {
  atPinnedHead,
  getEvmBlockNumber,
  type PinnedBlock,
  type PinnedContract,
} from "../chain/pin_block.ts";
import { type FoundLog, readContractLogRanges } from "../chain/read_contract_logs.ts";
import { type IdRange, readStoredHashes } from "../chain/read_stored_hashes.ts";
import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import { encodeAnchor } from "./anchor_line.ts";
import type { AnchorFrame, EvidenceEvent, PlacedAnchored } from "./rebuild_frames.ts";
import type { RebuildProgress } from "./rebuild_progress.ts";

/** What is being read, and how much of it is. */
export interface EvidenceProgress {
  readonly what: "events" | "hashes" | "anchors";
  readonly done: number;
  readonly total: number;
}

export interface ReadEvidenceOptions {
  readonly endpoints: Pick<EndpointPool, "read" | "each">;
  /** CAIP-2. */
  readonly chainId: string;
  readonly contract: `0x${string}`;
  readonly codeHash: string;
  readonly block: PinnedBlock;
  readonly pinned: PinnedContract;
  /** The block of the contract's deployment. @default found by its code */
  readonly fromBlock?: bigint;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvidenceProgress) => void;
}

/** Anchors asked about at once, and records' requests. */
const CONCURRENCY = 8;

/**
 * Reads all that the contract holds at one block into the progress: its events, what is stored under each of their ids, and where each
 * anchor is. Goes on where an earlier run was interrupted. What it read is not checked yet: that is `check_evidence.ts`.
 *
 * @throws {UnreachableError} when no endpoint answers; what was read until then stays.
 */
export async function readEvidence(progress: RebuildProgress, options: ReadEvidenceOptions): Promise<void> {
  await readEvents(progress, options);
  await readHashes(progress, options);
  await readAnchors(progress, options);
}

async function readEvents(progress: RebuildProgress, options: ReadEvidenceOptions): Promise<void> {
  const { endpoints, contract, block, signal, onProgress } = options;
  const toBlock = block.number;
  const { scannedTo, rangeBlocks } = progress.state;
  if (scannedTo >= toBlock) return;
  const first = scannedTo >= 0n
    ? scannedTo + 1n
    : options.fromBlock ?? await findFirstBlock(endpoints, contract, { toBlock, ...pass(signal) }) ?? 0n;
  const ranges = readContractLogRanges(endpoints, {
    address: contract,
    topics: evidenceTopics(),
    fromBlock: first,
    toBlock,
    ...(rangeBlocks === undefined ? {} : { rangeBlocks }),
    ...pass(signal),
  });
  for await (const range of ranges) {
    const events = range.logs.map((log) => toEvent(log, contract));
    await progress.append({ type: "range", toBlock: range.toBlock, rangeBlocks: range.rangeBlocks, events });
    onProgress?.({
      what: "events",
      done: Number(range.toBlock - first) + 1,
      total: Number(toBlock - first) + 1,
    });
  }
}

function toEvent(log: FoundLog, contract: string): EvidenceEvent {
  const { transactionHash, blockNumber, blockHash } = log;
  const hash = parseHashStored(log, contract);
  if (hash !== undefined) return { kind: "hash", ...hash, transactionHash };
  const anchored = parseAnchored(log, contract);
  if (anchored !== undefined) return { kind: "anchor", ...anchored, transactionHash, blockNumber, blockHash };
  throw new UnreachableError(
    "Cannot read the contract's events as an endpoint answered with a malformed one",
    {
      facts: [`transaction: ${transactionHash}`],
      hint: "use another endpoint in RPC_URL",
    },
  );
}

async function readHashes(progress: RebuildProgress, options: ReadEvidenceOptions): Promise<void> {
  const { endpoints, contract, pinned, signal, onProgress } = options;
  const count = await pinned.calls.getTransactionCount(pass(signal));
  const ids = idsOf(progress.events(), { from: progress.state.nextId, count });
  for await (
    const { first, hashes } of readStoredHashes(endpoints, {
      contract,
      pinned,
      ids,
      concurrency: CONCURRENCY,
      ...pass(signal),
    })
  ) {
    await progress.append({ type: "hashes", first, hashes: hashes.map((hash) => hash ?? null) });
    onProgress?.({ what: "hashes", done: Number(progress.state.nextId) - 1, total: Number(count) });
  }
}

/** The ids that have an event, as ranges; a wrong order, which the check names, is left out. */
async function* idsOf(
  events: AsyncIterable<EvidenceEvent>,
  { from, count }: { readonly from: bigint; readonly count: bigint },
): AsyncGenerator<IdRange, void> {
  let range: IdRange = { first: from, end: from };
  for await (const event of events) {
    if (event.kind !== "hash" || event.transactionId < range.end || event.transactionId > count) continue;
    const id = event.transactionId;
    const isNext = id === range.end;
    const isFull = range.end - range.first >= MAX_RANGE;
    if (isNext && !isFull) range = { first: range.first, end: id + 1n };
    else {
      if (range.end > range.first) yield range;
      range = { first: id, end: id + 1n };
    }
  }
  if (range.end > range.first) yield range;
}

/** So that reading begins before all events were looked through. */
const MAX_RANGE = 1_024n;

async function readAnchors(progress: RebuildProgress, options: ReadEvidenceOptions): Promise<void> {
  const { endpoints, block, signal, onProgress } = options;
  const reads = { ...endpoints, read: atPinnedHead(endpoints, block) };
  const hasParent = await getEvmBlockNumber(endpoints, block.number, pass(signal)) !== undefined;
  const left = new AbortController();
  const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  try {
    const frames = mapInOrder(
      unreadAnchors(progress),
      ({ at, event }) =>
        readAnchor({ ...options, endpoints: reads, signal: either }, { at, event, hasParent }),
      { concurrency: () => CONCURRENCY },
    );
    for await (const frame of frames) {
      await progress.append(frame);
      const { factCount, anchorCount } = progress.state;
      onProgress?.({ what: "anchors", done: Number(factCount), total: Number(anchorCount) });
    }
  } finally {
    left.abort();
  }
}

interface AnchorAt {
  readonly at: bigint;
  readonly event: PlacedAnchored;
}

interface AnchorToRead extends AnchorAt {
  /** Contracts on this chain see the block numbers of another one. */
  readonly hasParent: boolean;
}

async function* unreadAnchors(progress: RebuildProgress): AsyncGenerator<AnchorAt, void> {
  const { factCount } = progress.state;
  let at = 0n;
  for await (const event of progress.events()) {
    if (event.kind !== "anchor") continue;
    if (at >= factCount) yield { at, event };
    at++;
  }
}

/** Where the anchor's transaction is, with its receipt's way to the block where the endpoints still have it. */
async function readAnchor(
  { endpoints, chainId, contract, codeHash, signal }: ReadEvidenceOptions,
  { at, event, hasParent }: AnchorToRead,
): Promise<AnchorFrame> {
  const { submitter, size, transactionHash, blockNumber } = event;
  const root = fromHex(event.root.slice(2), 32)!;
  const options = pass(signal);
  const evmBlockNumber = hasParent ? await getEvmBlockNumber(endpoints, blockNumber, options) : undefined;
  const frame = {
    type: "anchor",
    at,
    ...(evmBlockNumber === undefined ? {} : { evmBlockNumber }),
  } as const;
  let facts: EvmAnchorFacts;
  try {
    facts = await getAnchorFacts(endpoints, { chainId, contract, codeHash, submitter }, {
      transactionHashes: [transactionHash],
      head: { size, root },
      confirmations: 1,
      ...options,
    });
  } catch (error) {
    // Of this anchor's transaction; anything else ends the run, and a later one goes on.
    if (!(error instanceof PotError) || error instanceof UnreachableError || error instanceof UsageError) {
      throw error;
    }
    return { ...frame, problem: error.message };
  }
  const { inclusion } = facts;
  if (inclusion === undefined) return { ...frame, problem: "no endpoint has its receipt" };
  if (inclusion.blockHash !== event.blockHash) {
    return { ...frame, problem: "its receipt is of another block" };
  }
  const receiptProof = await captureReceiptProof(endpoints, inclusion, options);
  const full = receiptProof === undefined ? facts : { ...facts, inclusion: { ...inclusion, receiptProof } };
  return { ...frame, anchor: encodeAnchor({ size, root, note: "", facts: full }) };
}

function pass(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
