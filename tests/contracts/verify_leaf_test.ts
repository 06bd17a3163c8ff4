import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../lib/core/hex.ts";
import { inclusionPath } from "../../lib/core/merkle/inclusion_path.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../lib/core/merkle/merkle_root.ts";
import { nodeHash } from "../../lib/core/merkle/node_hash.ts";
import type { ContractOnDevnet } from "./contract_on_devnet.ts";
import { contractTest, ROOT_1, ROOT_2, ZERO_32 } from "./with_contract.ts";

type Hex = `0x${string}`;

interface Head {
  readonly root: Hex;
  readonly size: bigint;
  readonly blockNumber: bigint;
}

/** What `verifyLeaf` is asked. */
interface Claim {
  readonly submitter: Hex;
  readonly leafHash: Hex;
  readonly index: bigint;
  readonly path: readonly Hex[];
  readonly previous: Hex;
  readonly heads: readonly Head[];
}

const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;
const leaves = Array.from({ length: 70 }, (_, i) => leafHash(new Uint8Array([i])));
const rootOf = (size: number) => hex(merkleRoot(leaves.slice(0, size)));

function verifyLeaf(contract: ContractOnDevnet, claim: Claim): Promise<boolean> {
  const { submitter, leafHash, index, path, previous, heads } = claim;
  return contract.read("verifyLeaf", [submitter, leafHash, index, path, previous, heads]);
}

/** Anchors the first leaves, and answers with what proves one of them. */
async function anchorLeaves(contract: ContractOnDevnet, submitter: Hex, size: number) {
  const previous: Hex = await contract.read("anchorHead", [submitter]);
  const { blockNumber } = await contract.send(submitter, "anchor", [rootOf(size), BigInt(size)]);
  const heads = [{ root: rootOf(size), size: BigInt(size), blockNumber }];
  return (index: number): Claim => ({
    submitter,
    leafHash: hex(leaves[index]!),
    index: BigInt(index),
    path: inclusionPath(leaves.slice(0, size), BigInt(index)).map(hex),
    previous,
    heads,
  });
}

contractTest("verifyLeaf() accepts every leaf of every small tree", async ({ contract, alice }) => {
  for (let size = 1; size <= 17; size++) {
    const claim = await anchorLeaves(contract, alice, size);
    const answers = Array.from({ length: size }, (_, index) => verifyLeaf(contract, claim(index)));
    assert.deepEqual(await Promise.all(answers), Array(size).fill(true), `size ${size}`);
  }
});

contractTest("verifyLeaf() refuses whatever was changed", async ({ contract, alice, bob }) => {
  await anchorLeaves(contract, bob, 3);
  await anchorLeaves(contract, alice, 3);
  for (const [size, index] of [[4, 2], [7, 6], [13, 12], [21, 5], [64, 63], [70, 69]] as const) {
    const claim = (await anchorLeaves(contract, alice, size))(index);
    assert.equal(await verifyLeaf(contract, claim), true);
    const { path, heads: [head] } = claim;
    const changeHead = (change: Partial<Head>): Partial<Claim> => ({ heads: [{ ...head!, ...change }] });
    const changes: readonly Partial<Claim>[] = [
      { submitter: bob },
      { submitter: contract.address },
      { leafHash: ROOT_1 },
      { leafHash: head!.root },
      { index: claim.index ^ 1n },
      { index: claim.index + 64n },
      { index: BigInt(size) },
      { index: 2n ** 64n - 1n },
      { path: [] },
      { path: path.slice(1) },
      { path: path.slice(0, -1) },
      { path: [...path, ROOT_1] },
      { path: [...path, path.at(-1)!] },
      { path: [ROOT_1, ...path] },
      { path: path.toReversed().map((node, i) => path.length === 1 && i === 0 ? ROOT_1 : node) },
      { path: path.with(0, ROOT_2) },
      { path: path.with(-1, ROOT_2) },
      { previous: ZERO_32 },
      { previous: ROOT_1 },
      changeHead({ root: ROOT_1 }),
      changeHead({ size: head!.size + 1n }),
      changeHead({ size: head!.size - 1n }),
      changeHead({ size: 0n }),
      changeHead({ blockNumber: head!.blockNumber - 1n }),
      changeHead({ blockNumber: 2n ** 256n - 1n }),
      { heads: [] },
      { heads: [head!, head!] },
    ];
    for (const change of changes) {
      const shown = JSON.stringify(change, (_, value) => typeof value === "bigint" ? `${value}` : value);
      assert.equal(await verifyLeaf(contract, { ...claim, ...change }), false, `size ${size}: ${shown}`);
    }
  }
});

contractTest(
  "verifyLeaf() proves an early block through the heads anchored since",
  async ({ contract, alice }) => {
    const first = (await anchorLeaves(contract, alice, 5))(4);
    const second = (await anchorLeaves(contract, alice, 9))(4);
    const third = (await anchorLeaves(contract, alice, 12))(4);
    assert.equal(await verifyLeaf(contract, first), false, "no longer the newest head");
    const [one, two, three] = [first, second, third].map(({ heads }) => heads[0]!);
    assert.equal(await verifyLeaf(contract, { ...first, heads: [one!, two!, three!] }), true);
    assert.equal(await verifyLeaf(contract, { ...second, heads: [two!, three!] }), true);
    assert.equal(await verifyLeaf(contract, third), true);
    for (const heads of [[one!, two!], [one!, three!], [two!, one!, three!], [one!, two!, two!]]) {
      assert.equal(await verifyLeaf(contract, { ...first, heads }), false);
    }
    // The path is of the oldest head that is given.
    assert.equal(
      await verifyLeaf(contract, { ...second, previous: ZERO_32, heads: [one!, two!, three!] }),
      false,
    );
    const { previous, submitter } = first;
    assert.equal(await contract.read("verifyHead", [submitter, previous, [one, two, three]]), true);
    assert.equal(await contract.read("verifyHead", [submitter, previous, [one, two]]), false);
    assert.equal(await contract.read("verifyHead", [submitter, previous, []]), false);
    const newest = await contract.read("anchorHead", [submitter]);
    assert.equal(await contract.read("verifyHead", [submitter, newest, []]), false);
    assert.equal(await contract.read("verifyHead", [contract.address, ZERO_32, []]), false);
  },
);

contractTest(
  "verifyLeaf() refuses a path that leads to the root but does not fit the size",
  async ({ contract, alice, bob, owner }) => {
    const anchored = async (submitter: Hex, root: Uint8Array, size: bigint, path: readonly Uint8Array[]) => {
      const { blockNumber } = await contract.send(submitter, "anchor", [hex(root), size]);
      return {
        submitter,
        leafHash: hex(leaves[1]!),
        index: 1n,
        path: path.map(hex),
        previous: ZERO_32,
        heads: [{ root: hex(root), size, blockNumber }],
      };
    };
    const four = leaves.slice(0, 4);
    const path = inclusionPath(four, 1n);
    // Too long: a tree of four under one more node, said to have four leaves.
    const longer = nodeHash(leaves[9]!, merkleRoot(four));
    assert.equal(await verifyLeaf(contract, await anchored(alice, longer, 4n, [...path, leaves[9]!])), false);
    // Too short: a tree of four, said to have eight leaves.
    assert.equal(await verifyLeaf(contract, await anchored(bob, merkleRoot(four), 8n, path)), false);
    assert.equal(await verifyLeaf(contract, await anchored(owner, merkleRoot(four), 4n, path)), true);
  },
);

contractTest("verifyLeaf() agrees with our own paths for any tree", async ({ contract, alice }) => {
  const sizes = fc.sample(fc.integer({ min: 18, max: 70 }), { numRuns: 12, seed: 11 });
  for (const size of [...new Set(sizes)].sort((a, b) => a - b)) {
    const claim = await anchorLeaves(contract, alice, size);
    for (const index of fc.sample(fc.nat(size - 1), { numRuns: 6, seed: size })) {
      assert.equal(await verifyLeaf(contract, claim(index)), true, `leaf ${index} of ${size}`);
      const other = (index + 1) % size;
      assert.equal(await verifyLeaf(contract, { ...claim(index), index: BigInt(other) }), false);
    }
  }
});
