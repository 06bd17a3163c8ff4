import { getAddress } from "viem/utils";
import { toHex } from "../core/hex.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import type { LogHead } from "../core/log_head.ts";
import type { ReceiptProof } from "../verify/proof.ts";
import { verifyReceiptProof } from "../verify/verify_receipt_proof.ts";
import type { EvmAnchorFacts, EvmInclusion } from "./chain_client.ts";
import { depthOf, getBlockNumber, getCanonicalReceipt, getFinalizedBlockNumber } from "./chain_reads.ts";
import { anchoredTopics, isAnchorOf, parseAnchored } from "./contract_events.ts";
import type { EndpointPool, PoolCallOptions } from "./endpoint_pool.ts";
import { type FoundLog, readContractLogRanges } from "./read_contract_logs.ts";
import type { MinedTransaction } from "./transaction_sender.ts";

type Reads = Pick<EndpointPool, "read">;

/** What never changes about an anchor, whatever becomes of its transaction. */
export type AnchorSubject = Pick<EvmAnchorFacts, "chainId" | "contract" | "codeHash" | "submitter">;

/** Ranges of logs, of as many blocks as the endpoints give at once, before giving up. */
const MAX_LOG_RANGES = 1_000;

/**
 * The newest facts about an anchor, from the chain alone: where its transaction is now, and how deep.
 *
 * @throws PotError when the mined transaction does not hold the event it should.
 */
export async function getAnchorFacts(
  endpoints: Reads,
  subject: AnchorSubject,
  { transactionHashes, head, confirmations, signal }: {
    readonly transactionHashes: readonly string[];
    /** What the event must commit to; any head of the submitter when absent. */
    readonly head?: LogHead;
    readonly confirmations: number;
    readonly signal?: AbortSignal;
  },
): Promise<EvmAnchorFacts> {
  const options = { ...(signal && { signal }) };
  const found = await getCanonicalReceipt(endpoints, transactionHashes, options);
  if (found === undefined || found.receipt.isReverted) {
    return { kind: "evm", state: "pending", ...subject, transactionHashes };
  }
  const { receipt, block } = found;
  const mined = { ...receipt, blockTime: block.timestamp };
  const inclusion = toInclusion(mined, subject, head);
  const headNumber = await getBlockNumber(endpoints, options);
  const isFinal = receipt.blockNumber <= await getFinalizedBlockNumber(endpoints, headNumber, options);
  const isConfirmed = depthOf(receipt.blockNumber, headNumber) >= BigInt(confirmations);
  return {
    kind: "evm",
    state: isFinal ? "final" : isConfirmed ? "confirmed" : "anchored",
    ...subject,
    transactionHashes: [
      ...transactionHashes.filter((hash) => hash !== receipt.transactionHash),
      receipt.transactionHash,
    ],
    inclusion,
  };
}

/** What an anchor is looked at with. */
export interface RefreshAnchorOptions extends PoolCallOptions {
  /** What the event must commit to; any head of the submitter when absent. */
  readonly head?: LogHead;
  /** Blocks an anchor must be deep to count as confirmed; 1 is just mined. */
  readonly confirmations: number;
  /** Try again to capture a receipt that was unavailable. @default false */
  readonly retryUnavailable?: boolean;
}

/**
 * The newest facts about an anchor. From the moment it is confirmed they hold its receipt and block header, captured once and
 * kept as long as it stays in that block. What is final is not asked for again, but for a receipt that is still missing.
 *
 * @throws PotError when the mined transaction does not hold the event it should.
 */
export async function refreshAnchor(
  endpoints: Pick<EndpointPool, "read" | "each">,
  facts: EvmAnchorFacts,
  { head, confirmations, retryUnavailable = false, signal }: RefreshAnchorOptions,
): Promise<EvmAnchorFacts> {
  const options = { ...(signal && { signal }) };
  const { chainId, contract, codeHash, transactionHashes } = facts;
  // A proof may have been written with other capitals.
  const submitter = getAddress(facts.submitter.toLowerCase());
  const now = facts.state === "final" ? facts : await getAnchorFacts(
    endpoints,
    { chainId, contract, codeHash, submitter },
    { transactionHashes, confirmations, ...options, ...(head && { head }) },
  );
  const { inclusion, state } = now;
  if (inclusion === undefined) return now;
  // Another block is another receipt.
  const isSameBlock = facts.inclusion?.blockHash === inclusion.blockHash;
  const known = isSameBlock ? facts.inclusion?.receiptProof : undefined;
  const isDue = state !== "anchored" &&
    (known === undefined || (known === "unavailable" && retryUnavailable));
  const expected = { contract, submitter, inclusion, ...head };
  const receiptProof = isDue ? await capture(endpoints, expected, options) ?? known : known;
  if (receiptProof === inclusion.receiptProof || receiptProof === undefined) return now;
  return { ...now, inclusion: { ...inclusion, receiptProof } };
}

interface AnchorToCapture extends Pick<EvmAnchorFacts, "contract" | "submitter">, Partial<LogHead> {
  readonly inclusion: EvmInclusion;
}

/** Loaded here, as nothing else needs the library that builds tries. */
async function capture(
  endpoints: Pick<EndpointPool, "each">,
  { inclusion, contract, submitter, size, root }: AnchorToCapture,
  options: PoolCallOptions,
) {
  const { captureReceiptProof } = await import("./capture_receipt_proof.ts");
  const isSound = (proof: ReceiptProof) =>
    size === undefined || root === undefined ||
    verifyReceiptProof(proof, { contract, submitter, size, root, inclusion }).ok;
  return await captureReceiptProof(endpoints, inclusion, { isSound, ...options });
}

/**
 * The hash of the transaction in which `submitter` anchored exactly that head, newest blocks first; `undefined` when the head of
 * that size is another one.
 *
 * @throws UnreachableError when the event of that size is not found in the blocks that the endpoints let us search.
 */
export async function findAnchorTransaction(
  endpoints: Reads,
  { contract, submitter }: { readonly contract: `0x${string}`; readonly submitter: `0x${string}` },
  head: LogHead,
  options: PoolCallOptions = {},
): Promise<`0x${string}` | undefined> {
  const ranges = readContractLogRanges(endpoints, {
    address: contract,
    topics: anchoredTopics(submitter),
    toBlock: await getBlockNumber(endpoints, options),
    newestFirst: true,
    ...(options.signal && { signal: options.signal }),
  });
  let found: FoundLog | undefined;
  let left = MAX_LOG_RANGES;
  for await (const { logs } of ranges) {
    found = logs.findLast((log) => parseAnchored(log, contract)?.size === head.size);
    if (found !== undefined || --left === 0) break;
  }
  if (found === undefined) {
    throw new UnreachableError(
      "Cannot find the transaction of an earlier anchor as no endpoint shows its event",
      {
        facts: [`contract: ${contract}`, `submitter: ${submitter}`, `size: ${head.size}`],
        hint: "name an archive endpoint in RPC_URL, or restore the transaction journal from a backup",
      },
    );
  }
  return isAnchorOf(parseAnchored(found, contract), head, submitter) ? found.transactionHash : undefined;
}

function toInclusion(
  mined: Omit<MinedTransaction, "transactionHashes" | "isReverted">,
  { contract, submitter }: AnchorSubject,
  head: LogHead | undefined,
): EvmInclusion {
  const logIndex = mined.logs.findIndex((log) => {
    const event = parseAnchored(log, contract);
    return head === undefined ? event?.submitter === submitter : isAnchorOf(event, head, submitter);
  });
  if (logIndex < 0) {
    throw new PotError("Cannot confirm the anchor as its transaction does not hold the Anchored event", {
      facts: [
        `transaction: ${mined.transactionHash}`,
        `contract: ${contract}`,
        `submitter: ${submitter}`,
        ...(head === undefined ? [] : [`size: ${head.size}`, `root: ${toHex(head.root)}`]),
      ],
      hint: "check CONTRACT_ADDRESS: another contract may be there",
    });
  }
  const {
    transactionHash,
    transactionIndex,
    blockNumber,
    blockHash,
    blockTime,
    gasUsed,
    effectiveGasPriceWei,
  } = mined;
  return {
    transactionHash,
    transactionIndex,
    blockNumber,
    blockHash,
    blockTime,
    logIndex,
    gasUsed,
    effectiveGasPriceWei,
  };
}
