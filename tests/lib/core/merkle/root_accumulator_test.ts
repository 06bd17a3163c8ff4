import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../../lib/core/errors.ts";
import { fromHex, toHex } from "../../../../lib/core/hex.ts";
import { leafHash } from "../../../../lib/core/merkle/leaf_hash.ts";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import { merkleRoot } from "../../../../lib/core/merkle/merkle_root.ts";
import { nobleRowHasher } from "../../../../lib/core/merkle/noble_row_hasher.ts";
import { createRootAccumulator } from "../../../../lib/core/merkle/root_accumulator.ts";
import type { RowHasher } from "../../../../lib/core/merkle/row_hasher.ts";
import vectors from "../../../vectors/merkle_8_leaves.json" with { type: "json" };
import { patternBytes } from "./pattern_bytes.ts";
import { ReferenceTree } from "./reference_tree.ts";

const LEAVES = 3 * 2048 + 300;
const leaves = patternBytes(32 * LEAVES, 7);
const first = (count: number): Uint8Array => leaves.subarray(0, 32 * count);
const nobleRoot = (count: number): Uint8Array =>
  createMerkleTree(first(count), { rowHasher: nobleRowHasher }).root();

Deno.test("createRootAccumulator() gives the known root at every size from 0 to 8", () => {
  const accumulator = createRootAccumulator();
  for (const [size, root] of vectors.roots.entries()) {
    assert.equal(accumulator.size, BigInt(size));
    assert.equal(toHex(accumulator.root()), root);
    const entry = vectors.entries[size];
    if (entry !== undefined) accumulator.append([leafHash(fromHex(entry)!)]);
  }
});

Deno.test("createRootAccumulator() gives the RFC's root after each leaf to 600, and in one go", () => {
  const reference = new ReferenceTree(600);
  const accumulator = createRootAccumulator();
  for (let size = 1; size <= 600; size++) {
    accumulator.append([reference.leaves[size - 1]!]);
    assert.deepEqual(accumulator.root(), reference.root(size), `after leaf ${size}`);
    assert.deepEqual(merkleRoot(reference.leaves.slice(0, size)), reference.root(size), `in one go: ${size}`);
  }
});

Deno.test("createRootAccumulator() gives the same root around its chunks, asked for a root there or not", () => {
  for (const size of [2047, 2048, 2049, 4095, 4096, 4097, 6144, LEAVES]) {
    const inOneGo = createRootAccumulator();
    inOneGo.append(first(size));
    assert.deepEqual(inOneGo.root(), nobleRoot(size), `${size} in one go`);
    for (const stop of [1, 63, 2047, 2048]) {
      if (stop >= size) continue;
      const stopped = createRootAccumulator();
      stopped.append(first(stop));
      assert.deepEqual(stopped.root(), nobleRoot(stop), `${stop} of ${size}`);
      stopped.append(leaves.subarray(32 * stop, 32 * size));
      assert.deepEqual(stopped.root(), nobleRoot(size), `${size} after a root at ${stop}`);
    }
  }
});

Deno.test("createRootAccumulator() gives the root of the tree, however the leaves are cut and when it is asked", () => {
  const cut = fc.record({
    count: fc.oneof(fc.nat(40), fc.nat(3_000)),
    asksRoot: fc.boolean(),
    isList: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 12 }), (cuts) => {
      const accumulator = createRootAccumulator();
      let size = 0;
      for (const { count, asksRoot, isList } of cuts) {
        const end = Math.min(LEAVES, size + count);
        const flat = leaves.subarray(32 * size, 32 * end);
        accumulator.append(isList ? listed(flat) : flat);
        size = end;
        assert.equal(accumulator.size, BigInt(size));
        if (asksRoot) assert.deepEqual(accumulator.root(), createMerkleTree(first(size)).root());
      }
      assert.deepEqual(accumulator.root(), nobleRoot(size));
    }),
    { numRuns: 60 },
  );
});

Deno.test("createRootAccumulator() hands the hasher no more than a chunk, and each leaf once", () => {
  let pairs = 0;
  let longest = 0;
  const counting: RowHasher = {
    name: "noble",
    hashPairs(nodes, from, to, pairCount) {
      pairs += pairCount;
      longest = Math.max(longest, nodes.length);
      nobleRowHasher.hashPairs(nodes, from, to, pairCount);
    },
  };
  const accumulator = createRootAccumulator({ rowHasher: counting });
  accumulator.append(first(LEAVES));
  accumulator.root();
  accumulator.root();
  assert.ok(pairs < LEAVES, `${pairs} pairs hashed for ${LEAVES} leaves`);
  assert.equal(longest, 64 * 1024);
});

Deno.test("createRootAccumulator() copies the leaves it is given, and what it returns is the caller's", () => {
  const buffer = first(100).slice();
  const accumulator = createRootAccumulator();
  accumulator.append(buffer);
  buffer.fill(0);
  accumulator.root().fill(0);
  assert.deepEqual(accumulator.root(), nobleRoot(100));
  const single = createRootAccumulator();
  single.append(first(1));
  single.root().fill(0);
  assert.deepEqual(single.root(), first(1).slice());
});

Deno.test("append() throws a UsageError for what is no leaf hash, and adds none of that call", () => {
  const accumulator = createRootAccumulator();
  accumulator.append(first(5));
  const bad: unknown[] = [null, undefined, 5, "leaves", {}, new Uint8Array(33), [new Uint8Array(31)]];
  for (const leafHashes of [...bad, [first(1), null], new Array(3)]) {
    assert.throws(() => accumulator.append(leafHashes as Uint8Array[]), UsageError);
  }
  assert.equal(accumulator.size, 5n);
  assert.deepEqual(accumulator.root(), nobleRoot(5));
});

function listed(flat: Uint8Array): Uint8Array[] {
  return Array.from({ length: flat.length / 32 }, (_, i) => flat.subarray(32 * i, 32 * i + 32));
}
