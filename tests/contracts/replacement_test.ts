import assert from "node:assert/strict";
import { keccak256 } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import type { Devnet } from "../../lib/chain/devnet.ts";
import { type ContractOnDevnet, deployOnDevnet } from "./contract_on_devnet.ts";
import {
  contractTest,
  HASH,
  headAfter,
  refuses,
  ROOT_1,
  ROOT_2,
  ZERO_32,
  ZERO_ADDRESS,
} from "./with_contract.ts";

type Hex = `0x${string}`;

const firstRelease = JSON.parse(
  await Deno.readTextFile(new URL("../vectors/first_release.json", import.meta.url)),
);

function deployFirstRelease(devnet: Devnet, owner: Hex): Promise<ContractOnDevnet> {
  const creation: Hex = `${firstRelease.bytecode as Hex}${owner.slice(2).padStart(64, "0")}`;
  return deployOnDevnet(devnet, owner, { creation });
}

/** A contract with that code. */
function deployCode(devnet: Devnet, code: string): Promise<ContractOnDevnet> {
  const length = (code.length / 2).toString(16).padStart(4, "0");
  return deployOnDevnet(devnet, ZERO_ADDRESS, { creation: `0x61${length}80600a5f395ff3${code}` });
}

/** Answers every call with one word. */
const answering = (word: string) => `7f${word.replace(/^0x/, "").padStart(64, "0")}5f5260205ff3`;

contractTest(
  "retire() stops writes for good, once, and reads go on",
  async ({ contract, devnet, owner, alice }) => {
    await contract.send(alice, "storeHash", [HASH, "kept"]);
    await contract.send(alice, "anchor", [ROOT_1, 3n]);
    const head = await contract.read("anchorHead", [alice]);
    assert.equal(await contract.read("successor"), ZERO_ADDRESS);
    const next = await deployOnDevnet(devnet, owner, { predecessor: contract.address });
    const { events, timestamp } = await contract.send(owner, "retire", [next.address]);
    const successor = await contract.read("successor");
    assert.equal(successor.toLowerCase(), next.address.toLowerCase());
    assert.deepEqual(events, [
      { name: "ContractPaused", args: { owner, timestamp } },
      { name: "ContractRetired", args: { owner, successor, timestamp } },
    ]);
    assert.equal(await contract.read("paused"), true);
    await refuses(contract.send(alice, "storeHash", [HASH, ""]), "WritesPaused()");
    await refuses(contract.send(alice, "anchor", [ROOT_2, 4n]), "WritesPaused()");
    const isRetired = `AlreadyRetired(${successor})`;
    await refuses(contract.send(owner, "unpauseContract"), isRetired);
    await refuses(contract.send(owner, "retire", [next.address]), isRetired);
    assert.equal((await contract.read("getHash", [1n]))[1], "kept");
    assert.equal(await contract.read("verifyHash", [HASH, 1n]), true);
    assert.equal(await contract.read("anchorHead", [alice]), head);
    await contract.send(owner, "transferOwnership", [alice]);
    await contract.send(alice, "acceptOwnership");
    await refuses(contract.send(alice, "unpauseContract"), isRetired);
  },
);

contractTest(
  "retire() of a paused contract pauses it no second time",
  async ({ contract, devnet, owner }) => {
    await contract.send(owner, "pauseContract");
    const next = await deployOnDevnet(devnet, owner, { predecessor: contract.address });
    const { events } = await contract.send(owner, "retire", [next.address]);
    assert.deepEqual(events.map(({ name }) => name), ["ContractRetired"]);
  },
);

contractTest(
  "retire() takes only a contract that names this one as its predecessor",
  async ({ contract, devnet, owner, alice }) => {
    const other = await deployOnDevnet(devnet, owner);
    const foreign = [
      ZERO_ADDRESS,
      alice,
      contract.address,
      other.address,
      (await deployOnDevnet(devnet, owner, { predecessor: other.address })).address,
      // The right word with more behind it; the right word by REVERT; the right word cut short; none.
      (await deployCode(devnet, `73${contract.address.slice(2)}5f5260405ff3`)).address,
      (await deployCode(devnet, `73${contract.address.slice(2)}5f5260205ffd`)).address,
      (await deployCode(devnet, `73${contract.address.slice(2)}5f52601f5ff3`)).address,
      (await deployCode(devnet, "00")).address,
    ];
    for (const address of foreign) {
      await assert.rejects(contract.send(owner, "retire", [address]), (error: Error) => {
        assert.equal(error.message.toLowerCase(), `invalidsuccessor(${address.toLowerCase()})`);
        return true;
      });
    }
    assert.equal(await contract.read("paused"), false);
    assert.equal(await contract.read("successor"), ZERO_ADDRESS);
  },
);

contractTest("retire() lets nobody in while it asks the successor", async ({ contract, devnet, owner }) => {
  // Calls anchor(0x11…, 1) of its caller and names it as its predecessor whatever came of it.
  const anchorCall = `db2c4aca${"11".repeat(32)}${"1".padStart(64, "0")}`;
  const hostile = await deployCode(
    devnet,
    `604460195f395f5f60445f5f335af1335f5260205ff3${"00".repeat(3)}${anchorCall}`,
  );
  await devnet.request("anvil_setBalance", [hostile.address, "0xde0b6b3a7640000"]);
  await devnet.request("anvil_impersonateAccount", [hostile.address]);
  await contract.send(hostile.address, "anchor", [ROOT_1, 1n], { data: `0x${anchorCall}` });
  const before = await contract.read("anchorHead", [hostile.address]);
  assert.notEqual(before, ZERO_32, "the call works from outside");

  const fresh = await deployOnDevnet(devnet, owner);
  await fresh.send(owner, "retire", [hostile.address], { gas: "0x4c4b40" });
  assert.equal(await fresh.read("anchorHead", [hostile.address]), ZERO_32);
});

contractTest(
  "anchor() continues from the head in the predecessor, and its size",
  async ({ contract, devnet, owner, alice, bob }) => {
    const { blockNumber: firstBlock } = await contract.send(alice, "anchor", [ROOT_1, 3n]);
    const { blockNumber: lastBlock } = await contract.send(alice, "anchor", [ROOT_1, 5n]);
    const last: Hex = await contract.read("anchorHead", [alice]);
    const next = await deployOnDevnet(devnet, owner, { predecessor: contract.address });
    assert.equal((await next.read("predecessor")).toLowerCase(), contract.address.toLowerCase());
    await contract.send(owner, "retire", [next.address]);

    assert.equal(await next.read("anchorHead", [alice]), last);
    assert.equal(await next.read("anchorHead", [bob]), ZERO_32);
    for (const size of [1n, 5n]) {
      await refuses(next.send(alice, "anchor", [ROOT_2, size]), `SizeNotGrowing(${size},5)`);
    }
    const { events, blockNumber } = await next.send(alice, "anchor", [ROOT_2, 6n]);
    assert.deepEqual(events, [{
      name: "Anchored",
      args: { submitter: alice, size: 6n, root: ROOT_2, previous: last },
    }]);
    assert.equal(await next.read("anchorHead", [alice]), headAfter(last, ROOT_2, 6n, blockNumber));
    const later = await next.send(alice, "anchor", [ROOT_1, 7n]);
    assert.ok(later.gasUsed <= 29_700n, `later anchor: ${later.gasUsed}`);

    const started = await next.send(bob, "anchor", [ROOT_2, 1n]);
    assert.equal((started.events[0]!.args as { previous: Hex }).previous, ZERO_32);

    // One chain across both contracts, as far as its preimages reach.
    const before: Hex = headAfter(ZERO_32, ROOT_1, 3n, firstBlock);
    const heads = [
      { root: ROOT_1, size: 5n, blockNumber: lastBlock },
      { root: ROOT_2, size: 6n, blockNumber },
      { root: ROOT_1, size: 7n, blockNumber: later.blockNumber },
    ];
    assert.equal(await next.read("verifyHead", [alice, before, heads]), true);
    assert.equal(await next.read("verifyHead", [alice, last, heads.slice(1)]), true);
    assert.equal(await contract.read("verifyHead", [alice, before, heads.slice(0, 1)]), true);
  },
);

contractTest(
  "anchor() continues over several generations, the first release among them",
  async ({ devnet, owner, alice }) => {
    const first = await deployFirstRelease(devnet, owner);
    await first.send(alice, "anchor", [ROOT_1, 4n]);
    const head: Hex = await first.read("anchorHead", [alice]);
    await first.send(owner, "pauseContract");
    const second = await deployOnDevnet(devnet, owner, { predecessor: first.address });
    const third = await deployOnDevnet(devnet, owner, { predecessor: second.address });
    await second.send(owner, "retire", [third.address]);

    assert.equal(await third.read("anchorHead", [alice]), head);
    await refuses(third.send(alice, "anchor", [ROOT_2, 4n]), "SizeNotGrowing(4,4)");
    const { events, gasUsed } = await third.send(alice, "anchor", [ROOT_2, 5n]);
    assert.equal((events[0]!.args as { previous: Hex }).previous, head);
    assert.ok(gasUsed <= 100_000n, `${gasUsed} gas over three generations`);
  },
);

contractTest(
  "constructor refuses a predecessor without code; foreign code is never asked",
  async ({ devnet, owner, alice }) => {
    const emptyCode = keccak256("0x");
    for (const [address, hash] of [[alice, emptyCode], [`0x${"ab".repeat(20)}`, ZERO_32]] as const) {
      await assert.rejects(deployOnDevnet(devnet, owner, { predecessor: address }), (error: Error) => {
        assert.equal(error.message.toLowerCase(), `unknownpredecessor(${address.toLowerCase()},${hash})`);
        return true;
      });
    }
    // It would refuse everybody, by the largest head there is.
    const code = answering("f".repeat(64));
    const hostile = await deployCode(devnet, code);
    const contract = await deployOnDevnet(devnet, owner, { predecessor: hostile.address });
    const calls = [
      () => contract.send(alice, "anchor", [ROOT_1, 1n]),
      () => contract.read("anchorHead", [alice]),
    ];
    for (const call of calls) {
      await assert.rejects(call(), (error: Error) => {
        const expected = `unknownpredecessor(${hostile.address},${keccak256(`0x${code}`)})`;
        assert.equal(error.message.toLowerCase(), expected.toLowerCase());
        return true;
      });
    }
    await contract.send(alice, "storeHash", [HASH, "records need no predecessor"]);
  },
);

contractTest("every deployment has the same code", async ({ contract, devnet, owner, alice }) => {
  const next = await deployOnDevnet(devnet, alice, { predecessor: contract.address });
  await next.send(owner, "storeHash", [HASH, ""]);
  for (const { address } of [contract, next]) {
    const code = await devnet.request("eth_getCode", [address, "latest"]) as Hex;
    assert.equal(keccak256(code), proofOfTrainingCodeHash);
  }
});
