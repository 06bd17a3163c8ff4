import assert from "node:assert/strict";
import type { EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { Anchor } from "../../../lib/recorder/anchor_line.ts";
import type { ReceiptProof } from "../../../lib/verify/proof.ts";
import { betterState, openAnchorStore } from "../../../lib/recorder/anchor_store.ts";
import { openStoredHashes } from "../../../lib/recorder/stored_hashes.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { makeTempFolder } from "../../_fakes/recorder_fixture.ts";

const facts: EvmAnchorFacts = {
  kind: "evm",
  state: "confirmed",
  chainId: "eip155:1",
  contract: "0xAa",
  codeHash: "0xcc",
  submitter: "0xdd",
  transactionHashes: ["0x01"],
  inclusion: {
    transactionHash: "0x01",
    transactionIndex: 2,
    blockNumber: 2n ** 60n + 1n,
    blockHash: "0x02",
    blockTime: 1_800_000_000,
    logIndex: 1,
    gasUsed: 29_191n,
    effectiveGasPriceWei: 10n ** 20n,
  },
};
const { inclusion: _, ...bare } = facts;
const anchorOf = (size: number, change: EvmAnchorFacts = facts): Anchor => ({
  size: BigInt(size),
  root: new Uint8Array(32).fill(size),
  note: `note ${size}\n`,
  facts: change,
});

Deno.test("openAnchorStore() gives back every anchor in its newest state, in the order they were made", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/anchors.jsonl`;
  using one = await openAnchorStore(path, { files: denoFiles });
  using two = await openAnchorStore(path, { files: denoFiles });
  assert.deepEqual(await one.list(), []);
  assert.equal(await one.put(anchorOf(5)), true);
  assert.equal(await two.put(anchorOf(9, { ...bare, state: "pending" })), true);
  assert.equal(await two.put(anchorOf(5, { ...facts, state: "final" })), true);
  // The same again is no news, whoever says it, and takes no line.
  assert.equal(await one.put(anchorOf(5, { ...facts, contract: "0xAa", state: "final" })), false);
  const expected = [anchorOf(5, { ...facts, state: "final" }), anchorOf(9, { ...bare, state: "pending" })];
  assert.deepEqual(await one.list(), expected);
  assert.deepEqual(await two.list(), expected);
  // Another contract or chain is another anchor of the same size.
  await one.put(anchorOf(5, { ...facts, contract: "0xBb" }));
  await one.put(anchorOf(5, { ...facts, chainId: "eip155:2" }));
  using reopened = await openAnchorStore(path, { files: denoFiles });
  assert.equal((await reopened.list()).length, 4);
  assert.equal((await Deno.readTextFile(path)).trimEnd().split("\n").length, 5);
});

Deno.test("addSignatures() adds them to the anchors over that text, and put() takes none away", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/anchors.jsonl`;
  const text = "pot/test\n5\nNSkkwtXZUhdjrawqXwJMFI9kgtWTuoytVfBtdBZn3Jc=\n";
  const line = (name: string, signature: string) => `\u2014 ${name} ${btoa(`hash${signature}`)}\n`;
  const own = `${text}\n${line("pot/test", "log")}`;
  const other = own.replace("\n5\n", "\n7\n");
  const [old, newer] = [line("witness.example/w1", "old"), line("witness.example/w1", "new")];
  using one = await openAnchorStore(path, { files: denoFiles });
  using two = await openAnchorStore(path, { files: denoFiles });
  await one.put({ ...anchorOf(5), note: own });
  await one.put({ ...anchorOf(5, { ...facts, chainId: "eip155:2" }), note: own });
  await one.put({ ...anchorOf(7), note: other });
  const stale = await one.list();
  assert.equal(await two.addSignatures(`${text}\n${old}`), 2);
  const notes = async () => (await one.list()).map(({ note }) => note);
  assert.deepEqual(await notes(), [own + old, own + old, other]);
  // Whoever looked before, and says now what the chain does, takes nothing away.
  assert.equal(await one.put({ ...stale[0]!, facts: { ...facts, state: "final" } }), true);
  assert.deepEqual(await notes(), [own + old, own + old, other]);
  assert.equal(await one.put(stale[1]!), false);
  // One that is signed again takes the place of the older one, also where an older look comes back.
  const before = await two.list();
  assert.equal(await one.addSignatures(own + newer), 2);
  await two.put(before[0]!);
  assert.deepEqual(await notes(), [own + newer, own + newer, other]);
  const { length } = await Deno.readTextFile(path);
  assert.equal(await two.addSignatures(`${text}\n${newer}`), 2);
  assert.equal((await Deno.readTextFile(path)).length, length);
  using reopened = await openAnchorStore(path, { files: denoFiles });
  assert.deepEqual((await reopened.list()).map(({ facts: { state } }) => state), [
    "final",
    "confirmed",
    "confirmed",
  ]);
});

Deno.test("openAnchorStore() passes over a torn last line, and the next put takes its place", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/anchors.jsonl`;
  using one = await openAnchorStore(path, { files: denoFiles });
  await one.put(anchorOf(5));
  const whole = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, whole.slice(0, whole.length / 2), { append: true });
  using two = await openAnchorStore(path, { files: denoFiles });
  assert.deepEqual(await two.list(), [anchorOf(5)]);
  assert.deepEqual(await one.list(), [anchorOf(5)]);
  await two.put(anchorOf(7));
  assert.deepEqual(await one.list(), [anchorOf(5), anchorOf(7)]);
});

Deno.test("openAnchorStore() refuses a whole line that is not an anchor, naming it", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/anchors.jsonl`;
  using good = await openAnchorStore(path, { files: denoFiles });
  await good.put(anchorOf(5));
  const line = JSON.parse(await Deno.readTextFile(path));
  const captured = { header: "AQ==", receipt: "Ag==", path: ["Aw=="] };
  const bad: unknown[] = [
    null,
    1,
    [],
    {},
    { ...line, schema: "pot-anchor/2" },
    { ...line, size: 5 },
    { ...line, size: "0" },
    { ...line, root: "ab" },
    { ...line, note: undefined },
    { ...line, facts: undefined },
    { ...line, facts: { ...line.facts, kind: "other" } },
    { ...line, facts: { ...line.facts, state: "local" } },
    { ...line, facts: { ...line.facts, state: "pending" } },
    { ...line, facts: { ...line.facts, inclusion: undefined } },
    { ...line, facts: { ...line.facts, contract: 1 } },
    { ...line, facts: { ...line.facts, transactionHashes: [1] } },
    { ...line, facts: { ...line.facts, inclusion: { ...line.facts.inclusion, gasUsed: "x" } } },
    { ...line, facts: { ...line.facts, inclusion: { ...line.facts.inclusion, blockNumber: 1.5 } } },
    ...[null, "none", {}, { ...captured, path: [] }, { ...captured, header: "AQ" }, { ...captured, more: 1 }]
      .map((receiptProof) => ({
        ...line,
        facts: { ...line.facts, inclusion: { ...line.facts.inclusion, receiptProof } },
      })),
  ];
  for (const value of bad) {
    await Deno.writeTextFile(path, `${JSON.stringify(line)}\n${JSON.stringify(value)}\n`);
    using store = await openAnchorStore(path, { files: denoFiles });
    // Not only the first time: nothing may be taken for read that was not.
    for (let again = 0; again < 2; again++) {
      await assert.rejects(() => store.list(), {
        name: "PotError",
        message: "Cannot read the anchor store as a line is not an anchor",
        facts: [`at: ${path}, line 2`],
      }, JSON.stringify(value));
    }
  }
});

const RECEIPT: ReceiptProof = {
  header: Uint8Array.of(1, 2),
  receipt: Uint8Array.of(3),
  path: [Uint8Array.of(4), Uint8Array.of(5)],
};
const captured = (receiptProof?: ReceiptProof | "unavailable", blockHash = "0x02"): EvmAnchorFacts => ({
  ...facts,
  inclusion: { ...facts.inclusion!, blockHash, ...(receiptProof === undefined ? {} : { receiptProof }) },
});

Deno.test("openAnchorStore() keeps a captured receipt as long as the anchor stays in its block", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/anchors.jsonl`;
  using store = await openAnchorStore(path, { files: denoFiles });
  const known = async () => ((await store.list())[0]!.facts as EvmAnchorFacts).inclusion?.receiptProof;
  await store.put(anchorOf(5, captured()));
  assert.equal(await store.put(anchorOf(5, captured("unavailable"))), true);
  assert.equal(await known(), "unavailable");
  assert.equal(await store.put(anchorOf(5, captured(RECEIPT))), true);
  // Whoever looked before it was captured writes later.
  assert.equal(await store.put(anchorOf(5, captured())), false);
  assert.equal(await store.put(anchorOf(5, captured("unavailable"))), false);
  assert.equal(await store.put(anchorOf(5, { ...captured(), state: "final" })), true);
  assert.deepEqual(await store.list(), [anchorOf(5, { ...captured(RECEIPT), state: "final" })]);
  using reopened = await openAnchorStore(path, { files: denoFiles });
  assert.deepEqual(await reopened.list(), await store.list());
  // Another block is another receipt.
  assert.equal(await store.put(anchorOf(5, captured(undefined, "0x03"))), true);
  assert.equal(await known(), undefined);
  assert.equal(await store.put(anchorOf(5, { ...bare, state: "pending" })), true);
  assert.equal(await known(), undefined);
});

Deno.test("openAnchorStore() keeps the heads that are under way, apart for each chain and contract", async () => {
  const disk = createForgetfulDisk();
  const headOf = (size: number) => ({
    size: BigInt(size),
    root: new Uint8Array(32).fill(size),
    note: `note ${size}\n`,
  });
  {
    using store = await openAnchorStore("/anchors.jsonl", { files: disk.mount() });
    assert.deepEqual(await store.underWay("one"), []);
    await store.setUnderWay("one", []);
    assert.equal(await disk.mount().stat("/anchoring.json"), undefined);
    await store.setUnderWay("one", [headOf(5), headOf(7)]);
    await store.setUnderWay("two", [headOf(6)]);
    disk.cutPower("nothing");
  }
  using store = await openAnchorStore("/anchors.jsonl", { files: disk.mount() });
  assert.deepEqual(await store.underWay("one"), [headOf(5), headOf(7)]);
  await store.setUnderWay("one", [headOf(7)]);
  assert.deepEqual([await store.underWay("one"), await store.underWay("two")], [[headOf(7)], [headOf(6)]]);
  await store.setUnderWay("one", []);
  assert.deepEqual([await store.underWay("one"), await store.underWay("two")], [[], [headOf(6)]]);
});

Deno.test("openAnchorStore() refuses a damaged list of what is under way, naming the file", async () => {
  await using folder = await makeTempFolder();
  using store = await openAnchorStore(`${folder.path}/anchors.jsonl`, { files: denoFiles });
  const path = `${folder.path}/anchoring.json`;
  const head = { scope: "one", size: "5", root: "ab".repeat(32), note: "note\n" };
  const schema = "pot-anchoring/1";
  const bad = [
    {},
    { schema: "pot-anchoring/2", heads: [] },
    { schema, heads: {} },
    { schema, heads: [null] },
    ...[{ scope: 1 }, { size: 5 }, { size: "0" }, { root: "AB" }, { root: undefined }, { note: undefined }]
      .map((change) => ({ schema, heads: [{ ...head, ...change }] })),
  ];
  await Deno.writeTextFile(path, JSON.stringify({ schema, heads: [head] }));
  assert.equal((await store.underWay("one")).length, 1);
  for (const text of ["", "{", ...bad.map((value) => JSON.stringify(value))]) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(() => store.underWay("one"), {
      name: "PotError",
      message: "Cannot tell which anchors were begun as the list of them is damaged",
      facts: [`file: ${path}`],
    }, text);
  }
});

Deno.test("openAnchorStore() goes on after a write that failed", async () => {
  const disk = createForgetfulDisk();
  using store = await openAnchorStore("/anchors.jsonl", { files: disk.mount() });
  await store.put(anchorOf(5));
  disk.failNext("sync", new Error("no space left"));
  await assert.rejects(() => store.put(anchorOf(7)), { name: "PotError" });
  assert.deepEqual(await store.list(), [anchorOf(5)]);
  await store.put(anchorOf(9));
  assert.deepEqual(await store.list(), [anchorOf(5), anchorOf(9)]);
});

Deno.test("openAnchorStore() survives a power cut right after put resolved", async () => {
  const disk = createForgetfulDisk();
  {
    using store = await openAnchorStore("/anchors.jsonl", { files: disk.mount() });
    await store.put(anchorOf(5));
    disk.cutPower("nothing");
  }
  using store = await openAnchorStore("/anchors.jsonl", { files: disk.mount() });
  assert.deepEqual(await store.list(), [anchorOf(5)]);
});

Deno.test("betterState() ranks local above pending and below every state of a chain", () => {
  const states = ["pending", "local", "anchored", "confirmed", "final"] as const;
  for (const [i, a] of states.entries()) {
    for (const [j, b] of states.entries()) assert.equal(betterState(a, b), states[Math.max(i, j)]);
  }
});

Deno.test("openStoredHashes() finds the first gap in each scope, whatever the order of the puts", async () => {
  await using folder = await makeTempFolder();
  const path = `${folder.path}/stored.jsonl`;
  using one = await openStoredHashes(path, { files: denoFiles });
  using two = await openStoredHashes(path, { files: denoFiles });
  const stored = {
    transactionId: "1",
    hash: "ab",
    metadata: "",
    timestamp: 1,
    blockNumber: 1n,
    submitter: "0x1",
  };
  assert.equal(await one.firstMissing(["a"]), 0n);
  for (const [index, first] of [[1n, 0n], [3n, 0n], [0n, 2n], [0n, 2n], [2n, 4n], [9n, 4n]] as const) {
    await (index % 2n ? one : two).put("a", index, stored);
    assert.equal(await one.firstMissing(["a"]), first);
    assert.equal(await two.firstMissing(["a"]), first);
  }
  assert.equal(await one.firstMissing(["b"]), 0n);
  assert.equal((await Deno.readTextFile(path)).trimEnd().split("\n").length, 5);
  for (const bad of ["1", "{}", '{"schema":"pot-stored/1","scope":"a","index":"x"}']) {
    await Deno.writeTextFile(path, `${bad}\n`);
    using damaged = await openStoredHashes(path, { files: denoFiles });
    await assert.rejects(() => damaged.firstMissing(["a"]), {
      message: "Cannot read the list of stored hashes as a line is not one of its entries",
      facts: [`at: ${path}, line 1`],
    });
  }
});
