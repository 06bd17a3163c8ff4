import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { parseHeader } from "../../../lib/verify/parse_header.ts";
import { parseReceipt } from "../../../lib/verify/parse_receipt.ts";
import type { ReceiptProof } from "../../../lib/verify/proof.ts";
import { type ExpectedReceipt, verifyReceiptProof } from "../../../lib/verify/verify_receipt_proof.ts";
import { createProofFixture, hash32, SUBMITTER } from "../../_fakes/proof_fixture.ts";
import {
  encodeHeaderDraft,
  encodeReceiptDraft,
  otherLog,
  type ReceiptDraft,
  withReceiptProof,
} from "../../_fakes/receipt_fixture.ts";

const fixture = await createProofFixture();
const confirmed = await fixture.evm("confirmed");
const good = await withReceiptProof(confirmed, { count: 200 });

Deno.test("verifyReceiptProof() says yes in blocks of every size and to receipts of every type", async () => {
  for (const count of [4, 5, 16, 17, 127, 128, 129, 200]) {
    for (const type of [0, 1, 2, 3, 4]) {
      const anchor = await withReceiptProof(confirmed, { count, type });
      assert.deepEqual(verifyReceiptProof(anchor.inclusion.receiptProof, anchor), { ok: true });
      assert.equal(parseReceipt(anchor.inclusion.receiptProof.receipt).type, type);
    }
  }
  for (const transactionIndex of [0, 1, 126, 127, 128, 129, 199]) {
    const inclusion = { ...confirmed.inclusion!, transactionIndex };
    const anchor = await withReceiptProof({ ...confirmed, inclusion }, { count: 200 });
    assert.deepEqual(verifyReceiptProof(anchor.inclusion.receiptProof, anchor), { ok: true });
  }
});

const inBlock = async (change: (draft: ReceiptDraft) => ReceiptDraft) =>
  (await withReceiptProof(confirmed, { change })).inclusion;
const event = (change: (log: NonNullable<ReceiptDraft["logs"]>[number]) => object) =>
  inBlock((draft) => ({
    ...draft,
    logs: draft.logs!.map((log, i) => i === 1 ? { ...log, ...change(log) } : log),
  }));

/** What is claimed, the proof beside it, and what is found wrong. */
async function lies(): Promise<
  readonly (readonly [string, ExpectedReceipt["inclusion"], ReceiptProof, string, string])[]
> {
  const { inclusion } = good;
  const { receiptProof: proof } = inclusion;
  const other = await withReceiptProof({
    ...confirmed,
    inclusion: { ...confirmed.inclusion!, transactionIndex: 4 },
  }, {
    count: 200,
  });
  const next = await withReceiptProof({
    ...confirmed,
    inclusion: { ...confirmed.inclusion!, blockNumber: confirmed.inclusion!.blockNumber + 1n },
  });
  const failed = (await withReceiptProof(confirmed, { status: 0 })).inclusion as typeof inclusion;
  const made = async (change: Parameters<typeof event>[0]) => {
    const changed = await event(change) as typeof inclusion;
    return [changed, changed.receiptProof] as const;
  };
  const ANOTHER = new Uint8Array(32).fill(0xaa);
  return [
    ["a failed transaction", failed, failed.receiptProof, "event", "the anchor's transaction failed"],
    [
      "an event of another contract",
      ...await made(() => ({ address: new Uint8Array(20).fill(7) })),
      "event",
      "the event is of another contract",
    ],
    [
      "an event of another submitter",
      ...await made(({ topics }) => ({ topics: [topics[0], ANOTHER] })),
      "event",
      "another submitter anchored",
    ],
    [
      "a submitter with more than an address before it",
      ...await made(({ topics }) => ({
        topics: [topics[0], topics[1]!.map((byte, i) => i === 0 ? 1 : byte)],
      })),
      "event",
      "another submitter anchored",
    ],
    [
      "another event",
      ...await made(({ topics }) => ({ topics: [ANOTHER, topics[1]] })),
      "event",
      "the event is not Anchored",
    ],
    ["an anonymous event", ...await made(() => ({ topics: [] })), "event", "the event is not Anchored"],
    [
      "a topic too many",
      ...await made(({ topics }) => ({ topics: [...topics, ANOTHER] })),
      "event",
      "the event is not Anchored",
    ],
    [
      "another size",
      ...await made(({ data }) => ({ data: data.map((byte, i) => i === 31 ? byte ^ 1 : byte) })),
      "event",
      "the event commits to another size or root",
    ],
    [
      "a size past 64 bits",
      ...await made(({ data }) => ({ data: data.map((byte, i) => i === 0 ? 1 : byte) })),
      "event",
      "the event commits to another size or root",
    ],
    [
      "another root",
      ...await made(({ data }) => ({ data: data.map((byte, i) => i === 63 ? byte ^ 1 : byte) })),
      "event",
      "the event commits to another size or root",
    ],
    [
      "data that goes on",
      ...await made(({ data }) => ({ data: Uint8Array.of(...data, 0) })),
      "event",
      "the event commits to another size or root",
    ],
    [
      "a log index of the block instead of the receipt",
      { ...inclusion, logIndex: 5 },
      proof,
      "event",
      "the receipt has no event 5, only 2",
    ],
    [
      "the event beside it",
      { ...inclusion, logIndex: 0 },
      proof,
      "event",
      "the event is of another contract",
    ],
    [
      "the largest log index",
      { ...inclusion, logIndex: Number.MAX_SAFE_INTEGER },
      proof,
      "event",
      "the receipt has no event 9007199254740991, only 2",
    ],
    [
      "the receipt of another transaction, by its place",
      { ...inclusion, transactionIndex: 4 },
      proof,
      "receipt",
      "Cannot follow the path of the receipt as a node is not the one that its parent names",
    ],
    [
      "the receipt of another transaction, by its path",
      inclusion,
      { ...proof, path: other.inclusion.receiptProof.path },
      "receipt",
      "Cannot follow the path of the receipt as a node is not the one that its parent names",
    ],
    [
      "a receipt that is not in the path",
      inclusion,
      { ...proof, receipt: Uint8Array.of(1, ...proof.receipt.subarray(1)) },
      "receipt",
      "another receipt stands at place 3 of the block",
    ],
    [
      "the header of another block of the same height",
      { ...inclusion, blockHash: hash32(1) },
      proof,
      "header",
      "the header is of another block: its hash is not the one that the proof names",
    ],
    [
      "a header that was changed",
      inclusion,
      { ...proof, header: proof.header.map((byte, i) => i === 10 ? byte ^ 1 : byte) },
      "header",
      "the header is of another block: its hash is not the one that the proof names",
    ],
    [
      "the header of the block after it",
      { ...inclusion, blockHash: next.inclusion.blockHash },
      next.inclusion.receiptProof,
      "header",
      "the header is of block 1012, not 1011",
    ],
    [
      "another time",
      { ...inclusion, blockTime: inclusion.blockTime + 1 },
      proof,
      "header",
      "the header has another time than the proof says",
    ],
    [
      "a trailing byte behind the receipt",
      inclusion,
      { ...proof, receipt: Uint8Array.of(...proof.receipt, 0) },
      "event",
      "Cannot read the RLP as something follows its item",
    ],
    [
      "a trailing byte behind the header",
      inclusion,
      { ...proof, header: Uint8Array.of(...proof.header, 0) },
      "receipt",
      "Cannot read the RLP as something follows its item",
    ],
    [
      "no path",
      inclusion,
      { ...proof, path: [] },
      "receipt",
      "Cannot follow the path of the receipt as it ends before the key does",
    ],
    [
      "a node too many",
      inclusion,
      { ...proof, path: [...proof.path, proof.path[0]!] },
      "receipt",
      "Cannot follow the path of the receipt as nodes are left over",
    ],
    [
      "nodes swapped",
      inclusion,
      { ...proof, path: [proof.path[1]!, proof.path[0]!, ...proof.path.slice(2)] },
      "receipt",
      "Cannot follow the path of the receipt as a node is not the one that its parent names",
    ],
    [
      "a header of nothing",
      inclusion,
      { ...proof, header: new Uint8Array() },
      "receipt",
      "Cannot read the RLP as it ends where an item should begin",
    ],
  ];
}

Deno.test("verifyReceiptProof() refuses each lie at its step: another transaction, block, contract, submitter, log index, size, root", async () => {
  for (const [what, inclusion, proof, step, reason] of await lies()) {
    assert.deepEqual(verifyReceiptProof(proof, { ...good, inclusion }), { ok: false, step, reason }, what);
  }
  const somebody = { ...good, submitter: `0x${"11".repeat(20)}` };
  assert.equal(verifyReceiptProof(good.inclusion.receiptProof, somebody).ok, false);
  const shouting = { ...good, submitter: `0x${SUBMITTER.slice(2).toUpperCase()}` };
  assert.equal(verifyReceiptProof(good.inclusion.receiptProof, shouting).ok, true);
});

Deno.test("verifyReceiptProof() binds every bit of header, receipt and path", () => {
  const { receiptProof } = good.inclusion;
  const parts = ["header", "receipt", ...receiptProof.path.keys()] as const;
  for (const part of parts) {
    const bytes = typeof part === "number" ? receiptProof.path[part]! : receiptProof[part];
    for (let i = 0; i < bytes.length; i += typeof part === "number" ? 3 : 1) {
      const changed = bytes.slice();
      changed[i]! ^= 1 << (i % 8);
      const proof = typeof part === "number"
        ? { ...receiptProof, path: receiptProof.path.with(part, changed) }
        : { ...receiptProof, [part]: changed };
      assert.equal(verifyReceiptProof(proof, good).ok, false, `byte ${i} of ${part}`);
    }
  }
});

Deno.test("parseReceipt() reads every known type, and refuses unknown ones and those of before EIP-658", () => {
  for (const type of [0, 1, 2, 3, 4]) {
    for (const status of [0, 1]) {
      const { logs, ...rest } = parseReceipt(encodeReceiptDraft({ type, status, logs: [otherLog] }));
      assert.deepEqual(rest, { type, isSuccess: status === 1 });
      assert.deepEqual(logs, [otherLog]);
    }
  }
  const wrong: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ["nothing", new Uint8Array(), /its type 0 is not known/],
    ["type 0 as a byte", Uint8Array.of(0, ...encodeReceiptDraft({ type: 0 })), /its type 0 is not known/],
    ["type 5", encodeReceiptDraft({ type: 5 }), /its type 5 is not known/],
    ["a rollup's deposit", encodeReceiptDraft({ type: 0x7e }), /its type 126 is not known/],
    [
      "the type twice",
      Uint8Array.of(2, ...encodeReceiptDraft({ type: 2 })),
      /a byte string stands in the place of a list|something follows/,
    ],
    [
      "a state root",
      RLP.encode([new Uint8Array(32).fill(1), 1, new Uint8Array(256), []]),
      /of before EIP-658/,
    ],
    ["status 2", RLP.encode([2, 1, new Uint8Array(256), []]), /its status is neither 0 nor 1/],
    [
      "status 0 as a zero byte",
      RLP.encode([Uint8Array.of(0), 1, new Uint8Array(256), []]),
      /its status is neither 0 nor 1/,
    ],
    [
      "a bloom that is short",
      RLP.encode([1, 1, new Uint8Array(255), []]),
      /255 bytes stands in the place of one of 256/,
    ],
    ["three fields", RLP.encode([1, 1, new Uint8Array(256)]), /it has 3 fields/],
    ["five fields", RLP.encode([1, 1, new Uint8Array(256), [], 0]), /more than 4 items/],
    [
      "gas with leading zeros",
      RLP.encode([1, Uint8Array.of(0, 1), new Uint8Array(256), []]),
      /leading zeros/,
    ],
    [
      "an event of two fields",
      RLP.encode([1, 1, new Uint8Array(256), [[new Uint8Array(20), []]]]),
      /has not three fields/,
    ],
    [
      "an address of 21 bytes",
      RLP.encode([1, 1, new Uint8Array(256), [[new Uint8Array(21), [], ""]]]),
      /21 bytes stands in the place of one of 20/,
    ],
    [
      "five topics",
      RLP.encode([1, 1, new Uint8Array(256), [[new Uint8Array(20), Array(5).fill(new Uint8Array(32)), ""]]]),
      /more than 4 items/,
    ],
    ["events that are no list", RLP.encode([1, 1, new Uint8Array(256), ""]), /in the place of a list/],
  ];
  for (const [what, bytes, reason] of wrong) {
    assert.throws(
      () => parseReceipt(bytes),
      (error) => error instanceof PotError && reason.test(error.message),
      what,
    );
  }
});

const draft = { receiptsRoot: new Uint8Array(32).fill(0xcc), number: 1_011n, timestamp: 1_800_000_011 };

Deno.test("parseHeader() reads headers of every fork, and refuses what is none", () => {
  const bytes = encodeHeaderDraft(draft);
  const items = RLP.decode(bytes) as Uint8Array[];
  // Before London, Shanghai, Cancun, Prague, and of a chain with a field of its own.
  for (const length of [15, 16, 17, 20, 21, 22]) {
    const fields = [...items, new Uint8Array(32)].slice(0, length);
    const header = RLP.encode(fields);
    assert.deepEqual(parseHeader(header), {
      hash: keccak_256(header),
      receiptsRoot: draft.receiptsRoot,
      number: draft.number,
      timestamp: BigInt(draft.timestamp),
    });
  }
  const without = (at: number) => RLP.encode(items.toSpliced(at, 1));
  // Numbers have no length of their own that would show one missing; the hash does.
  for (let at = 0; at < 7; at++) {
    assert.throws(() => parseHeader(without(at)), PotError, `without field ${at}`);
  }
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ["no list", RLP.encode("header")],
    ["an empty list", RLP.encode([])],
    ["a list in the place of a field", RLP.encode(items.with(12, [] as unknown as Uint8Array))],
    ["a number with leading zeros", RLP.encode(items.with(8, Uint8Array.of(0, 5)))],
    ["a number of 2^64", RLP.encode(items.with(8, Uint8Array.of(1, ...new Uint8Array(8))))],
    ["a time with leading zeros", RLP.encode(items.with(11, Uint8Array.of(0, 5)))],
    ["a difficulty with leading zeros", RLP.encode(items.with(7, Uint8Array.of(0, 5)))],
    ["49 fields", RLP.encode([...items, ...Array(28).fill(new Uint8Array(32))])],
  ];
  for (const [what, header] of wrong) assert.throws(() => parseHeader(header), PotError, what);
});

/** The first block of Ethereum's main network: everyone knows its hash. Its receipts trie is empty. */
const GENESIS_HASH = "d4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3";
const EMPTY_TRIE = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

Deno.test("parseHeader() gives Ethereum's first block the hash that everyone knows", () => {
  const bytes = (hex: string) => Uint8Array.fromHex(hex);
  const header = RLP.encode([
    new Uint8Array(32),
    bytes("1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"),
    new Uint8Array(20),
    bytes("d7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544"),
    bytes(EMPTY_TRIE),
    bytes(EMPTY_TRIE),
    new Uint8Array(256),
    0x400000000n,
    0,
    5_000,
    0,
    0,
    bytes("11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa"),
    new Uint8Array(32),
    bytes("0000000000000042"),
  ]);
  const { hash, number, receiptsRoot } = parseHeader(header);
  assert.deepEqual([hash.toHex(), number, receiptsRoot.toHex()], [GENESIS_HASH, 0n, EMPTY_TRIE]);
});
