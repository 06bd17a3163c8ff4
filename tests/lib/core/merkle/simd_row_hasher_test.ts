import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../../lib/core/hex.ts";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import { merkleRoot } from "../../../../lib/core/merkle/merkle_root.ts";
import { leafHash } from "../../../../lib/core/merkle/leaf_hash.ts";
import { nobleRowHasher } from "../../../../lib/core/merkle/noble_row_hasher.ts";
import { createSimdRowHasher } from "../../../../lib/core/merkle/simd_row_hasher.ts";
import vectors from "../../../vectors/merkle_8_leaves.json" with { type: "json" };
import { patternBytes } from "./pattern_bytes.ts";
import { ReferenceTree } from "./reference_tree.ts";

const simd = createSimdRowHasher();

/** Runs both hashers on copies of a buffer and compares them whole, so that a byte written out of place shows too. */
function assertSame(nodes: Uint8Array, from: number, to: number, pairCount: number): void {
  const expected = nodes.slice();
  nobleRowHasher.hashPairs(expected, from, to, pairCount);
  simd.hashPairs(nodes, from, to, pairCount);
  // Where they part: the difference of two long buffers takes minutes to print.
  const place = nodes.findIndex((byte, i) => byte !== expected[i]);
  assert.equal(place, -1, `${pairCount} pairs from ${from} to ${to} differ at byte ${place}`);
}

Deno.test("hashPairs() of the engine gives the known node hashes and roots of RFC 6962", () => {
  for (let level = 1; level < vectors.levels.length; level++) {
    const row = fromHex(vectors.levels[level - 1]!.join(""))!;
    const pairCount = vectors.levels[level]!.length;
    simd.hashPairs(row, 0, 0, pairCount);
    assert.equal(toHex(row.subarray(0, 32 * pairCount)), vectors.levels[level]!.join(""));
  }
  const leaves = vectors.entries.map((entry) => leafHash(fromHex(entry)!));
  for (const [size, root] of vectors.roots.entries()) {
    assert.equal(toHex(merkleRoot(leaves.slice(0, size), { rowHasher: simd })), root);
    assert.equal(toHex(createMerkleTree(leaves.slice(0, size), { rowHasher: simd }).root()), root);
  }
});

Deno.test("hashPairs() of the engine equals the reference for every last byte in every lane", () => {
  const nodes = patternBytes(64 * 1024 + 32 * 1024, 1);
  for (let i = 0; i < 1024; i++) nodes[64 * i + 63] = i >> 2;
  assertSame(nodes, 0, 64 * 1024, 1024);
  // A different byte in each lane, so that schedules given to the wrong one show.
  const shifted = patternBytes(64 * 1024 + 32 * 1024, 2);
  for (let i = 0; i < 1024; i++) shifted[64 * i + 63] = i;
  assertSame(shifted, 0, 64 * 1024, 1024);
});

Deno.test("hashPairs() of the engine equals the reference for bytes that are all alike", () => {
  for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
    assertSame(new Uint8Array(96 * 8).fill(byte), 0, 64 * 8, 8);
  }
});

Deno.test("hashPairs() of the engine equals the reference for every number of pairs around its groups and calls", () => {
  const counts = [
    ...Array.from({ length: 18 }, (_, i) => i),
    1023,
    1024,
    1025,
    1026,
    1027,
    1028,
    2047,
    2048,
    2049,
  ];
  for (const count of [...counts, 4 * 1024 + 3]) {
    assertSame(patternBytes(96 * count + 200, count), 0, 64 * count, count);
  }
});

Deno.test("hashPairs() of the engine equals the reference in place, further left, and at odd addresses", () => {
  for (const count of [1, 3, 4, 5, 1025, 2051]) {
    const buffer = patternBytes(64 * count + 400, count);
    for (const shift of [0, 1, 3, 7]) {
      // A view that starts at an odd place of its buffer, as a caller may cut it.
      const view = () => buffer.slice().subarray(shift, buffer.length - 5);
      assertSame(view(), 0, 0, count);
      assertSame(view(), 97, 97, count);
      assertSame(view(), 130, 13, count);
    }
  }
});

Deno.test("createMerkleTree() is the same tree with the engine and with the reference, at every size to 600", () => {
  const reference = new ReferenceTree(600);
  for (let size = 0; size <= 600; size++) {
    const leaves = reference.leaves.slice(0, size);
    const tree = createMerkleTree(leaves, { rowHasher: simd });
    assert.deepEqual(tree.root(), reference.root(size), `root at ${size}`);
    assert.deepEqual(createMerkleTree(leaves).root(), tree.root(), `by default at ${size}`);
    if (size === 0) continue;
    for (const index of new Set([0, size >> 1, size - 1])) {
      assert.deepEqual(tree.inclusionPath(BigInt(index)), reference.inclusionPath(index, size));
      assert.deepEqual(tree.consistencyPath(BigInt(index + 1)), reference.consistencyPath(index + 1, size));
    }
  }
});

Deno.test("createMerkleTree() is the same tree with the engine and with the reference, for random leaves", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer(), fc.nat(9), (size, seed, offset) => {
      const leaves = patternBytes(32 * size + offset, seed).subarray(offset);
      const tree = createMerkleTree(leaves, { rowHasher: simd });
      const expected = createMerkleTree(leaves, { rowHasher: nobleRowHasher });
      assert.deepEqual(tree.root(), expected.root());
      for (let i = 0n; i < tree.size; i += 499n) {
        assert.deepEqual(tree.inclusionPath(i), expected.inclusionPath(i));
      }
    }),
    { numRuns: 60 },
  );
});
