import assert from "node:assert/strict";
import { keccak256, toHex, toRlp } from "viem/utils";
import { encodeBlockHeader } from "../../../lib/chain/block_header.ts";
import { encodeReceipt } from "../../../lib/chain/block_receipts.ts";
import { buildReceiptsTrie } from "../../../lib/chain/receipts_trie.ts";
import arbitrum from "../../vectors/arbitrum_block.json" with { type: "json" };
import opStack from "../../vectors/op_stack_block.json" with { type: "json" };

const NO_BLOOM = `0x${"00".repeat(256)}`;
const EMPTY_ROOT = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/** Block 1 of the main network, of 2015. */
const FIRST = {
  parentHash: "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
  sha3Uncles: "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
  miner: "0x05a56e2d52c817161883f50c441c3228cfe54d9f",
  stateRoot: "0xd67e4d450343046425ae4271474353857ab860dbc0a1dde64b41b5cd3a532bf3",
  transactionsRoot: EMPTY_ROOT,
  receiptsRoot: EMPTY_ROOT,
  logsBloom: NO_BLOOM,
  difficulty: "0x3ff800000",
  number: "0x1",
  gasLimit: "0x1388",
  gasUsed: "0x0",
  timestamp: "0x55ba4224",
  extraData: "0x476574682f76312e302e302f6c696e75782f676f312e342e32",
  mixHash: "0x969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59",
  nonce: "0x539bd4979fef1ec4",
};
const FIRST_HASH = "0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6";

/** What each fork since added, in their order. */
const LATER = {
  baseFeePerGas: "0x7",
  withdrawalsRoot: EMPTY_ROOT,
  blobGasUsed: "0x0",
  excessBlobGas: "0x20000",
  parentBeaconBlockRoot: `0x${"2c".repeat(32)}`,
  requestsHash: `0x${"e3".repeat(32)}`,
};

/** RLP by another library than ours. */
function rlpOf(fields: Readonly<Record<string, string>>): `0x${string}` {
  const quantities = [
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "baseFeePerGas",
    "blobGasUsed",
    "excessBlobGas",
  ];
  return toRlp(
    Object.entries(fields).map(([name, value]) =>
      !quantities.includes(name) ? value as `0x${string}` : BigInt(value) === 0n ? "0x" : toHex(BigInt(value))
    ),
  );
}

Deno.test("encodeBlockHeader() gives the bytes that hash to a block of 2015", () => {
  const encoded = encodeBlockHeader(FIRST, FIRST_HASH);
  assert.equal(keccak256(encoded!.header), FIRST_HASH);
  assert.equal(encoded!.receiptsRoot, EMPTY_ROOT);
});

Deno.test("encodeBlockHeader() knows a header of Arbitrum among the fields that only its nodes show", () => {
  const { block } = arbitrum;
  assert.equal(keccak256(encodeBlockHeader(block, block.hash)!.header), block.hash);
});

Deno.test("encodeBlockHeader() knows the header of every fork, also where a node shows fields of a later one", () => {
  const names = Object.keys(LATER);
  for (let count = 0; count <= names.length; count++) {
    const fields = { ...FIRST, ...Object.fromEntries(Object.entries(LATER).slice(0, count)) };
    const header = rlpOf(fields);
    const hash = keccak256(header);
    const more = { ...fields, ...LATER };
    const odd = { ...fields, requestsHash: null, sendRoot: EMPTY_ROOT };
    for (const shown of count === names.length ? [fields] : [fields, more, odd]) {
      assert.equal(toHex(encodeBlockHeader(shown, hash)!.header), header, `${count} later fields`);
    }
  }
});

Deno.test("encodeBlockHeader() answers undefined where the fields do not hash to the block", () => {
  for (const name of Object.keys(FIRST)) {
    const value = (FIRST as Record<string, string>)[name]!;
    const other = `${value.slice(0, -1)}${value.endsWith("5") ? "6" : "5"}`;
    assert.equal(encodeBlockHeader({ ...FIRST, [name]: other }, FIRST_HASH), undefined, name);
    assert.equal(encodeBlockHeader({ ...FIRST, [name]: undefined }, FIRST_HASH), undefined, name);
  }
  assert.equal(encodeBlockHeader(FIRST, EMPTY_ROOT), undefined);
});

Deno.test("encodeBlockHeader() refuses a malformed field", () => {
  for (const wrong of [{ parentHash: "0x12" }, { number: "1" }, { extraData: "0x1" }, { nonce: 7 }]) {
    assert.throws(() => encodeBlockHeader({ ...FIRST, ...wrong }, FIRST_HASH), { name: "UnreachableError" });
  }
});

Deno.test("encodeReceipt() gives a deposit of the OP stack the form that its block committed to", async () => {
  const block = { ...opStack.block, logsBloom: NO_BLOOM };
  const receipt = { ...opStack.receipt, logsBloom: NO_BLOOM };
  assert.equal(keccak256(encodeBlockHeader(block, block.hash)!.header), block.hash);
  const rootOf = async (...receipts: unknown[]) =>
    toHex((await buildReceiptsTrie(receipts.map((one) => encodeReceipt(one).bytes))).root);
  assert.equal(await rootOf(receipt), block.receiptsRoot);
  assert.notEqual(await rootOf({ ...receipt, depositReceiptVersion: undefined }), block.receiptsRoot);
  assert.notEqual(await rootOf({ ...receipt, depositNonce: "0x112" }), block.receiptsRoot);
  // Before Canyon neither was committed to.
  const early = { ...receipt, depositReceiptVersion: undefined };
  assert.deepEqual(encodeReceipt(early).bytes, encodeReceipt({ ...early, depositNonce: undefined }).bytes);
});

Deno.test("encodeReceipt() gives every kind of receipt its bytes", () => {
  const log = { address: `0x${"aa".repeat(20)}`, topics: [`0x${"bb".repeat(32)}`], data: "0x01" };
  const receipt = {
    status: "0x1",
    cumulativeGasUsed: "0x5208",
    logsBloom: NO_BLOOM,
    logs: [log],
    transactionHash: EMPTY_ROOT,
    transactionIndex: "0x3",
    blockHash: FIRST_HASH,
    from: log.address,
    to: log.address,
    gasUsed: "0x5208",
  };
  const rlp = (outcome: string) =>
    toRlp(
      [outcome, "0x5208", NO_BLOOM, [[log.address, log.topics, log.data]]] as Parameters<typeof toRlp>[0],
    );
  const bytesOf = (more: object) => toHex(encodeReceipt({ ...receipt, ...more }).bytes);
  assert.equal(bytesOf({}), rlp("0x01"));
  assert.equal(bytesOf({ type: "0x0", status: "0x0" }), rlp("0x"));
  // Before Byzantium: the state root in place of the status.
  assert.equal(bytesOf({ status: undefined, root: EMPTY_ROOT }), rlp(EMPTY_ROOT));
  for (const type of ["01", "02", "03", "04", "64", "65", "66", "68", "69", "6a", "7e", "7f"]) {
    assert.equal(bytesOf({ type: `0x${type}` }), `0x${type}${rlp("0x01").slice(2)}`);
  }
  const { index, transactionHash, blockHash } = encodeReceipt(receipt);
  assert.deepEqual([index, transactionHash, blockHash], [3, EMPTY_ROOT, FIRST_HASH]);
  for (const wrong of [{ status: undefined }, { logs: "0x" }, { logsBloom: "0x" }, { blockHash: null }]) {
    assert.throws(() => encodeReceipt({ ...receipt, ...wrong }), { name: "UnreachableError" });
  }
});
