import { keccak_256 } from "@noble/hashes/sha3.js";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { readRlp, type RlpItem, rlpItems, rlpString } from "./rlp.ts";

/** A value's way in a Merkle-Patricia trie. */
export interface TriePath {
  /** Of the trie, 32 bytes. */
  readonly root: Uint8Array;
  /** Where the value stands. */
  readonly key: Uint8Array;
  /** Nodes from the root on, RLP each; those below 32 bytes stand within their parents. */
  readonly path: readonly Uint8Array[];
}

const HASH_BYTES = 32;
const BRANCH_ITEMS = 17;
/** The first digit of a short node's path (yellow paper, appendix C): its lowest bit says odd, the next one leaf. */
const ODD = 1;
const LEAF = 2;

/**
 * The value that stands under the key in the trie with that root (Ethereum yellow paper, appendix D). Every node must be the one
 * that its parent names, each is used, and none is left over.
 *
 * @throws {PotError} when the path does not lead from the root to a value (exit code 1)
 */
export function readTriePath({ root, key, path }: TriePath): Uint8Array {
  const digits = digitsOf(key);
  const waiting = path.values();
  let at = 0;
  let node = nextNode(waiting, root);
  for (;;) {
    const items = rlpItems(node, BRANCH_ITEMS);
    if (items.length === 2) {
      const { isLeaf, shared } = readShortPath(rlpString(items[0]!));
      if (!shared.every((digit, i) => digits[at + i] === digit)) throw refusal("it leads to another key");
      at += shared.length;
      if (isLeaf) return finish(items[1]!, at === digits.length, waiting);
      if (shared.length === 0) throw refusal("an extension is empty");
      node = child(items[1]!, waiting);
      if (rlpItems(node, BRANCH_ITEMS).length !== BRANCH_ITEMS) {
        throw refusal("an extension leads to no branch");
      }
    } else if (items.length === BRANCH_ITEMS) {
      if (at === digits.length) return finish(items[16]!, true, waiting);
      node = child(items[digits[at++]!]!, waiting);
    } else {
      throw refusal(`a node has ${items.length} items`);
    }
  }
}

/** The node that a parent names: by its hash, or itself where it is shorter than one. */
function child(item: RlpItem, waiting: Iterator<Uint8Array>): RlpItem {
  if (!item.isList) {
    if (item.payload.length === 0) throw refusal("nothing stands under the key");
    return nextNode(waiting, rlpString(item, HASH_BYTES));
  }
  if (item.encoded.length >= HASH_BYTES) throw refusal("a node stands in its parent that is too long for it");
  return item;
}

function nextNode(waiting: Iterator<Uint8Array>, hash: Uint8Array): RlpItem {
  const { done, value } = waiting.next();
  if (done === true) throw refusal("it ends before the key does");
  if (!equalBytes(keccak_256(value), hash)) throw refusal("a node is not the one that its parent names");
  return readRlp(value);
}

function finish(item: RlpItem, isWhole: boolean, waiting: Iterator<Uint8Array>): Uint8Array {
  if (!isWhole) throw refusal("it leads to another key");
  if (waiting.next().done !== true) throw refusal("nodes are left over");
  const value = rlpString(item);
  if (value.length === 0) throw refusal("nothing stands under the key");
  return value;
}

function readShortPath(bytes: Uint8Array): { readonly isLeaf: boolean; readonly shared: readonly number[] } {
  const [flags = LEAF << 2, second = 0, ...rest] = digitsOf(bytes);
  const isOdd = (flags & ODD) !== 0;
  if (flags > (LEAF | ODD) || (!isOdd && second !== 0)) throw refusal("a node's path has a wrong prefix");
  return { isLeaf: (flags & LEAF) !== 0, shared: isOdd ? [second, ...rest] : rest };
}

function digitsOf(bytes: Uint8Array): readonly number[] {
  const digits: number[] = [];
  for (const byte of bytes) digits.push(byte >> 4, byte & 0x0f);
  return digits;
}

function refusal(reason: string): PotError {
  return new PotError(`Cannot follow the path of the receipt as ${reason}`);
}
