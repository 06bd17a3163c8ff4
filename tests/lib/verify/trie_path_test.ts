import { createMerkleProof, createMPT } from "@ethereumjs/mpt";
import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError } from "../../../lib/core/errors.ts";
import { encodeRlpNumber } from "../../../lib/verify/rlp.ts";
import { readTriePath, type TriePath } from "../../../lib/verify/trie_path.ts";
import { buildReferenceTrie, encodeReceiptDraft, otherLog } from "../../_fakes/receipt_fixture.ts";

const refuses = (path: TriePath, reason: string, what?: string) =>
  assert.throws(() => readTriePath(path), {
    name: "PotError",
    message: `Cannot follow the path of the receipt as ${reason}`,
  }, what);

const receiptsOf = (count: number) =>
  Array.from(
    { length: count },
    (_, i) =>
      encodeReceiptDraft(
        { type: i % 5, status: i % 3 === 0 ? 0 : 1, logs: i % 2 === 0 ? [otherLog] : [] },
        21_000 * i,
      ),
  );

/** Around every place where the trie changes its shape: one leaf, keys of one and of two bytes. */
const COUNTS = [1, 2, 3, 16, 17, 127, 128, 129, 130, 200, 257];

Deno.test("readTriePath() finds each receipt where the reference library put it, in blocks of 1 to 257", async () => {
  for (const count of COUNTS) {
    const receipts = receiptsOf(count);
    const { root, path } = await buildReferenceTrie(receipts);
    for (let i = 0; i < count; i += count > 20 ? 7 : 1) {
      const found = readTriePath({ root, key: encodeRlpNumber(i), path: await path(i) });
      assert.deepEqual(found, receipts[i], `${i} of ${count}`);
    }
    // Not under another receipt's key, nor past the end.
    const first = await path(0);
    for (const other of [1, count - 1, count, count + 1]) {
      if (other === 0) continue;
      assert.throws(() => readTriePath({ root, key: encodeRlpNumber(other), path: first }), PotError);
    }
  }
});

Deno.test("readTriePath() agrees with the reference library on any trie, nodes within their parents included", async () => {
  // Keys of one length, as no receipt's key begins another's; short values, so that whole branches stand in their parents.
  const entries = fc.uniqueArray(
    fc.tuple(
      fc.uint8Array({ minLength: 2, maxLength: 2 }).map((key) => key.map((byte) => byte & 0x33)),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
    ),
    { minLength: 1, maxLength: 40, selector: ([key]) => key.toHex() },
  );
  let embedded = 0;
  await fc.assert(
    fc.asyncProperty(entries, fc.nat(), fc.nat(), fc.nat(), async (list, which, node, bit) => {
      const trie = await createMPT();
      for (const [key, value] of list) await trie.put(key, value);
      const [key, value] = list[which % list.length]!;
      // The library lists nodes that stand within their parents once more; eth_getProof and we do not.
      const all = await createMerkleProof(trie, key);
      const path = all.filter(({ length }, i) => i === 0 || length >= 32);
      const root = trie.root();
      assert.deepEqual(readTriePath({ root, key, path }), value);
      if (path.length < all.length) embedded++;
      // One bit of one node.
      const changed = path.map((bytes) => bytes.slice());
      const target = changed[node % changed.length]!;
      target[(bit >> 3) % target.length]! ^= 1 << (bit & 7);
      assert.throws(() => readTriePath({ root, key, path: changed }), PotError);
      assert.throws(() => readTriePath({ root, key, path: path.slice(0, -1) }), PotError);
      refuses({ root, key, path: [...path, path[0]!] }, "nodes are left over");
    }),
    { seed: 1, numRuns: 150 },
  );
  assert.ok(embedded > 20, `${embedded} with short paths`);
});

/** A trie of one node that we write ourselves, well hashed. */
function ofNodes(...nodes: readonly Uint8Array[]): { root: Uint8Array; path: readonly Uint8Array[] } {
  return { root: keccak_256(nodes[0]!), path: nodes };
}

const KEY = Uint8Array.of(0x12);
const VALUE = new Uint8Array(40).fill(5);
const branch = (change: Readonly<Record<number, unknown>> = {}) =>
  Array.from({ length: 17 }, (_, i) => (change[i] ?? new Uint8Array()) as Uint8Array);

Deno.test("readTriePath() refuses nodes that no trie has, however well they hash", () => {
  const leaf = (path: number[], value: Uint8Array = VALUE) => RLP.encode([Uint8Array.from(path), value]);
  assert.deepEqual(readTriePath({ key: KEY, ...ofNodes(leaf([0x20, 0x12])) }), VALUE);
  const below = leaf([0x32]);
  const wrong: readonly (readonly [string, readonly Uint8Array[], string])[] = [
    ["another key", [leaf([0x20, 0x13])], "it leads to another key"],
    ["a key that goes on", [leaf([0x20, 0x12, 0x34])], "it leads to another key"],
    ["a key that ends early", [leaf([0x31])], "it leads to another key"],
    ["an empty path", [leaf([])], "a node's path has a wrong prefix"],
    ["an unknown prefix", [leaf([0x40, 0x12])], "a node's path has a wrong prefix"],
    ["padding that is not zero", [leaf([0x21, 0x12])], "a node's path has a wrong prefix"],
    ["an empty value", [leaf([0x20, 0x12], new Uint8Array())], "nothing stands under the key"],
    ["three items", [RLP.encode([1, 2, 3])], "a node has 3 items"],
    ["no items", [RLP.encode([])], "a node has 0 items"],
    ["an empty extension", [
      RLP.encode([Uint8Array.of(0), keccak_256(below)]),
      below,
    ], "an extension is empty"],
    ["an extension to a leaf", [
      RLP.encode([Uint8Array.of(0x11), keccak_256(below)]),
      below,
    ], "an extension leads to no branch"],
    ["an empty place in a branch", [RLP.encode(branch())], "nothing stands under the key"],
    ["a long node within its parent", [
      RLP.encode(branch({ 1: [Uint8Array.of(0x32), VALUE] })),
    ], "a node stands in its parent that is too long for it"],
    [
      "a path that ends too early",
      [RLP.encode(branch({ 1: keccak_256(below) }))],
      "it ends before the key does",
    ],
    ["another node than named", [
      RLP.encode(branch({ 1: keccak_256(leaf([0x33])) })),
      below,
    ], "a node is not the one that its parent names"],
    ["a node that is used twice", [
      RLP.encode(branch({ 1: keccak_256(below) })),
      below,
      below,
    ], "nodes are left over"],
  ];
  for (const [what, nodes, reason] of wrong) refuses({ key: KEY, ...ofNodes(...nodes) }, reason, what);
  refuses({ key: KEY, root: keccak_256(below), path: [] }, "it ends before the key does");
  refuses(
    { key: KEY, root: new Uint8Array(32), path: [below] },
    "a node is not the one that its parent names",
  );
  // A hash of another length, and a node that is not RLP.
  assert.throws(() => readTriePath({ key: KEY, ...ofNodes(RLP.encode(branch({ 1: new Uint8Array(31) }))) }), {
    message: "Cannot read the RLP as a byte string of 31 bytes stands in the place of one of 32",
  });
  assert.throws(() => readTriePath({ key: KEY, ...ofNodes(Uint8Array.of(...leaf([0x20, 0x12]), 0)) }), {
    message: "Cannot read the RLP as something follows its item",
  });
  assert.throws(
    () => readTriePath({ key: KEY, ...ofNodes(RLP.encode(branch({ 17: VALUE }).concat([VALUE]))) }),
    {
      message: "Cannot read the RLP as a list has more than 17 items",
    },
  );
});
