import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import { anchoredEventProblem, type ExpectedEvent } from "./anchored_event.ts";
import { type BlockHeader, parseHeader } from "./parse_header.ts";
import { parseReceipt } from "./parse_receipt.ts";
import type { ProofInclusion, ReceiptProof } from "./proof.ts";
import { encodeRlpNumber } from "./rlp.ts";
import { readTriePath } from "./trie_path.ts";

/** What a receipt proof must show: an anchor's event, and where it claims to stand. */
export type ExpectedReceipt = ExpectedEvent & {
  readonly inclusion: Pick<
    ProofInclusion,
    "transactionIndex" | "blockNumber" | "blockHash" | "blockTime" | "logIndex"
  >;
};

/** Whether a receipt proof holds, and if not, which of its three steps fails and why. */
export type ReceiptVerdict =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** The event in the receipt, the receipt in the block's trie, or the block's header. */
    readonly step: "event" | "receipt" | "header";
    /** In words. */
    readonly reason: string;
  };

/**
 * Whether the bytes lead from the anchor's event to the hash of its block, by hashing alone: the event stands at `logIndex` of a
 * successful receipt, the receipt at `transactionIndex` of the block's receipts trie, and the block's header has that trie's root,
 * the number and the time, and hashes to `blockHash`.
 *
 * Neither a receipt nor a header names the transaction's hash or the chain: both stay claims. Never throws for hostile bytes.
 */
export function verifyReceiptProof(proof: ReceiptProof, expected: ExpectedReceipt): ReceiptVerdict {
  // Hashed once, for two steps.
  let header: BlockHeader | undefined;
  const parsed = () => header ??= parseHeader(proof.header);
  const steps = [
    ["event", () => eventProblem(proof, expected)],
    ["receipt", () => receiptProblem(proof, { receiptsRoot: parsed().receiptsRoot, ...expected })],
    ["header", () => headerProblem(parsed(), expected)],
  ] as const;
  for (const [step, look] of steps) {
    const reason = problemOf(look);
    if (reason !== undefined) return { ok: false, step, reason };
  }
  return { ok: true };
}

function problemOf(look: () => string | undefined): string | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    return error.message;
  }
}

function eventProblem({ receipt }: ReceiptProof, expected: ExpectedReceipt): string | undefined {
  const { isSuccess, logs } = parseReceipt(receipt);
  if (!isSuccess) return "the anchor's transaction failed";
  const { logIndex } = expected.inclusion;
  const log = logs[logIndex];
  // A block numbers its events through; a proof counts within the receipt.
  if (log === undefined) return `the receipt has no event ${logIndex}, only ${logs.length}`;
  return anchoredEventProblem(log, expected);
}

function receiptProblem(
  { receipt, path }: ReceiptProof,
  { receiptsRoot, inclusion }: Pick<ExpectedReceipt, "inclusion"> & Pick<BlockHeader, "receiptsRoot">,
): string | undefined {
  const key = encodeRlpNumber(inclusion.transactionIndex);
  return equalBytes(readTriePath({ root: receiptsRoot, key, path }), receipt)
    ? undefined
    : `another receipt stands at place ${inclusion.transactionIndex} of the block`;
}

function headerProblem(
  { hash, number, timestamp }: BlockHeader,
  { inclusion }: ExpectedReceipt,
): string | undefined {
  const { blockHash, blockNumber, blockTime } = inclusion;
  if (!equalBytes(hash, fromHex(blockHash.slice(2), 32) ?? new Uint8Array())) {
    return "the header is of another block: its hash is not the one that the proof names";
  }
  if (number !== blockNumber) return `the header is of block ${number}, not ${blockNumber}`;
  if (timestamp !== BigInt(blockTime)) return "the header has another time than the proof says";
  return undefined;
}
