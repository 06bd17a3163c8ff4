import assert from "node:assert/strict";
import { contractTest, HASH, refuses, ROOT_1, ROOT_2, ZERO_32, ZERO_ADDRESS } from "./with_contract.ts";

contractTest(
  "pauseContract() stops writes and no reads, until unpauseContract()",
  async ({ contract, owner, alice, bob }) => {
    await contract.send(alice, "storeHash", [HASH, "before"]);
    const { blockNumber } = await contract.send(alice, "anchor", [ROOT_1, 1n]);
    const paused = await contract.send(owner, "pauseContract");
    assert.deepEqual(paused.events, [{
      name: "ContractPaused",
      args: { owner, timestamp: paused.timestamp },
    }]);
    assert.equal(await contract.read("paused"), true);
    await refuses(contract.send(alice, "storeHash", [HASH, ""]), "WritesPaused()");
    await refuses(contract.send(owner, "storeHash", [HASH, ""]), "WritesPaused()");
    await refuses(contract.send(alice, "anchor", [ROOT_2, 2n]), "WritesPaused()");
    await refuses(contract.send(bob, "anchor", [ROOT_2, 2n]), "WritesPaused()");
    await refuses(contract.send(owner, "pauseContract"), "WritesPaused()");
    assert.equal((await contract.read("getHash", [1n]))[1], "before");
    assert.equal(await contract.read("verifyHash", [HASH, 1n]), true);
    assert.equal(await contract.read("transactionExists", [1n]), true);
    assert.equal(await contract.read("getTransactionCount"), 1n);
    assert.notEqual(await contract.read("anchorHead", [alice]), ZERO_32);
    const heads = [{ root: ROOT_1, size: 1n, blockNumber }];
    assert.equal(await contract.read("verifyHead", [alice, ZERO_32, heads]), true);
    assert.equal(await contract.read("verifyLeaf", [alice, ROOT_1, 0n, [], ZERO_32, heads]), true);
    const unpaused = await contract.send(owner, "unpauseContract");
    assert.deepEqual(unpaused.events, [{
      name: "ContractUnpaused",
      args: { owner, timestamp: unpaused.timestamp },
    }]);
    await refuses(contract.send(owner, "unpauseContract"), "WritesNotPaused()");
    await contract.send(alice, "storeHash", [HASH, ""]);
    await contract.send(alice, "anchor", [ROOT_2, 2n]);
    await contract.send(bob, "anchor", [ROOT_2, 2n]);
  },
);

contractTest("only the owner manages", async ({ contract, alice }) => {
  for (const functionName of ["pauseContract", "unpauseContract"]) {
    await refuses(contract.send(alice, functionName), `NotOwner(${alice})`);
  }
  for (const functionName of ["transferOwnership", "retire"]) {
    await refuses(contract.send(alice, functionName, [alice]), `NotOwner(${alice})`);
  }
  await refuses(contract.send(alice, "acceptOwnership"), `NotPendingOwner(${alice})`);
});

contractTest(
  "transferOwnership() only offers, acceptOwnership() moves all rights at once",
  async ({ contract, owner, alice, bob }) => {
    await refuses(contract.send(owner, "transferOwnership", [ZERO_ADDRESS]), `InvalidOwner(${ZERO_ADDRESS})`);
    assert.equal(await contract.read("pendingOwner"), ZERO_ADDRESS);
    await contract.send(alice, "storeHash", [HASH, ""]);
    await contract.send(owner, "pauseContract");

    const offered = await contract.send(owner, "transferOwnership", [bob]);
    assert.deepEqual(offered.events, [{
      name: "OwnershipTransferStarted",
      args: { previousOwner: owner, newOwner: bob },
    }]);
    assert.deepEqual([await contract.read("owner"), await contract.read("pendingOwner")], [owner, bob]);
    await refuses(contract.send(bob, "unpauseContract"), `NotOwner(${bob})`);
    for (const other of [alice, owner]) {
      await refuses(contract.send(other, "acceptOwnership"), `NotPendingOwner(${other})`);
    }

    const accepted = await contract.send(bob, "acceptOwnership");
    assert.deepEqual(accepted.events, [{
      name: "OwnershipTransferred",
      args: { previousOwner: owner, newOwner: bob },
    }]);
    assert.deepEqual([await contract.read("owner"), await contract.read("pendingOwner")], [
      bob,
      ZERO_ADDRESS,
    ]);
    assert.equal(await contract.read("paused"), true);
    assert.equal(await contract.read("getTransactionCount"), 1n);
    await refuses(contract.send(bob, "acceptOwnership"), `NotPendingOwner(${bob})`);
    await refuses(contract.send(owner, "unpauseContract"), `NotOwner(${owner})`);
    await contract.send(bob, "unpauseContract");
  },
);

contractTest("transferOwnership() again takes the offer back", async ({ contract, owner, alice, bob }) => {
  await contract.send(owner, "transferOwnership", [bob]);
  await contract.send(owner, "transferOwnership", [alice]);
  await refuses(contract.send(bob, "acceptOwnership"), `NotPendingOwner(${bob})`);
  await contract.send(owner, "transferOwnership", [owner]);
  await refuses(contract.send(alice, "acceptOwnership"), `NotPendingOwner(${alice})`);
  await contract.send(owner, "acceptOwnership");
  assert.deepEqual([await contract.read("owner"), await contract.read("pendingOwner")], [
    owner,
    ZERO_ADDRESS,
  ]);
});
