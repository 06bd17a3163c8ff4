import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "../core/hex.ts";
import { parseData, parseFields, parseQuantity } from "./rpc_values.ts";

/** A block's header as its hash is made of it. */
export interface EncodedHeader {
  /** RLP; its keccak256 is the block's hash. */
  readonly header: Uint8Array;
  /** `0x` and 64 lowercase hex characters. */
  readonly receiptsRoot: `0x${string}`;
}

type Fields = Readonly<Record<string, unknown>>;

const data = (name: string, lengthBytes?: number) => ({
  name,
  encode: (value: unknown) => bytesOf(parseData(value, name, lengthBytes)),
});
const quantity = (name: string) => ({
  name,
  encode: (value: unknown) => quantityBytes(parseQuantity(value, name)),
});

/** Of every header, in the order of the yellow paper, §4.3. */
const FIELDS = [
  data("parentHash", 32),
  data("sha3Uncles", 32),
  data("miner", 20),
  data("stateRoot", 32),
  data("transactionsRoot", 32),
  data("receiptsRoot", 32),
  data("logsBloom", 256),
  quantity("difficulty"),
  quantity("number"),
  quantity("gasLimit"),
  quantity("gasUsed"),
  quantity("timestamp"),
  data("extraData"),
  data("mixHash", 32),
  data("nonce", 8),
];

/** Added one fork after the other: London (EIP-1559), Shanghai (4895), Cancun (4844, 4788), Prague (7685). */
const LATER_FIELDS = [
  quantity("baseFeePerGas"),
  data("withdrawalsRoot", 32),
  quantity("blobGasUsed"),
  quantity("excessBlobGas"),
  data("parentBeaconBlockRoot", 32),
  data("requestsHash", 32),
];

/**
 * The header of a block as JSON-RPC gives it, in the form of whichever fork gives `blockHash`; `undefined` where none does: the
 * block is another one, or this chain's headers have a form of their own.
 *
 * @throws UnreachableError when a field is malformed.
 */
export function encodeBlockHeader(block: unknown, blockHash: string): EncodedHeader | undefined {
  const fields: Fields = parseFields(block, "block");
  if (FIELDS.some(({ name }) => isAbsent(fields[name]))) return undefined;
  const values = FIELDS.map(({ name, encode }) => encode(fields[name]));
  const absent = LATER_FIELDS.findIndex(({ name }) => isAbsent(fields[name]));
  const later = absent < 0 ? LATER_FIELDS : LATER_FIELDS.slice(0, absent);
  values.push(...later.map(({ name, encode }) => encode(fields[name])));
  // A node may show fields that its chain does not have yet.
  for (let count = values.length; count >= FIELDS.length; count--) {
    const header = RLP.encode(values.slice(0, count));
    if (`0x${toHex(keccak_256(header))}` !== blockHash) continue;
    return { header, receiptsRoot: parseData(fields["receiptsRoot"], "receipts root", 32) };
  }
  return undefined;
}

/** Big-endian without leading zeros, as RLP has whole numbers; nothing for 0. */
export function quantityBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array();
  const digits = value.toString(16);
  return Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** The bytes of `0x` and hex digits that were parsed already. */
export function bytesOf(hex: `0x${string}`): Uint8Array {
  return Uint8Array.fromHex(hex.slice(2));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
