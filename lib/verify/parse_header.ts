import { keccak_256 } from "@noble/hashes/sha3.js";
import { readRlp, rlpItems, rlpNumber, rlpString } from "./rlp.ts";

/** What a block's header says, as far as a proof needs it. */
export interface BlockHeader {
  /** keccak256 of the header's bytes. */
  readonly hash: Uint8Array;
  /** Root of the trie of the block's receipts, 32 bytes. */
  readonly receiptsRoot: Uint8Array;
  /** Height. */
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

/** Forks only ever appended fields; those up to the timestamp are as they were in the first block. */
const MOST_FIELDS = 48;
const BLOOM_BYTES = 256;

/**
 * Reads a block header: RLP of parent, ommers, beneficiary, three roots, bloom, difficulty, number, gas limit and use, timestamp,
 * and what later forks and other chains put behind (Ethereum yellow paper, §4.3).
 *
 * @throws {PotError} when it is none (exit code 1)
 */
export function parseHeader(bytes: Uint8Array): BlockHeader {
  const items = rlpItems(readRlp(bytes), MOST_FIELDS);
  const field = (at: number) => items[at] ?? NO_ITEM;
  const hash = (at: number) => rlpString(field(at), 32);
  // Of those that are not given out, the shape: another header's field must not slide into the place of one of ours.
  for (const at of [0, 1, 3, 4]) hash(at);
  rlpString(field(2), 20);
  rlpString(field(6), BLOOM_BYTES);
  const difficulty = rlpString(field(7));
  if (difficulty[0] === 0 || difficulty.length > 32) rlpNumber(field(7));
  for (const at of [9, 10]) rlpNumber(field(at));
  for (const item of items.slice(12)) rlpString(item);
  return {
    hash: keccak_256(bytes),
    receiptsRoot: hash(5),
    number: rlpNumber(field(8)),
    timestamp: rlpNumber(field(11)),
  };
}

const NO_ITEM = { isList: false, payload: new Uint8Array(), encoded: new Uint8Array() } as const;
