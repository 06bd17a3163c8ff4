import { RLP } from "@ethereumjs/rlp";
import { bytesOf, quantityBytes } from "./block_header.ts";
import { parseData, parseFields, parseLogs, parseQuantity } from "./rpc_values.ts";

/** A transaction's receipt as the trie of its block holds it. */
export interface BlockReceipt {
  readonly transactionHash: `0x${string}`;
  /** Position in the block, from 0. */
  readonly index: number;
  /** The block that the endpoint took it from. */
  readonly blockHash: `0x${string}`;
  /** A type byte, but for legacy transactions, and RLP (EIP-2718). */
  readonly bytes: Uint8Array;
  /** A note of Polygon's about what its bridge did, which no header committed to before PIP-74. */
  readonly isStateSync: boolean;
}

/** The deposits of the OP stack. */
const DEPOSIT_TYPE = 0x7en;
const ZERO_ADDRESS = `0x${"0".repeat(40)}`;

/**
 * A receipt of JSON-RPC in the bytes that the receipts trie holds: status (or, before Byzantium, state root), gas used so far, bloom
 * and logs; a type byte before those of every later kind of transaction, Arbitrum's (0x64 to 0x6a) included. Since Canyon the deposits of
 * the OP stack add their nonce and version.
 *
 * @throws UnreachableError when a field is malformed.
 */
export function encodeReceipt(value: unknown): BlockReceipt {
  const fields = parseFields(value, "receipt");
  const { type, status, root, from, to, gasUsed, depositNonce, depositReceiptVersion } = fields;
  const outcome = status === undefined || status === null
    ? bytesOf(parseData(root, "receipt root", 32))
    : quantityBytes(parseQuantity(status, "receipt status"));
  const content: RlpList = [
    outcome,
    quantityBytes(parseQuantity(fields["cumulativeGasUsed"], "gas used")),
    bytesOf(parseData(fields["logsBloom"], "logs bloom", 256)),
    parseLogs(fields["logs"]).map(({ address, topics, data }) => [
      bytesOf(address),
      topics.map(bytesOf),
      bytesOf(data),
    ]),
  ];
  const kind = type === undefined || type === null ? 0n : parseQuantity(type, "transaction type");
  if (kind === DEPOSIT_TYPE && depositReceiptVersion !== undefined && depositReceiptVersion !== null) {
    content.push(
      quantityBytes(parseQuantity(depositNonce, "deposit nonce")),
      quantityBytes(parseQuantity(depositReceiptVersion, "deposit receipt version")),
    );
  }
  const body = RLP.encode(content);
  return {
    transactionHash: parseData(fields["transactionHash"], "transaction hash", 32),
    index: Number(parseQuantity(fields["transactionIndex"], "transaction index")),
    blockHash: parseData(fields["blockHash"], "block hash", 32),
    bytes: kind === 0n ? body : Uint8Array.of(Number(kind), ...body),
    isStateSync: from === ZERO_ADDRESS && to === ZERO_ADDRESS && parseQuantity(gasUsed, "gas used") === 0n,
  };
}

type RlpList = (Uint8Array | RlpList)[];
