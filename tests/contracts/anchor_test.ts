import assert from "node:assert/strict";
import { contractTest, headAfter, refuses, ROOT_1, ROOT_2, strangers, ZERO_32 } from "./with_contract.ts";

/** Submitters whose heads are marked: `LANES` in the contract. */
const LANES = 100;

contractTest("anchor() chains heads and its event carries the head before", async ({ contract, alice }) => {
  assert.equal(await contract.read("anchorHead", [alice]), ZERO_32);
  let previous = ZERO_32;
  for (const [root, size] of [[ROOT_1, 1n], [ROOT_2, 2n], [ROOT_1, 2n ** 63n - 1n]] as const) {
    const { events, blockNumber } = await contract.send(alice, "anchor", [root, size]);
    assert.deepEqual(events, [{ name: "Anchored", args: { submitter: alice, size, root, previous } }]);
    previous = headAfter(previous, root, size, blockNumber);
    assert.equal(await contract.read("anchorHead", [alice]), previous);
  }
});

contractTest("anchor() refuses a size that does not grow, and an empty root", async ({ contract, alice }) => {
  await refuses(contract.send(alice, "anchor", [ROOT_1, 0n]), "SizeNotGrowing(0,0)");
  await refuses(contract.send(alice, "anchor", [ZERO_32, 1n]), `InvalidRoot(${ZERO_32})`);
  for (const size of [2n ** 63n, 2n ** 64n - 1n]) {
    await refuses(contract.send(alice, "anchor", [ROOT_1, size]), `SizeTooLarge(${size})`);
  }
  await contract.send(alice, "anchor", [ROOT_1, 7n]);
  const head = await contract.read("anchorHead", [alice]);
  for (const size of [0n, 6n, 7n]) {
    await refuses(contract.send(alice, "anchor", [ROOT_2, size]), `SizeNotGrowing(${size},7)`);
  }
  await refuses(contract.send(alice, "anchor", [ROOT_2, 2n ** 63n]), `SizeTooLarge(${2n ** 63n})`);
  assert.equal(await contract.read("anchorHead", [alice]), head);
});

contractTest(
  "anchor() of others does not touch a submitter's head",
  async ({ contract, owner, alice, bob }) => {
    await contract.send(alice, "anchor", [ROOT_1, 5n]);
    const head = await contract.read("anchorHead", [alice]);
    await contract.send(bob, "anchor", [ROOT_2, 2n ** 63n - 1n]);
    await contract.send(owner, "anchor", [ROOT_2, 1n]);
    await contract.send(bob, "storeHash", ["0".repeat(64), ""]);
    assert.equal(await contract.read("anchorHead", [alice]), head);
    await contract.send(alice, "anchor", [ROOT_2, 6n]);
  },
);

contractTest(
  "anchor() works the same for submitters past the last lane, and pausing stops all of them",
  async ({ contract, owner, request }) => {
    const all = await strangers(request, LANES + 2);
    for (const submitter of all) await contract.send(submitter, "anchor", [ROOT_1, 1n]);
    const heads = await Promise.all(all.map((submitter) => contract.read("anchorHead", [submitter])));

    const { gasUsed } = await contract.send(owner, "pauseContract");
    assert.ok(gasUsed <= 800_000n, `pausing: ${gasUsed} gas`);
    for (const [i, submitter] of all.entries()) {
      await refuses(contract.send(submitter, "anchor", [ROOT_2, 2n]), "WritesPaused()");
      assert.equal(await contract.read("anchorHead", [submitter]), heads[i], "pausing shows in a head");
    }
    await contract.send(owner, "unpauseContract");
    for (const [i, submitter] of all.entries()) {
      const { gasUsed, events, blockNumber } = await contract.send(submitter, "anchor", [ROOT_2, 2n]);
      assert.deepEqual((events[0]!.args as { previous: string }).previous, heads[i]);
      assert.equal(
        await contract.read("anchorHead", [submitter]),
        headAfter(heads[i], ROOT_2, 2n, blockNumber),
      );
      const [least, most] = i < LANES ? [29_000n, 29_700n] : [31_000n, 31_900n];
      assert.ok(gasUsed >= least && gasUsed <= most, `submitter ${i}: ${gasUsed} gas`);
    }
  },
);

contractTest("anchor() gives no lane to whom it refuses", async ({ contract, owner, request, alice }) => {
  const all = await strangers(request, LANES + 1);
  await contract.send(owner, "pauseContract");
  for (const submitter of all) {
    await refuses(contract.send(submitter, "anchor", [ROOT_1, 1n]), "WritesPaused()");
  }
  await contract.send(owner, "unpauseContract");
  for (const submitter of all) {
    await refuses(contract.send(submitter, "anchor", [ROOT_1, 0n]), "SizeNotGrowing(0,0)");
  }
  await contract.send(alice, "anchor", [ROOT_1, 1n]);
  const { gasUsed } = await contract.send(alice, "anchor", [ROOT_1, 2n]);
  assert.ok(gasUsed <= 29_700n, `${gasUsed} gas`);
});
