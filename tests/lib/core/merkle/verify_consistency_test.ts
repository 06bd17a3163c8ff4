import assert from "node:assert/strict";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import { nodeHash } from "../../../../lib/core/merkle/node_hash.ts";
import { type ConsistencyClaim, verifyConsistency } from "../../../../lib/core/merkle/verify_consistency.ts";
import { bitFlips, endlessPath, flipBit, hostileValues, restructured } from "./mutations.ts";
import { ReferenceTree } from "./reference_tree.ts";

const reference = new ReferenceTree(131);

function claimFor(oldSize: number, newSize: number): ConsistencyClaim {
  return {
    oldSize: BigInt(oldSize),
    oldRoot: reference.root(oldSize),
    newSize: BigInt(newSize),
    newRoot: reference.root(newSize),
    path: reference.consistencyPath(oldSize, newSize),
  };
}

Deno.test("verifyConsistency() accepts the proof between all pairs of sizes to 130", () => {
  for (let newSize = 1; newSize <= 130; newSize++) {
    const tree = createMerkleTree(reference.leaves.slice(0, newSize));
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const claim = claimFor(oldSize, newSize);
      assert.ok(
        verifyConsistency({ ...claim, path: tree.consistencyPath(BigInt(oldSize)) }),
        `${oldSize} to ${newSize}`,
      );
    }
  }
});

Deno.test("verifyConsistency() refuses every single-bit change of path and roots", () => {
  for (let newSize = 1; newSize <= 9; newSize++) {
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const claim = claimFor(oldSize, newSize);
      for (const path of bitFlips(claim.path)) assert.equal(verifyConsistency({ ...claim, path }), false);
      for (let bit = 0; bit < 256; bit++) {
        assert.equal(verifyConsistency({ ...claim, oldRoot: flipBit(claim.oldRoot, bit) }), false);
        assert.equal(verifyConsistency({ ...claim, newRoot: flipBit(claim.newRoot, bit) }), false);
      }
    }
  }
});

Deno.test("verifyConsistency() refuses every truncated, extended, reordered or swapped path", () => {
  for (let newSize = 1; newSize <= 20; newSize++) {
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const claim = claimFor(oldSize, newSize);
      const strangers = [claim.oldRoot, claim.newRoot, new Uint8Array(32)];
      for (const path of restructured(claim.path, strangers)) {
        assert.equal(verifyConsistency({ ...claim, path }), false, `${oldSize} to ${newSize}`);
      }
    }
  }
});

Deno.test("verifyConsistency() refuses swapped roots and sizes", () => {
  for (let newSize = 2; newSize <= 40; newSize++) {
    for (let oldSize = 1; oldSize < newSize; oldSize++) {
      const claim = claimFor(oldSize, newSize);
      const { oldRoot, newRoot } = claim;
      const swapped = { ...claim, oldSize: claim.newSize, newSize: claim.oldSize };
      assert.equal(verifyConsistency({ ...claim, oldRoot: newRoot, newRoot: oldRoot }), false);
      assert.equal(verifyConsistency(swapped), false);
      assert.equal(verifyConsistency({ ...swapped, oldRoot: newRoot, newRoot: oldRoot }), false);
    }
  }
});

Deno.test("verifyConsistency() takes a forked log for no extension", () => {
  const forked = createMerkleTree([
    ...reference.leaves.slice(0, 4),
    reference.leaves[99]!,
    ...reference.leaves.slice(5, 9),
  ]);
  for (let oldSize = 5; oldSize < 9; oldSize++) {
    const claim = { ...claimFor(oldSize, 9), newRoot: forked.root() };
    assert.equal(verifyConsistency(claim), false);
    assert.equal(verifyConsistency({ ...claim, path: forked.consistencyPath(BigInt(oldSize)) }), false);
  }
});

Deno.test("verifyConsistency() accepts equal sizes only with equal roots and an empty path", () => {
  const claim = claimFor(6, 6);
  assert.equal(verifyConsistency(claim), true);
  assert.equal(verifyConsistency({ ...claim, newRoot: reference.root(7) }), false);
  assert.equal(verifyConsistency({ ...claim, path: [claim.oldRoot] }), false);
});

Deno.test("verifyConsistency() refuses an empty tree as the old side", () => {
  const empty = reference.root(0);
  assert.equal(verifyConsistency({ ...claimFor(1, 4), oldSize: 0n, oldRoot: empty, path: [] }), false);
  assert.equal(
    verifyConsistency({ oldSize: 0n, oldRoot: empty, newSize: 0n, newRoot: empty, path: [] }),
    false,
  );
  assert.equal(verifyConsistency({ ...claimFor(1, 4), oldSize: 0n, oldRoot: empty }), false);
});

Deno.test("verifyConsistency() verifies a path of 65 nodes, the longest there is", () => {
  const [seed, ...siblings] = reference.leaves.slice(0, 65) as [Uint8Array, ...Uint8Array[]];
  const newSize = (1n << 64n) - 1n;
  // The old tree ends at leaf 2^63: its last leaf is leftmost of its half, whose 63 siblings to the right are new.
  const oldSize = (1n << 63n) + 1n;
  const inner = siblings.slice(0, 63);
  const left = siblings[63]!;
  const newRoot = nodeHash(left, inner.reduce((node, sibling) => nodeHash(node, sibling), seed));
  const claim = { oldSize, oldRoot: nodeHash(left, seed), newSize, newRoot, path: [seed, ...inner, left] };
  assert.equal(claim.path.length, 65);
  assert.equal(verifyConsistency(claim), true);
  assert.equal(verifyConsistency({ ...claim, path: [...claim.path, left] }), false);
});

Deno.test("verifyConsistency() answers false for hostile values in any place, and never throws", () => {
  const values = hostileValues();
  for (const claim of [claimFor(3, 7), claimFor(4, 7)]) {
    for (const value of values) {
      assert.equal(verifyConsistency(value as ConsistencyClaim), false);
      for (const key of Object.keys(claim)) {
        assert.equal(verifyConsistency({ ...claim, [key]: value }), false, `${key}: ${typeof value}`);
      }
      for (let i = 0; i < claim.path.length; i++) {
        assert.equal(verifyConsistency({ ...claim, path: claim.path.with(i, value as Uint8Array) }), false);
      }
    }
    assert.equal(verifyConsistency({ ...claim, oldSize: Number(claim.oldSize) as unknown as bigint }), false);
    assert.equal(verifyConsistency({ ...claim, path: endlessPath() }), false);
  }
});
