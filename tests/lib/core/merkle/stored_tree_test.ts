import assert from "node:assert/strict";
import { PotError, UsageError } from "../../../../lib/core/errors.ts";
import { createMerkleTree } from "../../../../lib/core/merkle/merkle_tree.ts";
import {
  consistencyPathFromNodes,
  inclusionPathFromNodes,
  type NodeReader,
  rootFromNodes,
} from "../../../../lib/core/merkle/stored_tree.ts";
import { ReferenceTree } from "./reference_tree.ts";

const reference = new ReferenceTree(300);

/** Answers only for subtrees that are complete at `storedSize`, as a tile store does. */
function nodesOf(storedSize: number): { readNode: NodeReader; readCount: () => number } {
  let readCount = 0;
  return {
    readCount: () => readCount,
    readNode(level, index) {
      readCount++;
      const from = Number(index) * 2 ** level;
      const to = from + 2 ** level;
      if (to > storedSize) {
        return Promise.reject(new Error(`no node ${level}/${index} at size ${storedSize}`));
      }
      return Promise.resolve(reference.range(from, to));
    },
  };
}

Deno.test("rootFromNodes() equals the in-memory root at every size to 300", async () => {
  for (let size = 0; size <= 300; size++) {
    // Only nodes complete at this very size can be read, so none past it is asked for.
    const root = await rootFromNodes(BigInt(size), nodesOf(size).readNode);
    assert.deepEqual(root, createMerkleTree(reference.leaves.slice(0, size)).root(), `size ${size}`);
  }
});

Deno.test("inclusionPathFromNodes() equals the in-memory path", async () => {
  for (
    const size of [...Array.from({ length: 40 }, (_, i) => i + 1), 100, 127, 128, 129, 255, 256, 257, 300]
  ) {
    const tree = createMerkleTree(reference.leaves.slice(0, size));
    for (let index = 0; index < size; index++) {
      const path = await inclusionPathFromNodes(BigInt(index), BigInt(size), nodesOf(size).readNode);
      assert.deepEqual(path, tree.inclusionPath(BigInt(index)), `${index} of ${size}`);
    }
  }
});

Deno.test("consistencyPathFromNodes() equals the in-memory path for all pairs to 70", async () => {
  for (let newSize = 1; newSize <= 70; newSize++) {
    const tree = createMerkleTree(reference.leaves.slice(0, newSize));
    for (let oldSize = 1; oldSize <= newSize; oldSize++) {
      const { readNode } = nodesOf(newSize);
      const path = await consistencyPathFromNodes(BigInt(oldSize), BigInt(newSize), readNode);
      assert.deepEqual(path, tree.consistencyPath(BigInt(oldSize)), `${oldSize} to ${newSize}`);
    }
  }
});

Deno.test("the stored-tree functions read few nodes, at any size below 2^64", async () => {
  const size = (1n << 64n) - 1n;
  let readCount = 0;
  const readNode: NodeReader = (level, index) => {
    readCount++;
    assert.ok((index + 1n) << BigInt(level) <= size);
    return Promise.resolve(new Uint8Array(32).fill(level));
  };
  await rootFromNodes(size, readNode);
  assert.equal(readCount, 64);
  readCount = 0;
  assert.equal((await inclusionPathFromNodes(0n, size, readNode)).length, 64);
  // 63 whole subtrees, and one ragged half of 63 parts.
  assert.equal(readCount, 126);
  assert.equal((await consistencyPathFromNodes((1n << 63n) + 1n, size, readNode)).length, 65);
});

Deno.test("the stored-tree functions throw a UsageError for sizes and indices that no tree has", async () => {
  const { readNode, readCount } = nodesOf(300);
  for (const size of [-1n, 1n << 64n, 3 as unknown as bigint, null as unknown as bigint]) {
    await assert.rejects(() => rootFromNodes(size, readNode), UsageError);
    await assert.rejects(() => inclusionPathFromNodes(0n, size, readNode), UsageError);
    await assert.rejects(() => consistencyPathFromNodes(1n, size, readNode), UsageError);
    await assert.rejects(() => consistencyPathFromNodes(size, 10n, readNode), UsageError);
  }
  await assert.rejects(() => inclusionPathFromNodes(10n, 10n, readNode), UsageError);
  await assert.rejects(() => inclusionPathFromNodes(0n, 0n, readNode), UsageError);
  await assert.rejects(() => consistencyPathFromNodes(0n, 10n, readNode), UsageError);
  await assert.rejects(() => consistencyPathFromNodes(11n, 10n, readNode), UsageError);
  assert.equal(readCount(), 0);
});

Deno.test("the stored-tree functions pass on what the reader throws, and refuse what is no hash", async () => {
  await assert.rejects(() => rootFromNodes(300n, nodesOf(299).readNode), /no node 2\/74 at size 299/);
  await assert.rejects(
    () => rootFromNodes(3n, (level) => Promise.resolve(new Uint8Array(level === 0 ? 31 : 32))),
    (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot compute the tree as a stored hash is not 32 bytes");
      assert.deepEqual(error.facts, ["level: 0", "index: 2"]);
      return true;
    },
  );
});
