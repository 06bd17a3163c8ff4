import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFunctionData, keccak256, stringToHex } from "viem/utils";
import { proofOfTrainingAbi as abi } from "../../contracts/artifact.ts";
import { deployOnDevnet } from "./contract_on_devnet.ts";
import { contractTest, HASH, refuses, ROOT_1, ZERO_32, ZERO_ADDRESS } from "./with_contract.ts";

const OTHER_HASH = "00000000000000000000000000000000000000000000000000000000000000ff";

contractTest(
  "constructor makes its argument the owner, not the sender",
  async ({ contract, owner, devnet }) => {
    assert.equal(await contract.read("owner"), owner);
    assert.equal(await contract.read("paused"), false);
    assert.equal(await contract.read("getTransactionCount"), 0n);
    await refuses(deployOnDevnet(devnet, ZERO_ADDRESS), `InvalidOwner(${ZERO_ADDRESS})`);
  },
);

contractTest(
  "storeHash() numbers records from 1 and getHash() gives all five values back",
  async ({ contract, alice, bob }) => {
    const metadatas = ["", '{"run":"r1","step":10}', "né ☃ 𝄞", "x".repeat(2048)];
    for (const [i, metadata] of metadatas.entries()) {
      const submitter = i % 2 === 0 ? alice : bob;
      const hash = i === 0 ? OTHER_HASH : HASH;
      const { events, blockNumber, timestamp } = await contract.send(submitter, "storeHash", [
        hash,
        metadata,
      ]);
      const transactionId = BigInt(i + 1);
      assert.deepEqual(events, [{
        name: "HashStored",
        args: { transactionId, hashValue: keccak256(stringToHex(hash)), submitter, timestamp, blockNumber },
      }]);
      assert.deepEqual(await contract.read("getHash", [transactionId]), [
        hash,
        metadata,
        timestamp,
        blockNumber,
        submitter,
      ]);
      assert.equal(await contract.read("getTransactionCount"), transactionId);
      assert.equal(await contract.read("transactionExists", [transactionId]), true);
      assert.equal(await contract.read("transactionExists", [transactionId + 1n]), false);
    }
  },
);

contractTest(
  "storeHash() keeps records apart where an id needs another byte",
  async ({ contract, alice, request }) => {
    // A record's place follows from its id and the contract's nonce: both are moved together.
    for (const before of [126, 254, 65_534, 16_777_214]) {
      await request("anvil_setNonce", [contract.address, `0x${(before + 1).toString(16)}`]);
      const slot = BigInt(await request("eth_getStorageAt", [contract.address, "0x0", "latest"]) as string);
      const next = (slot & ~(0xffffffffn << 160n)) | BigInt(before) << 160n;
      await request("anvil_setStorageAt", [
        contract.address,
        ZERO_32,
        `0x${next.toString(16).padStart(64, "0")}`,
      ]);
      assert.equal(await contract.read("getTransactionCount"), BigInt(before));
      for (let id = before + 1; id <= before + 3; id++) {
        await contract.send(alice, "storeHash", [id.toString(16).padStart(64, "0"), `record ${id}`]);
      }
      for (let id = before + 1; id <= before + 3; id++) {
        const [hash, metadata] = await contract.read("getHash", [BigInt(id)]);
        assert.equal(hash, id.toString(16).padStart(64, "0"));
        assert.equal(metadata, `record ${id}`);
      }
    }
  },
);

contractTest(
  "storeHash() takes 64 lowercase hex characters and nothing else",
  async ({ contract, alice, request }) => {
    const wrong = [
      "",
      HASH.slice(1),
      `${HASH}0`,
      `0x${HASH}`,
      `0x${HASH.slice(2)}`,
      HASH.toUpperCase(),
      " ".repeat(64),
      "\0".repeat(64),
      "é".repeat(32),
    ];
    for (const hash of wrong) await refuses(contract.read("storeHash", [hash, ""]), `InvalidHash(${hash})`);
    const isHex = (code: number) => (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
    const position = fc.integer({ min: 0, max: 63 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 127 }), async (at, code) => {
        const hash = HASH.slice(0, at) + String.fromCharCode(code) + HASH.slice(at + 1);
        if (isHex(code)) assert.equal(await contract.read("storeHash", [hash, ""]), 1n);
        else await refuses(contract.read("storeHash", [hash, ""]), `InvalidHash(${hash})`);
      }),
      { numRuns: 150 },
    );
    await refuses(
      contract.send(alice, "storeHash", [HASH.toUpperCase(), ""]),
      `InvalidHash(${HASH.toUpperCase()})`,
    );
    assert.equal(await contract.read("getTransactionCount"), 0n);
    // All characters around the two accepted ranges, at both ends of both halves.
    for (const at of [0, 31, 32, 63]) {
      for (
        const code of [
          0x2f,
          0x30,
          0x39,
          0x3a,
          0x3f,
          0x40,
          0x41,
          0x46,
          0x60,
          0x61,
          0x66,
          0x67,
          0x6f,
          0x70,
          0x7f,
        ]
      ) {
        const hash = HASH.slice(0, at) + String.fromCharCode(code) + HASH.slice(at + 1);
        if (isHex(code)) assert.equal(await contract.read("storeHash", [hash, ""]), 1n);
        else await refuses(contract.read("storeHash", [hash, ""]), `InvalidHash(${hash})`);
      }
    }
    // Bytes past ASCII, which no string of JavaScript encodes alone.
    const good = encodeFunctionData({ abi, functionName: "storeHash", args: [HASH, ""] });
    await request("eth_call", [{ to: contract.address, data: good }, "latest"]);
    for (const byte of ["80", "b9", "c1", "e1", "f0", "ff"]) {
      const data = good.replace(stringToHex(HASH).slice(2, 4), byte);
      assert.notEqual(data, good);
      await assert.rejects(request("eth_call", [{ to: contract.address, data }, "latest"]));
    }
  },
);

contractTest("storeHash() keeps any hash exactly", async ({ contract, alice }) => {
  const hashes = fc.sample(fc.uint8Array({ minLength: 32, maxLength: 32 }), { numRuns: 20, seed: 7 }).map((
    b,
  ) => b.toHex());
  for (const [i, hash] of hashes.entries()) {
    await contract.send(alice, "storeHash", [hash, ""]);
    assert.equal((await contract.read("getHash", [BigInt(i + 1)]))[0], hash);
  }
});

contractTest(
  "storeHash() refuses metadata over 2048 bytes, counted as bytes",
  async ({ contract, alice }) => {
    await refuses(contract.send(alice, "storeHash", [HASH, "x".repeat(2049)]), "MetadataTooLong(2049)");
    await refuses(contract.send(alice, "storeHash", [HASH, "é".repeat(1025)]), "MetadataTooLong(2050)");
    await contract.send(alice, "storeHash", [HASH, "é".repeat(1024)]);
    assert.equal(await contract.read("getTransactionCount"), 1n);
  },
);

contractTest(
  "storeHash() leaves no trace when gas runs out under it",
  async ({ contract, alice, request }) => {
    // Enough for everything but the record's code: the creation fails, and with it the whole call.
    const outcomes = new Set<string>();
    for (let gas = 80_000; gas < 470_000; gas += 20_000) {
      const result = await contract.send(alice, "storeHash", [HASH, "y".repeat(2048)], {
        gas: `0x${gas.toString(16)}`,
      })
        .then(() => "stored", (error) => (error as Error).message);
      outcomes.add(result);
      assert.notEqual(result, "stored");
    }
    assert.ok(outcomes.has("RecordNotWritten(1)"), [...outcomes].join(", "));
    assert.equal(await contract.read("getTransactionCount"), 0n);
    assert.equal(await request("eth_getTransactionCount", [contract.address, "latest"]), "0x1");
    await contract.send(alice, "storeHash", [HASH, "after"]);
    assert.equal((await contract.read("getHash", [1n]))[1], "after");
  },
);

contractTest(
  "getHash() refuses unknown ids; transactionExists() and verifyHash() answer false",
  async ({ contract, alice }) => {
    await contract.send(alice, "storeHash", [HASH, ""]);
    const tooLarge = 2n ** 256n - 1n;
    for (const id of [0n, 2n, 2n ** 32n + 1n, tooLarge]) {
      await refuses(contract.read("getHash", [id]), `UnknownTransaction(${id})`);
      assert.equal(await contract.read("transactionExists", [id]), false);
      assert.equal(await contract.read("verifyHash", [HASH, id]), false);
      // What reading a record that is not there gives.
      assert.equal(await contract.read("verifyHash", ["0".repeat(64), id]), false);
    }
    assert.equal(await contract.read("verifyHash", [HASH, 1n]), true);
    for (const wrong of [OTHER_HASH, HASH.toUpperCase(), `0x${HASH}`, "", HASH.slice(1)]) {
      assert.equal(await contract.read("verifyHash", [wrong, 1n]), false);
    }
  },
);

contractTest("the contract takes no ether", async ({ contract, owner, alice }) => {
  const value = { value: "0x1" };
  await refuses(contract.send(alice, "storeHash", [HASH, ""], value), "no data");
  await refuses(contract.send(alice, "anchor", [ROOT_1, 1n], value), "no data");
  await refuses(contract.send(owner, "pauseContract", [], value), "no data");
  await refuses(contract.send(alice, "storeHash", [HASH, ""], { data: "0x", ...value }), "no data");
  await refuses(contract.send(alice, "storeHash", [HASH, ""], { data: "0x12345678" }), "no data");
});
