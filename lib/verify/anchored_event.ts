import { keccak_256 } from "@noble/hashes/sha3.js";
import { equalBytes } from "../core/equal_bytes.ts";
import { toHex } from "../core/hex.ts";
import type { ReceiptLog } from "./parse_receipt.ts";
import type { EvmAnchor } from "./proof.ts";

/** keccak256("Anchored(address,uint64,bytes32,bytes32)"). */
export const ANCHORED_TOPIC: string = `0x${
  toHex(
    keccak_256(new TextEncoder().encode("Anchored(address,uint64,bytes32,bytes32)")),
  )
}`;

/** What an event must say to be an anchor's. */
export type ExpectedEvent = Pick<EvmAnchor, "contract" | "submitter" | "size" | "root">;

const WORD_BYTES = 32;
const ADDRESS_BYTES = 20;
const topicBytes = Uint8Array.fromHex(ANCHORED_TOPIC.slice(2));

/**
 * Why an event is not the anchor's `Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous)`, in words;
 * `undefined` where it is. `previous` is the chain's business, not the record's.
 */
export function anchoredEventProblem(log: ReceiptLog, expected: ExpectedEvent): string | undefined {
  const { contract, submitter, size, root } = expected;
  const isAddress = (bytes: Uint8Array, address: string | undefined) =>
    address !== undefined && toHex(bytes) === address.slice(2).toLowerCase();
  if (!isAddress(log.address, contract)) return "the event is of another contract";
  const [topic, account] = log.topics;
  if (log.topics.length !== 2 || !equalBytes(topic!, topicBytes)) return "the event is not Anchored";
  const isPadded = account!.subarray(0, WORD_BYTES - ADDRESS_BYTES).every((byte) => byte === 0);
  if (!isPadded || !isAddress(account!.subarray(WORD_BYTES - ADDRESS_BYTES), submitter)) {
    return "another submitter anchored";
  }
  const sizeAndRoot = size.toString(16).padStart(2 * WORD_BYTES, "0") + toHex(root);
  if (log.data.length !== 3 * WORD_BYTES || !toHex(log.data).startsWith(sizeAndRoot)) {
    return "the event commits to another size or root";
  }
  return undefined;
}
