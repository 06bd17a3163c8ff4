import fc from "fast-check";
import assert from "node:assert/strict";
import { equalBytes } from "../../../../lib/core/equal_bytes.ts";
import { type KnownLeaf, multiproofRanges, openMultiproof } from "../../../../lib/core/merkle/multiproof.ts";
import { verifyInclusion } from "../../../../lib/core/merkle/verify_inclusion.ts";
import { flipBit, restructured } from "./mutations.ts";
import { ReferenceTree } from "./reference_tree.ts";

const MOST = 300;
const reference = new ReferenceTree(MOST);

/** Some sizes, ascending, and some leaves of the largest tree. */
const cases = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: MOST }), { minLength: 1, maxLength: 4 })
    .map((sizes) => sizes.sort((a, b) => a - b)),
  density: fc.constantFrom(0.02, 0.2, 0.7, 1),
  picks: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
}).map(({ sizes, density, picks }) => {
  const last = sizes.at(-1)!;
  const indices = Array.from({ length: last }, (_, i) => i).filter(() => picks.next().value! < density);
  return { sizes, indices: indices.length > 0 ? indices : [last - 1] };
});

const oneSize = cases.map(({ sizes, indices }) => ({
  size: sizes.at(-1)!,
  indices: indices.filter((index) => index < sizes.at(-1)!),
}));

const leavesAt = (indices: readonly number[]): KnownLeaf[] =>
  indices.map((index) => ({ index: BigInt(index), hash: reference.leaves[index]! }));

const nodesFor = (indices: readonly number[], sizes: readonly number[]): Uint8Array[] =>
  multiproofRanges(indices.map(BigInt), sizes.map(BigInt))
    .map(({ start, width }) => reference.range(Number(start), Number(start + width)));

/** What a verifier has to be given, as the definition of the tree says it (RFC 6962 §2.1). */
function walk(from: number, to: number, leaves: readonly number[], take: (range: string) => void): void {
  if (!leaves.some((index) => index >= from && index < to)) return take(`${from}+${to - from}`);
  if (to - from === 1) return;
  let half = 1;
  while (half * 2 < to - from) half *= 2;
  walk(from, from + half, leaves, take);
  walk(from + half, to, leaves, take);
}

Deno.test("openMultiproof() gives every root from random leaves of random trees, and takes every node", () => {
  fc.assert(
    fc.property(cases, ({ sizes, indices }) => {
      const nodes = nodesFor(indices, sizes);
      for (const keepsAll of [false, true]) {
        const multiproof = openMultiproof(leavesAt(indices), nodes, { keepsAll });
        for (const size of sizes) assert.deepEqual(multiproof.rootOver(BigInt(size)), reference.root(size));
        assert.equal(multiproof.unusedCount(), 0);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("multiproofRanges() is what a plain recursion takes, in its order, each subtree once", () => {
  fc.assert(
    fc.property(cases, ({ sizes, indices }) => {
      const taken: string[] = [];
      for (const size of sizes) {
        walk(0, size, indices, (range) => taken.includes(range) || taken.push(range));
      }
      const ranges = multiproofRanges(indices.map(BigInt), sizes.map(BigInt));
      assert.deepEqual(ranges.map(({ start, width }) => `${start}+${width}`), taken);
    }),
    { numRuns: 200 },
  );
});

Deno.test("multiproofRanges() names only what no leaf gives: those nodes of the leaves' paths that hold no leaf", () => {
  fc.assert(
    fc.property(oneSize, ({ size, indices }) => {
      const onPaths = new Map<string, boolean>();
      for (const index of indices) {
        for (const { from, to } of siblings(index, size)) {
          onPaths.set(`${from}+${to - from}`, indices.some((other) => other >= from && other < to));
        }
      }
      const needed = [...onPaths].filter(([, holdsLeaf]) => !holdsLeaf).map(([range]) => range);
      const ranges = multiproofRanges(indices.map(BigInt), [BigInt(size)]);
      assert.deepEqual(ranges.map(({ start, width }) => `${start}+${width}`).sort(), needed.sort());
    }),
    { numRuns: 200 },
  );
});

function siblings(index: number, size: number): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (let from = 0, to = size; to - from > 1;) {
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const middle = from + half;
    found.push(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return found;
}

Deno.test("openMultiproof() knows the path of every leaf, which verifies by itself", () => {
  fc.assert(
    fc.property(cases, ({ sizes, indices }) => {
      const multiproof = openMultiproof(leavesAt(indices), nodesFor(indices, sizes), { keepsAll: true });
      for (const size of sizes) multiproof.rootOver(BigInt(size));
      for (const size of sizes) {
        for (const index of indices.filter((index) => index < size)) {
          const path = siblings(index, size).reverse()
            .map(({ from, to }) => multiproof.hashOf({ start: BigInt(from), width: BigInt(to - from) })!);
          assert.deepEqual(path, reference.inclusionPath(index, size));
          const claim = {
            leafHash: reference.leaves[index]!,
            index: BigInt(index),
            size: BigInt(size),
            path,
          };
          assert.ok(verifyInclusion({ ...claim, root: reference.root(size) }));
        }
      }
    }),
    { numRuns: 60 },
  );
});

/** Whether these leaves and nodes are a whole proof of that root, no more and no less. */
function holds(leaves: readonly KnownLeaf[], nodes: readonly Uint8Array[], size: number): boolean {
  const multiproof = openMultiproof(leaves, nodes);
  const root = multiproof.rootOver(BigInt(size));
  return root !== undefined && equalBytes(root, reference.root(size)) && multiproof.unusedCount() === 0;
}

Deno.test("openMultiproof() misses the root for any node or leaf changed, left out, added or moved", () => {
  fc.assert(
    fc.property(oneSize, fc.nat(), ({ size, indices }, seed) => {
      const nodes = nodesFor(indices, [size]);
      const leaves = leavesAt(indices);
      assert.ok(holds(leaves, nodes, size));
      for (const [i, node] of nodes.entries()) {
        assert.ok(!holds(leaves, nodes.with(i, flipBit(node, (seed + i) % 256)), size), `node ${i}`);
      }
      const stranger = reference.leaves[(seed + 1) % MOST]!;
      for (const changed of restructured(nodes.slice(0, 6), [stranger])) {
        if (changed.some((node) => node.length !== 32)) continue;
        const whole = [...changed, ...nodes.slice(6)];
        if (whole.length === nodes.length && whole.every((node, i) => equalBytes(node, nodes[i]!))) continue;
        assert.ok(!holds(leaves, whole, size), "other nodes");
      }
      for (const [i, { index, hash }] of leaves.slice(0, 20).entries()) {
        assert.ok(
          !holds(leaves.with(i, { index, hash: flipBit(hash, seed % 256) }), nodes, size),
          `leaf ${i}`,
        );
        const isFree = index + 1n < BigInt(size) && !indices.includes(Number(index) + 1);
        if (isFree) assert.ok(!holds(leaves.with(i, { index: index + 1n, hash }), nodes, size), `index ${i}`);
        if (i + 1 < leaves.length) {
          const swapped = leaves.with(i, { index, hash: leaves[i + 1]!.hash })
            .with(i + 1, { index: leaves[i + 1]!.index, hash });
          assert.ok(!holds(swapped, nodes, size), `order ${i}`);
        }
        if (leaves.length > 1) assert.ok(!holds(leaves.toSpliced(i, 1), nodes, size), `without leaf ${i}`);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("openMultiproof() ends at once where nodes are missing in the largest trees", () => {
  const last = (1n << 63n) - 2n;
  const indices = [0n, 5n, 1n << 40n, last];
  const sizes = [1n << 41n, last + 1n];
  const ranges = multiproofRanges(indices, sizes);
  assert.ok(ranges.length < 64 * 4 * 2);
  const leaves = indices.map((index) => ({ index, hash: reference.leaves[0]! }));
  const nodes = ranges.map(() => reference.leaves[1]!);
  const whole = openMultiproof(leaves, nodes);
  assert.ok(sizes.every((size) => whole.rootOver(size) !== undefined));
  assert.equal(whole.unusedCount(), 0);
  assert.equal(openMultiproof(leaves, []).rootOver(sizes[1]!), undefined);
  assert.equal(openMultiproof(leaves, nodes.slice(1)).rootOver(sizes[1]!), undefined);
});
