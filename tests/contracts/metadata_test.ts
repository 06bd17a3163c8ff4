import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAbiParameters, encodeAbiParameters, encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi as abi } from "../../contracts/artifact.ts";
import { toHex } from "../../lib/core/hex.ts";
import { type Bench, contractTest, HASH } from "./with_contract.ts";

type Hex = `0x${string}`;

const SELECTOR = "0x6f28ee09";

/** storeHash as bytes: a string of JavaScript cannot hold every one that the contract takes. */
function encodeStoreHash(metadata: Uint8Array): Hex {
  const values = encodeAbiParameters([{ type: "string" }, { type: "bytes" }], [HASH, `0x${toHex(metadata)}`]);
  return `${SELECTOR}${values.slice(2)}`;
}

/** Stores it, reads it back, and answers with the gas that the write used. */
async function roundTrip({ contract, request, alice }: Bench, metadata: Uint8Array, data?: Hex) {
  const { gasUsed } = await contract.send(alice, "storeHash", [HASH, ""], {
    data: data ?? encodeStoreHash(metadata),
    gas: "0x200000",
  });
  const id: bigint = await contract.read("getTransactionCount");
  const call = encodeFunctionData({ abi, functionName: "getHash", args: [id] });
  const answer = await request("eth_call", [{ to: contract.address, data: call }, "latest"]) as Hex;
  const types = ["string", "bytes", "uint256", "uint256", "address"].map((type) => ({ type }));
  const [hash, stored] = decodeAbiParameters(types, answer);
  assert.equal(stored, `0x${toHex(metadata)}`, `${metadata.length} bytes`);
  assert.equal(hash, HASH);
  return gasUsed;
}

/** Every character of ASCII, so that every bit that packing moves is set somewhere and clear somewhere. */
const ascii = (length: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 3) * 11 + length) & 0x7f);

const LENGTHS = [
  ...Array.from({ length: 75 }, (_, i) => i),
  ...[
    127,
    128,
    129,
    255,
    256,
    257,
    258,
    263,
    264,
    265,
    287,
    288,
    511,
    512,
    513,
    519,
    520,
    767,
    768,
    1023,
    1024,
  ],
  ...[1500, 1791, 1792, 1793, 2040, 2041, 2046, 2047, 2048],
];

contractTest("storeHash() gives ASCII of every length back, byte for byte", async (bench) => {
  for (const length of LENGTHS) {
    await roundTrip(bench, ascii(length));
    await roundTrip(bench, new Uint8Array(length).fill(0x7f));
  }
});

contractTest("storeHash() gives any bytes back, wherever they stop being ASCII", async (bench) => {
  for (const length of [1, 31, 32, 33, 39, 40, 63, 64, 71, 300, 2047, 2048]) {
    await roundTrip(bench, new Uint8Array(length).fill(0xff));
    for (const at of new Set([0, 6, 7, 8, length >> 3, length >> 1, length - (length >> 3), length - 1])) {
      if (at >= length) continue;
      const metadata = ascii(length);
      metadata[at]! |= 0x80;
      await roundTrip(bench, metadata);
    }
  }
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 300 }).map((text) => new TextEncoder().encode(text)),
    fc.string({ maxLength: 2048 }).map((text) => new TextEncoder().encode(text)),
  );
  await fc.assert(fc.asyncProperty(anything, async (metadata) => void await roundTrip(bench, metadata)), {
    numRuns: 30,
  });
});

contractTest("storeHash() keeps to the metadata's length, whatever follows it in the call", async (bench) => {
  for (const length of [33, 40, 57, 64, 100]) {
    const clean = encodeStoreHash(ascii(length));
    const padding = (32 - length % 32) % 32;
    const dirty = `${clean.slice(0, clean.length - 2 * padding)}${"ff".repeat(padding + 64)}` as Hex;
    await roundTrip(bench, ascii(length), dirty);
  }
});

contractTest("storeHash() packs ASCII from 32 bytes on", async (bench) => {
  await roundTrip(bench, new Uint8Array());
  for (const length of [8, 24, 31]) {
    const letters = new Uint8Array(length).fill(0x41);
    assert.equal(await roundTrip(bench, letters), await roundTrip(bench, letters.with(-1, 0xff)));
  }
  for (const [length, leastSaving] of [[64, 800n], [512, 11_000n], [2048, 45_000n]] as const) {
    const raw = ascii(length);
    raw[length - 1] = 0xff;
    const saving = await roundTrip(bench, raw) - await roundTrip(bench, ascii(length));
    assert.ok(saving >= leastSaving, `${length} bytes: ${saving} gas`);
  }
});
