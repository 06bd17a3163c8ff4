import assert from "node:assert/strict";
import fc from "fast-check";
import { openJournal, type TransactionJournal } from "../../../lib/chain/journal.ts";
import {
  decodeJournalFrame,
  encodeJournalFrame,
  type JournalFrame,
} from "../../../lib/chain/journal_entry.ts";
import type { MinedTransaction } from "../../../lib/chain/transaction_sender.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const FOLDER = "/journal";
const open = (files: FileLayer, chainId = 7) =>
  openJournal({ folder: FOLDER, address: ADDRESS, chainId, files });
const signed = (key: string, nonce: number) => ({
  key,
  purpose: "anchor",
  nonce,
  hash: `0x${nonce.toString(16).padStart(64, "0")}` as const,
  raw: "0x02f8" as const,
  maxCostWei: 10n ** 18n,
  atMs: 1_800_000_000_000,
});
const MINED: MinedTransaction = {
  transactionHash: `0x${"1".repeat(64)}`,
  transactionHashes: [`0x${"1".repeat(64)}`],
  transactionIndex: 0,
  blockNumber: 2n ** 60n,
  blockHash: `0x${"2".repeat(64)}`,
  blockTime: 1_800_000_000,
  gasUsed: 21_000n,
  effectiveGasPriceWei: 10n ** 11n,
  logs: [{ address: ADDRESS, topics: [`0x${"3".repeat(64)}`], data: "0x" }],
};

Deno.test("openJournal() gives the live state back after reopening", async () => {
  const disk = createForgetfulDisk();
  let before;
  {
    await using journal = await open(disk.mount());
    const a = await journal.sign(signed("a", 0));
    await journal.note(await journal.note(a, { state: "broadcast" }), { state: "confirmed", mined: MINED });
    const b = await journal.sign(signed("b", 1));
    await journal.note(b, { state: "failed", failure: "it reverted" });
    await journal.sign(signed("b", 2));
    journal.prepare({ key: "c", purpose: "anchor" });
    assert.equal(journal.find("c")?.state, "prepared");
    assert.equal(journal.nextNonce(), 3);
    before = journal.entries().filter(({ state }) => state !== "prepared");
  }
  await using journal = await open(disk.mount());
  assert.deepEqual(journal.entries(), before);
  assert.deepEqual(before.map(({ key, state }) => [key, state]), [["a", "confirmed"], ["b", "failed"], [
    "b",
    "signed",
  ]]);
  assert.deepEqual(journal.find("a")?.mined, MINED);
  assert.equal(journal.nextNonce(), 3);
});

Deno.test("openJournal() keeps chains apart in one file", async () => {
  const disk = createForgetfulDisk();
  {
    await using journal = await open(disk.mount(), 7);
    await journal.sign(signed("a", 41));
  }
  await using journal = await open(disk.mount(), 8);
  assert.equal(journal.find("a"), undefined);
  assert.equal(journal.nextNonce(), 0);
});

Deno.test("openJournal() refuses the second holder and another account's file", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  {
    await using _first = await open(files);
    await assert.rejects(() => open(files), {
      message: "Cannot send as another process is sending with the same key",
      facts: [`account: ${ADDRESS}`, `lock: ${FOLDER}/journal-${ADDRESS.toLowerCase()}.lock`],
    });
  }
  const other = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
  await files.rename(
    `${FOLDER}/journal-${ADDRESS.toLowerCase()}`,
    `${FOLDER}/journal-${other.toLowerCase()}`,
  );
  await assert.rejects(() => openJournal({ folder: FOLDER, address: other, chainId: 7, files }), {
    message: "Cannot open the transaction journal as the file is of another account or format",
  });
});

Deno.test("TransactionJournal.discard() brings an earlier failed attempt back", async () => {
  await using journal = await open(createForgetfulDisk().mount());
  const entry = await journal.note(await journal.sign(signed("a", 0)), {
    state: "failed",
    failure: "it reverted",
  });
  journal.prepare({ key: "a", purpose: "anchor" });
  journal.discard("a");
  assert.deepEqual(journal.entries(), [entry]);
  journal.prepare({ key: "b", purpose: "anchor" });
  journal.discard("b");
  assert.deepEqual(journal.entries(), [entry]);
});

Deno.test("TransactionJournal.sign() keeps every form of one nonce", async () => {
  await using journal = await open(createForgetfulDisk().mount());
  await journal.sign(signed("a", 0));
  const replaced = await journal.sign({ ...signed("a", 0), hash: `0x${"9".repeat(64)}` });
  assert.equal(replaced.forms.length, 2);
  assert.equal(journal.entries().length, 1);
});

Deno.test("TransactionJournal.note() does nothing twice, and never changes what is final", async () => {
  const disk = createForgetfulDisk();
  await using journal = await open(disk.mount());
  const entry = await journal.sign(signed("a", 0));
  await journal.note(entry, { state: "mined", mined: MINED });
  const { calls } = disk;
  await journal.note(entry, { state: "mined", mined: MINED });
  assert.equal(disk.calls, calls);
  await journal.note(entry, { state: "final", mined: MINED });
  assert.equal((await journal.note(entry, { state: "unknown" })).state, "final");
});

Deno.test("openJournal() finds every transaction whose sign() resolved, wherever the power is cut", async () => {
  // What resolved may have been broadcast, so forgetting it could send it twice.
  const work = async (journal: TransactionJournal, resolved: string[]) => {
    await Promise.all(["a", "b", "c"].map(async (key, nonce) => {
      const entry = await journal.sign(signed(key, nonce));
      resolved.push(key);
      await journal.note(entry, { state: "broadcast" });
    }));
  };
  let cuts = 0;
  for (let call = 1;; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    const resolved: string[] = [];
    let isWhole = false;
    try {
      // Not disposed: the process dies.
      await work(await open(disk.mount()), resolved);
      isWhole = true;
    } catch {
      cuts++;
    }
    disk.cutPower("nothing");
    disk.cutAtCall(Infinity);
    await using reopened = await open(disk.mount());
    for (const key of resolved) assert.notEqual(reopened.find(key), undefined, `call ${call}: ${key}`);
    if (isWhole) break;
  }
  assert.ok(cuts > 15);
});

Deno.test("decodeJournalFrame() reads encodeJournalFrame() back and refuses the rest", () => {
  const frame = fc.record({
    type: fc.constant("signed" as const),
    key: fc.string(),
    purpose: fc.string(),
    chainId: fc.nat(),
    nonce: fc.nat(),
    hash: fc.constant(`0x${"1".repeat(64)}` as const),
    raw: fc.constant("0x02" as const),
    maxCostWei: fc.bigInt({ min: 0n, max: 2n ** 256n }),
    atMs: fc.nat(),
  });
  fc.assert(fc.property(frame, (value: JournalFrame) => {
    const wellFormed = JSON.parse(JSON.stringify({ ...value, maxCostWei: "0" }));
    assert.deepEqual(
      { ...decodeJournalFrame(encodeJournalFrame(value)), maxCostWei: "0" },
      wellFormed,
    );
  }));
  for (
    const text of [
      "",
      "null",
      "7",
      "{}",
      '{"type":"signed"}',
      '{"type":"new","key":"a","nonce":1,"chainId":1}',
      "{",
    ]
  ) {
    assertRefused(text);
  }
});

Deno.test("decodeJournalFrame() refuses a frame with one field of another type or form", () => {
  const state = { type: "state", key: "a", chainId: 7, nonce: 0, state: "mined", mined: MINED } as const;
  const frames: readonly [JournalFrame, Readonly<Record<string, unknown>>][] = [
    [{ type: "signed", chainId: 7, ...signed("a", 0) }, {
      key: 1,
      purpose: null,
      chainId: -1,
      nonce: -1,
      hash: "0x01",
      raw: "02f8",
      maxCostWei: "-1",
      atMs: "1",
    }],
    [state, { state: "prepared", mined: [], failure: 1 }],
    [{ ...state, failure: "it reverted" }, {
      mined: { ...JSON.parse(new TextDecoder().decode(encodeJournalFrame(state))).mined, gasUsed: true },
    }],
  ];
  for (const [frame, damages] of frames) {
    const whole = JSON.parse(new TextDecoder().decode(encodeJournalFrame(frame)));
    assert.deepEqual(decodeJournalFrame(new TextEncoder().encode(JSON.stringify(whole))), frame);
    for (const [field, value] of Object.entries(damages)) {
      assertRefused(JSON.stringify({ ...whole, [field]: value }));
    }
  }
});

function assertRefused(text: string): void {
  assert.throws(() => decodeJournalFrame(new TextEncoder().encode(text)), {
    message: "Cannot read the transaction journal as it holds a frame this version does not know",
  }, text);
}
