import assert from "node:assert/strict";
import { PotError, UsageError } from "../../../../lib/core/errors.ts";
import { fromHex, toHex } from "../../../../lib/core/hex.ts";
import { consistencyPath } from "../../../../lib/core/merkle/consistency_path.ts";
import { inclusionPath } from "../../../../lib/core/merkle/inclusion_path.ts";
import { leafHash } from "../../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../../lib/core/merkle/merkle_root.ts";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import { nodeHash } from "../../../../lib/core/merkle/node_hash.ts";
import vectors from "../../../vectors/merkle_8_leaves.json" with { type: "json" };
import { ReferenceTree } from "./reference_tree.ts";

const leaves = vectors.entries.map((entry) => leafHash(fromHex(entry)!));
const hexes = (path: readonly Uint8Array[]): string[] => path.map(toHex);

Deno.test("leafHash() gives the known leaf hashes", () => {
  assert.deepEqual(hexes(leaves), vectors.levels[0]);
  assert.equal(
    toHex(leafHash(new TextEncoder().encode("L123456"))),
    "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
  );
});

Deno.test("nodeHash() gives the known node hashes", () => {
  for (let level = 1; level < vectors.levels.length; level++) {
    const below = vectors.levels[level - 1]!.map((hex) => fromHex(hex)!);
    const row = vectors.levels[level]!.map((_, i) => toHex(nodeHash(below[2 * i]!, below[2 * i + 1]!)));
    assert.deepEqual(row, vectors.levels[level]);
  }
});

Deno.test("leafHash() and nodeHash() never give the same hash for the same bytes", () => {
  const [left, right] = [leaves[0]!, leaves[1]!];
  assert.notDeepEqual(leafHash(new Uint8Array([...left, ...right])), nodeHash(left, right));
});

Deno.test("nodeHash() returns bytes that a later call leaves alone", () => {
  const first = nodeHash(leaves[0]!, leaves[1]!);
  nodeHash(leaves[2]!, leaves[3]!);
  assert.equal(toHex(first), vectors.levels[1]![0]);
});

Deno.test("merkleRoot() gives the known root at every size from 0 to 8", () => {
  for (let size = 0; size <= 8; size++) {
    assert.equal(toHex(merkleRoot(leaves.slice(0, size))), vectors.roots[size], `size ${size}`);
  }
});

// The trees of RFC 6962 §2.1.3 and RFC 9162 §2.1.5, seven leaves and the paths that the RFC spells out.
const [[, b, c, d, , f, j], [g, h, i], [k]] = vectors.levels as [string[], string[], string[]];
const l = toHex(nodeHash(fromHex(i!)!, fromHex(j!)!));

Deno.test("inclusionPath() gives the paths that RFC 6962 §2.1.3 spells out", () => {
  const tree = leaves.slice(0, 7);
  assert.deepEqual(hexes(inclusionPath(tree, 0n)), [b, h, l]);
  assert.deepEqual(hexes(inclusionPath(tree, 3n)), [c, g, l]);
  assert.deepEqual(hexes(inclusionPath(tree, 4n)), [f, j, k]);
  assert.deepEqual(hexes(inclusionPath(tree, 6n)), [i, k]);
});

Deno.test("consistencyPath() gives the paths that RFC 6962 §2.1.3 spells out", () => {
  const tree = leaves.slice(0, 7);
  assert.deepEqual(hexes(consistencyPath(tree, 3n)), [c, d, g, l]);
  assert.deepEqual(hexes(consistencyPath(tree, 4n)), [l]);
  assert.deepEqual(hexes(consistencyPath(tree, 6n)), [i, j, k]);
  assert.deepEqual(hexes(consistencyPath(tree, 7n)), []);
});

Deno.test("createMerkleTree() agrees with the RFC's recursion at every size to 300", () => {
  const reference = new ReferenceTree(300);
  for (let size = 0; size <= 300; size++) {
    const tree = createMerkleTree(reference.leaves.slice(0, size));
    assert.equal(tree.size, BigInt(size));
    assert.deepEqual(tree.root(), reference.root(size), `root at ${size}`);
    // Every index at small sizes; past that the ends and some between.
    const step = size <= 70 ? 1 : 13;
    for (let index = 0; index < size; index = index === size - 1 ? size : Math.min(index + step, size - 1)) {
      assert.deepEqual(
        tree.inclusionPath(BigInt(index)),
        reference.inclusionPath(index, size),
        `${index} of ${size}`,
      );
      assert.deepEqual(
        tree.consistencyPath(BigInt(index + 1)),
        reference.consistencyPath(index + 1, size),
        `${index + 1} to ${size}`,
      );
    }
  }
});

Deno.test("createMerkleTree() takes the leaves end to end in one buffer as well, and copies them", () => {
  const flat = new Uint8Array(7 * 32);
  leaves.slice(0, 7).forEach((leaf, index) => flat.set(leaf, index * 32));
  const tree = createMerkleTree(flat);
  flat.fill(0);
  tree.root().fill(0);
  tree.inclusionPath(0n)[0]!.fill(0);
  assert.equal(toHex(tree.root()), vectors.roots[7]);
  assert.deepEqual(tree.inclusionPath(5n), inclusionPath(leaves.slice(0, 7), 5n));
  assert.deepEqual(hexes(tree.inclusionPath(0n)), [b, h, l]);
  assert.equal(toHex(createMerkleTree(new Uint8Array()).root()), vectors.roots[0]);
});

Deno.test("the builders throw a UsageError for leaves that are no hashes", () => {
  const bad: unknown[] = [null, undefined, 5, "leaves", {}, { length: 3 }, new Uint8Array(33), [
    new Uint8Array(31),
  ]];
  for (const leafHashes of [...bad, [leaves[0], null], ["x".repeat(32)], new Array(3)]) {
    assert.throws(() => createMerkleTree(leafHashes as Uint8Array[]), UsageError);
    assert.throws(() => merkleRoot(leafHashes as Uint8Array[]), UsageError);
  }
  assert.throws(() => leafHash("text" as unknown as Uint8Array), UsageError);
  assert.throws(() => nodeHash(leaves[0]!, new Uint8Array(31)), UsageError);
  assert.throws(
    () => merkleRoot([leaves[0]!, new Uint8Array(20)]),
    (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot build the tree as a leaf hash is not a Uint8Array of 32 bytes");
      assert.deepEqual(error.facts, ["index: 1"]);
      return true;
    },
  );
});

Deno.test("the path builders throw a UsageError for what the tree does not have", () => {
  for (const index of [-1n, 8n, 1n << 64n, 3 as unknown as bigint, null as unknown as bigint]) {
    assert.throws(() => inclusionPath(leaves, index), UsageError);
  }
  for (const oldSize of [-1n, 0n, 9n, 1n << 64n, 3 as unknown as bigint, null as unknown as bigint]) {
    assert.throws(() => consistencyPath(leaves, oldSize), UsageError);
  }
  assert.throws(() => inclusionPath([], 0n), UsageError);
  assert.throws(
    () => inclusionPath(leaves, 8n),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, "Cannot prove inclusion as the tree has no leaf at this index");
      assert.deepEqual(error.facts, ["index: 8", "size: 8"]);
      return true;
    },
  );
});
