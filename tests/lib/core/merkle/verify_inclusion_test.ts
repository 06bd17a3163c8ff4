import assert from "node:assert/strict";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import { nodeHash } from "../../../../lib/core/merkle/node_hash.ts";
import { type InclusionClaim, verifyInclusion } from "../../../../lib/core/merkle/verify_inclusion.ts";
import { bitFlips, endlessPath, flipBit, hostileValues, restructured } from "./mutations.ts";
import { ReferenceTree } from "./reference_tree.ts";

const reference = new ReferenceTree(300);

function claimFor(index: number, size: number): InclusionClaim {
  return {
    leafHash: reference.leaves[index]!,
    index: BigInt(index),
    size: BigInt(size),
    path: reference.inclusionPath(index, size),
    root: reference.root(size),
  };
}

Deno.test("verifyInclusion() accepts every proof of every index for sizes 1 to 300", () => {
  for (let size = 1; size <= 300; size++) {
    const tree = createMerkleTree(reference.leaves.slice(0, size));
    const root = tree.root();
    for (let index = 0; index < size; index++) {
      const path = tree.inclusionPath(BigInt(index));
      const isIncluded = verifyInclusion({
        leafHash: reference.leaves[index]!,
        index: BigInt(index),
        size: BigInt(size),
        path,
        root,
      });
      assert.ok(isIncluded, `${index} of ${size}`);
    }
  }
});

Deno.test("verifyInclusion() refuses every single-bit change of path, leaf and root", () => {
  for (const size of [1, 2, 3, 5, 7, 8, 13]) {
    for (let index = 0; index < size; index++) {
      const claim = claimFor(index, size);
      for (const path of bitFlips(claim.path)) assert.equal(verifyInclusion({ ...claim, path }), false);
      for (let bit = 0; bit < 256; bit++) {
        assert.equal(verifyInclusion({ ...claim, leafHash: flipBit(claim.leafHash, bit) }), false);
        assert.equal(verifyInclusion({ ...claim, root: flipBit(claim.root, bit) }), false);
      }
    }
  }
});

Deno.test("verifyInclusion() refuses every truncated, extended, reordered or swapped path", () => {
  for (let size = 1; size <= 33; size++) {
    for (let index = 0; index < size; index++) {
      const claim = claimFor(index, size);
      const strangers = [claim.root, claim.leafHash, new Uint8Array(32)];
      for (const path of restructured(claim.path, strangers)) {
        assert.equal(verifyInclusion({ ...claim, path }), false, `${index} of ${size}`);
      }
    }
  }
});

Deno.test("verifyInclusion() refuses a proof at every other index, and at every size that gives it another shape", () => {
  for (let size = 1; size <= 20; size++) {
    for (let index = 0; index < size; index++) {
      const claim = claimFor(index, size);
      for (let other = 0; other <= 40; other++) {
        if (other !== index) {
          assert.equal(
            verifyInclusion({ ...claim, index: BigInt(other) }),
            false,
            `${index} as ${other} of ${size}`,
          );
        }
        if (other !== size && other > index) {
          const hasSameShape = shapeOf(index, other) === shapeOf(index, size);
          const isIncluded = verifyInclusion({ ...claim, size: BigInt(other) });
          // The root says nothing of the size: that is what a checkpoint's signature binds.
          assert.equal(isIncluded, hasSameShape, `${index} of ${size} as of ${other}`);
        }
      }
    }
  }
});

/** Which sides the siblings stand on, leaf to root. */
function shapeOf(index: number, size: number): string {
  if (size === 1) return "";
  let split = 1;
  while (split * 2 < size) split *= 2;
  return index < split ? `${shapeOf(index, split)}R` : `${shapeOf(index - split, size - split)}L`;
}

Deno.test("verifyInclusion() verifies up to the last leaf below size 2^64", () => {
  const leaf = reference.leaves[0]!;
  const siblings = Array.from({ length: 64 }, (_, i) => reference.leaves[i + 1]!);
  const index = (1n << 64n) - 2n;
  // Of 2^64 - 1 leaves the last is the only one of its pair, so its path skips level 0.
  const path = siblings.slice(0, 63);
  const root = path.reduce((node, sibling) => nodeHash(sibling, node), leaf);
  const claim = { leafHash: leaf, index, size: (1n << 64n) - 1n, path, root };
  assert.equal(verifyInclusion(claim), true);
  assert.equal(verifyInclusion({ ...claim, size: 1n << 64n }), false);
  assert.equal(verifyInclusion({ ...claim, path: siblings }), false);

  const leftmost = siblings.reduce((node, sibling) => nodeHash(node, sibling), leaf);
  assert.equal(
    verifyInclusion({ leafHash: leaf, index: 0n, size: (1n << 64n) - 1n, path: siblings, root: leftmost }),
    true,
  );
});

Deno.test("verifyInclusion() answers false for hostile values in any place, and never throws", () => {
  const claim = claimFor(3, 7);
  const values = hostileValues();
  for (const value of values) {
    assert.equal(verifyInclusion(value as InclusionClaim), false);
    for (const key of Object.keys(claim)) {
      assert.equal(verifyInclusion({ ...claim, [key]: value }), false, `${key}: ${typeof value}`);
    }
    for (let i = 0; i < claim.path.length; i++) {
      assert.equal(verifyInclusion({ ...claim, path: claim.path.with(i, value as Uint8Array) }), false);
    }
  }
  assert.equal(verifyInclusion({ ...claim, index: 3 as unknown as bigint }), false);
  assert.equal(verifyInclusion({ ...claim, size: 7 as unknown as bigint }), false);
  assert.equal(verifyInclusion({ ...claim, path: endlessPath() }), false);
  assert.equal(verifyInclusion({ ...claim, path: new Set(claim.path) as unknown as Uint8Array[] }), false);
});
