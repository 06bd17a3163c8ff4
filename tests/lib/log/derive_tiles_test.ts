import assert from "node:assert/strict";
import { createMerkleTree } from "../../../lib/core/merkle/merkle_tree.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { createHeadChecker } from "../../../lib/log/audit_heads.ts";
import { createTileDeriver } from "../../../lib/log/derive_tiles.ts";

/** The `n`th leaf hash of a tree that is only here. */
function leaf(n: number): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, n * 2654435761);
  new DataView(hash.buffer).setUint32(28, n);
  return hash;
}

function leaves(from: number, to: number): Uint8Array {
  const flat = new Uint8Array((to - from) * 32);
  for (let n = from; n < to; n++) flat.set(leaf(n), (n - from) * 32);
  return flat;
}

Deno.test("createTileDeriver() gives the tiles above level 0, full ones as they fill and the rest at the end", () => {
  const deriver = createTileDeriver();
  const full = Array.from({ length: 257 }, (_, i) => deriver.push(leaves(i * 256, i * 256 + 256))).flat();
  const rootOf = (tile: number) => merkleRoot(Array.from({ length: 256 }, (_, i) => leaf(tile * 256 + i)));
  assert.deepEqual(full.map(({ level, index }) => [level, index]), [[1, 0]]);
  assert.deepEqual(full[0]!.hashes.subarray(0, 32), rootOf(0));
  assert.deepEqual(full[0]!.hashes.subarray(255 * 32), rootOf(255));
  const edges = deriver.edges();
  assert.deepEqual(edges.map(({ level, index, hashes }) => [level, index, hashes.length]), [[1, 1, 32], [
    2,
    0,
    32,
  ]]);
  assert.deepEqual(edges[0]!.hashes, rootOf(256));
  assert.deepEqual(edges[1]!.hashes, createMerkleTree(leaves(0, 65_536)).root());
});

Deno.test("createHeadChecker() answers for heads of every size, in whatever order they come", () => {
  const sizes = [1, 2, 255, 256, 257, 300, 300, 511, 512, 700];
  const heads = sizes.map((size) => ({ size: BigInt(size), root: createMerkleTree(leaves(0, size)).root() }))
    .reverse();
  const wrong = { size: 300n, root: new Uint8Array(32) };
  const beyond = { size: 701n, root: new Uint8Array(32) };
  const checker = createHeadChecker([...heads, wrong, beyond]);
  for (let from = 0; from < 700; from += 256) {
    const some = leaves(from, Math.min(700, from + 256));
    checker.push(some, some);
  }
  assert.deepEqual(checker.root(), createMerkleTree(leaves(0, 700)).root());
  const outcomes = checker.outcomes();
  for (const head of heads) assert.deepEqual(outcomes.get(head), { kind: "holds" }, String(head.size));
  assert.deepEqual(outcomes.get(wrong), {
    kind: "differs",
    derived: createMerkleTree(leaves(0, 300)).root(),
  });
  assert.deepEqual(outcomes.get(beyond), { kind: "beyond", size: 700 });
});

Deno.test("createHeadChecker() lets a head hold that the stored hashes give, though an entry does not", () => {
  const head = { size: 10n, root: createMerkleTree(leaves(0, 10)).root() };
  const checker = createHeadChecker([head]);
  const altered = leaves(0, 10);
  altered[7]! ^= 1;
  checker.push(altered, leaves(0, 10));
  assert.deepEqual(checker.outcomes().get(head), { kind: "holds" });
});
