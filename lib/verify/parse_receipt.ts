import { PotError } from "../core/errors.ts";
import { readRlp, type RlpItem, rlpItems, rlpNumber, rlpString } from "./rlp.ts";

/** What a transaction left behind, as it stands in the receipts trie. It does not name the transaction. */
export interface Receipt {
  /** EIP-2718: 0 legacy, 1 access list, 2 dynamic fee, 3 blob, 4 set code. */
  readonly type: number;
  /** Whether the transaction succeeded (EIP-658). */
  readonly isSuccess: boolean;
  /** Its events, in order. */
  readonly logs: readonly ReceiptLog[];
}

/** One event of a transaction. */
export interface ReceiptLog {
  /** The contract that emitted it, 20 bytes. */
  readonly address: Uint8Array;
  /** At most 4, 32 bytes each. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

/** An RLP list begins from here on; a lower first byte is an EIP-2718 type. */
const LIST = 0xc0;
const LAST_KNOWN_TYPE = 4;
const BLOOM_BYTES = 256;
const MOST_LOGS = 10_000;
const MOST_TOPICS = 4;

/**
 * Reads a receipt: `type ‖ rlp([status, gas used in the block so far, bloom, logs])`, without `type` for legacy transactions
 * (EIP-2718, EIP-658).
 *
 * @throws {PotError} when it is none, of an unknown type, or of before EIP-658 (exit code 1)
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  const [first = 0] = bytes;
  const isTyped = first < LIST;
  if (isTyped && (first < 1 || first > LAST_KNOWN_TYPE)) throw refusal(`its type ${first} is not known`);
  const items = rlpItems(readRlp(isTyped ? bytes.subarray(1) : bytes), 4);
  const [status, gasUsed, bloom, logs] = items;
  if (status === undefined || gasUsed === undefined || bloom === undefined || logs === undefined) {
    throw refusal(`it has ${items.length} fields`);
  }
  const flag = rlpString(status);
  if (flag.length === 32) throw refusal("it is of before EIP-658 and has no status");
  if (flag.length > 1 || (flag[0] ?? 1) !== 1) throw refusal("its status is neither 0 nor 1");
  rlpNumber(gasUsed);
  rlpString(bloom, BLOOM_BYTES);
  return {
    type: isTyped ? first : 0,
    isSuccess: flag.length === 1,
    logs: rlpItems(logs, MOST_LOGS).map(parseLog),
  };
}

function parseLog(item: RlpItem): ReceiptLog {
  const [address, topics, data, ...more] = rlpItems(item, 3);
  if (address === undefined || topics === undefined || data === undefined || more.length > 0) {
    throw refusal("one of its events has not three fields");
  }
  return {
    address: rlpString(address, 20),
    topics: rlpItems(topics, MOST_TOPICS).map((topic) => rlpString(topic, 32)),
    data: rlpString(data),
  };
}

function refusal(reason: string): PotError {
  return new PotError(`Cannot read the receipt as ${reason}`);
}
