import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { ANCHORED_TOPIC } from "../../lib/verify/anchored_event.ts";
import type { EvmProofAnchor, ProofInclusion, ReceiptProof } from "../../lib/verify/proof.ts";

/** A receipt as one writes it down; encoded here, by other people's code than what reads it. */
export interface ReceiptDraft {
  /** EIP-2718. @default 2 */
  readonly type?: number;
  /** @default 1 */
  readonly status?: number;
  /** @default none */
  readonly logs?: readonly LogDraft[];
}

export interface LogDraft {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

export function encodeReceiptDraft(
  { type = 2, status = 1, logs = [] }: ReceiptDraft,
  gas = 21_000,
): Uint8Array {
  const body = RLP.encode([
    status,
    gas,
    new Uint8Array(256),
    logs.map(({ address, topics, data }) => [address, [...topics], data]),
  ]);
  return type === 0 ? body : Uint8Array.of(type, ...body);
}

/** A block's receipts trie as the reference library builds it. */
export interface ReferenceTrie {
  readonly root: Uint8Array;
  path(index: number): Promise<readonly Uint8Array[]>;
}

export async function buildReferenceTrie(values: readonly Uint8Array[]): Promise<ReferenceTrie> {
  const trie = await createMPT();
  for (const [i, value] of values.entries()) await trie.put(RLP.encode(i), value);
  return { root: trie.root(), path: (index) => createMerkleProof(trie, RLP.encode(index)) };
}

export interface HeaderDraft {
  readonly receiptsRoot: Uint8Array;
  readonly number: bigint;
  readonly timestamp: number;
}

/** A header of after Prague. */
export function encodeHeaderDraft({ receiptsRoot, number, timestamp }: HeaderDraft): Uint8Array {
  const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte);
  return RLP.encode([
    fill(1),
    fill(2),
    fill(3, 20),
    fill(4),
    fill(5),
    receiptsRoot,
    fill(0, 256),
    0,
    number,
    30_000_000,
    4_200_000,
    timestamp,
    fill(6, 5),
    fill(7),
    fill(0, 8),
    7n,
    fill(8),
    0,
    0,
    fill(9),
    fill(10),
  ]);
}

/** The `Anchored` event that the anchor's contract emits for it. */
export function anchoredLog({ contract, submitter, size, root }: EvmProofAnchor): LogDraft {
  const bytes = (hex: string) => Uint8Array.fromHex(hex.slice(2));
  const word = (hex: string) => Uint8Array.fromHex(hex.padStart(64, "0"));
  return {
    address: bytes(contract!),
    topics: [bytes(ANCHORED_TOPIC), word(submitter!.slice(2))],
    data: Uint8Array.of(...word(size.toString(16)), ...root, ...new Uint8Array(32)),
  };
}

/** A transaction that emits nothing of ours. */
export const otherLog: LogDraft = {
  address: new Uint8Array(20).fill(0x99),
  topics: [new Uint8Array(32).fill(0x98)],
  data: new Uint8Array(40).fill(0x97),
};

export interface ProveOptions {
  /** Receipts in the block. @default 5 */
  readonly count?: number;
  /** Of the anchor's transaction. @default 2 */
  readonly type?: number;
  /** @default 1 */
  readonly status?: number;
  /** Changes the anchor's receipt before it goes into the trie. */
  readonly change?: (draft: ReceiptDraft) => ReceiptDraft;
}

/** The same anchor in a block of our own making, with the proof of its receipt. Its event is the second one of its transaction. */
export async function withReceiptProof(
  anchor: EvmProofAnchor,
  { count = 5, type = 2, status = 1, change = (draft) => draft }: ProveOptions = {},
): Promise<ProvenAnchor> {
  const inclusion = anchor.inclusion!;
  const draft = change({ type, status, logs: [otherLog, anchoredLog(anchor)] });
  const receipts = Array.from(
    { length: count },
    (_, i) =>
      i === inclusion.transactionIndex ? encodeReceiptDraft(draft, 21_000 * (i + 1)) : encodeReceiptDraft(
        { type: i % 5, status: i % 3 === 0 ? 0 : 1, logs: [otherLog] },
        21_000 * (i + 1),
      ),
  );
  const trie = await buildReferenceTrie(receipts);
  const header = encodeHeaderDraft({
    receiptsRoot: trie.root,
    number: inclusion.blockNumber,
    timestamp: inclusion.blockTime,
  });
  const receiptProof = {
    header,
    receipt: receipts[inclusion.transactionIndex]!,
    path: await trie.path(inclusion.transactionIndex),
  };
  const blockHash = `0x${keccak_256(header).toHex()}`;
  return { ...anchor, inclusion: { ...inclusion, blockHash, receiptProof } };
}

export interface ProvenAnchor extends Omit<EvmProofAnchor, "inclusion"> {
  readonly inclusion: Omit<ProofInclusion, "receiptProof"> & { readonly receiptProof: ReceiptProof };
}
