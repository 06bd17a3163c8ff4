import { PotError } from "../core/errors.ts";

/** One item of RLP (Ethereum yellow paper, appendix B). */
export interface RlpItem {
  /** A list of items; else a byte string. */
  readonly isList: boolean;
  /** The bytes of the string, or of the list's items one after the other. */
  readonly payload: Uint8Array;
  /** With its prefix. */
  readonly encoded: Uint8Array;
}

const STRING = 0x80;
const LIST = 0xc0;
/** From this many bytes on, a payload's length has a length of its own. */
const LONG = 56;

/**
 * The one item that these bytes are. Strict: every item has exactly one spelling, and nothing may follow.
 *
 * @throws {PotError} for everything else (exit code 1)
 */
export function readRlp(bytes: Uint8Array): RlpItem {
  const item = itemAt(bytes, 0);
  if (item.encoded.length !== bytes.length) throw refusal("something follows its item");
  return item;
}

/**
 * The items of a list. They are not looked into, so that no nesting costs anything before it is asked for.
 *
 * @throws {PotError} when it is no list, or holds more than `most` items
 */
export function rlpItems({ isList, payload }: RlpItem, most: number): readonly RlpItem[] {
  if (!isList) throw refusal("a byte string stands in the place of a list");
  const items: RlpItem[] = [];
  for (let at = 0; at < payload.length;) {
    if (items.length === most) throw refusal(`a list has more than ${most} items`);
    const item = itemAt(payload, at);
    items.push(item);
    at += item.encoded.length;
  }
  return items;
}

/** @throws {PotError} unless it is a byte string, of that length where one is given */
export function rlpString({ isList, payload }: RlpItem, length?: number): Uint8Array {
  if (isList) throw refusal("a list stands in the place of a byte string");
  if (length !== undefined && payload.length !== length) {
    throw refusal(`a byte string of ${payload.length} bytes stands in the place of one of ${length}`);
  }
  return payload;
}

/**
 * A whole number: big-endian, without leading zeros, below 2^64.
 *
 * @throws {PotError} for everything else
 */
export function rlpNumber(item: RlpItem): bigint {
  const bytes = rlpString(item);
  if (bytes[0] === 0) throw refusal("a number has leading zeros");
  if (bytes.length > 8) throw refusal("a number is not below 2^64");
  let value = 0n;
  for (const byte of bytes) value = value << 8n | BigInt(byte);
  return value;
}

/** RLP of a whole number from 0, as the keys of a receipts trie are written. */
export function encodeRlpNumber(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes.length === 1 && bytes[0]! < STRING
    ? Uint8Array.from(bytes)
    : Uint8Array.of(STRING + bytes.length, ...bytes);
}

function itemAt(bytes: Uint8Array, at: number): RlpItem {
  const first = bytes[at];
  if (first === undefined) throw refusal("it ends where an item should begin");
  const slice = (start: number, length: number, isList: boolean): RlpItem => {
    const end = start + length;
    if (end > bytes.length) throw refusal("an item is longer than what holds it");
    return { isList, payload: bytes.subarray(start, end), encoded: bytes.subarray(at, end) };
  };
  if (first < STRING) return slice(at, 1, false);
  const isList = first >= LIST;
  const short = first - (isList ? LIST : STRING);
  if (short < LONG) {
    const item = slice(at + 1, short, isList);
    if (!isList && short === 1 && item.payload[0]! < STRING) throw refusal("a byte has a needless prefix");
    return item;
  }
  const lengthBytes = short - LONG + 1;
  const length = readLength(bytes, at + 1, lengthBytes);
  return slice(at + 1 + lengthBytes, length, isList);
}

function readLength(bytes: Uint8Array, at: number, count: number): number {
  if (bytes[at] === 0) throw refusal("a length has leading zeros");
  let length = 0;
  // Eight bytes pass 2^53, but nothing that long is held anywhere: the comparison with the end refuses it.
  for (let i = at; i < at + count; i++) length = length * 256 + (bytes[i] ?? 0);
  if (length < LONG) throw refusal("a short length is written as a long one");
  return length;
}

function refusal(reason: string): PotError {
  return new PotError(`Cannot read the RLP as ${reason}`);
}
