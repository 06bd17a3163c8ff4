import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeJournalFrames } from "../../../lib/chain/decode_journal_frames.ts";
import { openJournal, type TransactionJournal } from "../../../lib/chain/journal.ts";
import {
  encodeJournalFrames,
  type JournalFrame,
  type SignedFrame,
} from "../../../lib/chain/journal_entry.ts";
import type { MinedTransaction } from "../../../lib/chain/transaction_sender.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const FOLDER = "/journal";
const NOW_MS = 1_800_000_000_000;
const DAY = "2027-01-15";
const open = (files: FileLayer, chainId = 7) =>
  openJournal({ folder: FOLDER, address: ADDRESS, chainId, files });
const signed = (key: string, nonce: number, more: Partial<SignedFrame> = {}): Omit<
  SignedFrame,
  "type" | "chainId"
> => ({
  key,
  purpose: "anchor",
  nonce,
  records: 3,
  kind: "first",
  hash: `0x${nonce.toString(16).padStart(64, "0")}`,
  raw: "0x02f8",
  fees: { type: "eip1559", maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 1n },
  maxCostWei: 10n ** 18n,
  signedAtMs: NOW_MS,
  ...more,
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

/** Signs one transaction and answers with its entry. */
async function sign(journal: TransactionJournal, frame: ReturnType<typeof signed>) {
  const [entry] = await journal.sign([frame]);
  return entry!;
}

/** Everything that can be asked of a journal. */
const stateOf = (journal: TransactionJournal) => ({
  live: journal.live(),
  settled: journal.recentlySettled(),
  next: journal.nextNonce(),
  newestMs: journal.newestMs(),
  spent: journal.spentOn(DAY),
  metrics: journal.metrics(),
  events: journal.events(),
});

Deno.test("openJournal() gives the live state back after reopening", async () => {
  const disk = createForgetfulDisk();
  let before;
  {
    await using journal = await open(disk.mount());
    const [a, b, c] = await journal.sign([signed("a", 0), signed("b", 1), signed("c", 2)]);
    await journal.note([{ entry: a!, state: "broadcast" }], NOW_MS + 1_000);
    await journal.note([
      { entry: a!, state: "confirmed", mined: MINED },
      { entry: b!, state: "failed", failure: "another transaction of this key took its nonce" },
    ], NOW_MS + 12_000);
    await journal.note([{ entry: c!, state: "mined", mined: MINED }], NOW_MS + 13_000);
    await journal.note([{ entry: c!, state: "final", mined: MINED }], NOW_MS + 14_000);
    await sign(journal, signed("b", 3));
    await sign(journal, signed("b", 3, { kind: "speed-up", maxCostWei: 2n * 10n ** 18n }));
    assert.equal(await journal.tell({ name: "reorganised", subject: "x", detail: "d", atMs: NOW_MS }), true);
    assert.equal(await journal.tell({ name: "reorganised", subject: "x", detail: "d", atMs: NOW_MS }), false);
    before = stateOf(journal);
  }
  await using journal = await open(disk.mount());
  assert.deepEqual(stateOf(journal), before);
  assert.deepEqual(before.live.map(({ key, state, nonce }) => [key, state, nonce]), [
    ["a", "confirmed", 0],
    ["b", "signed", 3],
  ]);
  assert.deepEqual(journal.find("a")?.mined, MINED);
  assert.equal(journal.find("c"), undefined);
  assert.equal(journal.settled("c")?.state, "final");
  assert.deepEqual((await journal.recall(journal.settled("c")!)).mined, MINED);
  // A live attempt stands before an earlier one that failed.
  assert.equal(journal.settled("b"), undefined);
  assert.equal(journal.find("b")?.forms.length, 2);
  assert.equal(journal.nextNonce(), 4);
});

Deno.test("TransactionJournal keeps the books by day, at the worst until it is settled what was paid", async () => {
  await using journal = await open(createForgetfulDisk().mount());
  const paid = MINED.gasUsed * MINED.effectiveGasPriceWei;
  const a = await sign(journal, signed("a", 0));
  await sign(journal, signed("a", 0, { kind: "speed-up", maxCostWei: 3n * 10n ** 18n }));
  assert.deepEqual(journal.spentOn(DAY).day, { transactions: 1, wei: 3n * 10n ** 18n });
  await journal.note([{ entry: a, state: "mined", mined: MINED }], NOW_MS + 5_000);
  // Its block may still be replaced by one in which it costs more.
  assert.deepEqual(journal.spentOn(DAY).day, { transactions: 1, wei: 3n * 10n ** 18n });
  await journal.note([{ entry: a, state: "broadcast" }], NOW_MS + 6_000);
  assert.deepEqual(journal.spentOn(DAY).day, { transactions: 1, wei: 3n * 10n ** 18n });
  await journal.note([{ entry: a, state: "final", mined: { ...MINED, extraFeeWei: 7n } }], NOW_MS + 9_000);
  await sign(journal, signed("b", 1, { signedAtMs: NOW_MS + 86_400_000 }));
  assert.deepEqual(journal.spentOn(DAY), {
    day: { transactions: 1, wei: paid + 7n },
    month: { transactions: 2, wei: paid + 7n + 10n ** 18n },
  });
  assert.deepEqual(journal.spentOn("2027-02-01").month, { transactions: 0, wei: 0n });
});

Deno.test("TransactionJournal.metrics() counts outcomes, times and costs", async () => {
  await using journal = await open(createForgetfulDisk().mount());
  const entries = await journal.sign([signed("a", 0), signed("b", 1), signed("c", 2)]);
  const [a, b, c] = entries.map((entry) => entry!);
  await sign(journal, signed("b", 1, { kind: "cancel" }));
  await journal.note([{ entry: a!, state: "mined", mined: MINED }], NOW_MS + 4_000);
  const moved = { ...MINED, blockHash: `0x${"9".repeat(64)}` as const };
  await journal.note([{ entry: a!, state: "confirmed", mined: moved }], NOW_MS + 40_000);
  await journal.note([
    { entry: a!, state: "final", mined: moved },
    { entry: b!, state: "replaced", mined: MINED },
    { entry: c!, state: "failed", failure: "lost" },
  ], NOW_MS + 90_000);
  const { timeToMine, timeToConfirm, costs, ...counts } = journal.metrics();
  assert.deepEqual(counts, {
    signed: 3,
    succeeded: 1,
    failed: 1,
    cancelled: 1,
    replacements: 1,
    reorganisations: 1,
    gapsFilled: 0,
    successRatio: 1 / 3,
    throughputPerSecond: 2 / 3_600,
  });
  assert.equal(timeToMine.count, 2);
  assert.equal(timeToMine.sumSeconds, 94);
  assert.deepEqual(timeToMine.buckets.filter(({ count }) => count > 0), [
    { upToSeconds: 5, count: 1 },
    { upToSeconds: 120, count: 1 },
  ]);
  assert.deepEqual([timeToConfirm.count, timeToConfirm.sumSeconds], [1, 40]);
  assert.deepEqual(costs.get("anchor"), {
    transactions: 2,
    records: 6,
    gas: 2n * MINED.gasUsed,
    wei: 2n * MINED.gasUsed * MINED.effectiveGasPriceWei,
  });
});

Deno.test("TransactionJournal.metrics() has the costs that were agreed on, not those that were said first", async () => {
  await using journal = await open(createForgetfulDisk().mount());
  const entry = await sign(journal, signed("a", 0));
  await journal.note([{ entry, state: "mined", mined: { ...MINED, gasUsed: 1n } }], NOW_MS);
  await journal.note([{ entry, state: "final", mined: MINED }], NOW_MS);
  assert.equal(journal.metrics().costs.get("anchor")?.gas, MINED.gasUsed);
  assert.equal(journal.metrics().costs.get("anchor")?.transactions, 1);
  assert.equal(journal.metrics().reorganisations, 0);
});

Deno.test("TransactionJournal.sign() and note() share an append when they come together", async () => {
  const disk = createForgetfulDisk();
  await using journal = await open(disk.mount());
  await sign(journal, signed("first", 0));
  const { calls } = disk;
  await sign(journal, signed("alone", 1));
  const callsOfOne = disk.calls - calls;
  await Promise.all(Array.from({ length: 50 }, (_, i) => journal.sign([signed(`key ${i}`, 2 + i)])));
  assert.equal(disk.calls - calls, 2 * callsOfOne);
  assert.equal(journal.live().length, 52);
});

Deno.test("openJournal() keeps chains apart in one file", async () => {
  const disk = createForgetfulDisk();
  {
    await using journal = await open(disk.mount(), 7);
    await sign(journal, signed("a", 41));
  }
  await using journal = await open(disk.mount(), 8);
  assert.equal(journal.find("a"), undefined);
  assert.equal(journal.nextNonce(), 0);
  assert.deepEqual(journal.spentOn(DAY).day, { transactions: 0, wei: 0n });
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

Deno.test("TransactionJournal takes turns with others: what they wrote meanwhile is in it, and what it writes goes behind", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await using journal = await open(files);
  const first = await sign(journal, signed("a", 0));
  journal.rest();
  await assert.rejects(() => journal.note([{ entry: first, state: "broadcast" }], NOW_MS), /not held/);
  {
    await using other = await open(files);
    await assert.rejects(() => journal.hold(), {
      message: "Cannot send as another process is sending with the same key",
    });
    await sign(other, signed("b", 1));
  }
  // One that died within an append.
  const file = await files.open(`${FOLDER}/journal-${ADDRESS.toLowerCase()}`);
  await file.writeAt((await file.stat()).sizeBytes, new Uint8Array(9).fill(7));
  file.close();
  assert.equal(journal.nextNonce(), 1);
  await Promise.all([journal.hold(), journal.hold()]);
  assert.deepEqual(journal.live().map(({ key }) => key), ["a", "b"]);
  await assert.rejects(() => open(files));
  await sign(journal, signed("c", journal.nextNonce()));
  const before = stateOf(journal);
  disk.cutPower("nothing");
  await using again = await open(disk.mount());
  assert.deepEqual(stateOf(again), before);
});

Deno.test("TransactionJournal.hold() reads a journal anew that was put in place of its own", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  const path = `${FOLDER}/journal-${ADDRESS.toLowerCase()}`;
  await using journal = await open(files);
  await sign(journal, signed("a", 0));
  journal.rest();
  await files.rename(path, `${path}.bak`);
  {
    await using restored = await open(files);
    await sign(restored, signed("z", 7));
  }
  await journal.hold();
  assert.deepEqual(journal.live().map(({ key }) => key), ["z"]);
  assert.equal(journal.nextNonce(), 8);
});

Deno.test("TransactionJournal.hold() goes on after a disk that took no writes for a while", async () => {
  const disk = createForgetfulDisk();
  const real = disk.mount();
  let isFull = false;
  const files: FileLayer = {
    ...real,
    async open(path, options) {
      const file = await real.open(path, options);
      return {
        ...file,
        writeAt: (offset, bytes) =>
          isFull ? Promise.reject(new Error("no space")) : file.writeAt(offset, bytes),
      };
    },
  };
  await using journal = await open(files);
  await sign(journal, signed("a", 0));
  isFull = true;
  await assert.rejects(() => sign(journal, signed("b", 1)), /the disk did not take it/);
  isFull = false;
  journal.rest();
  await journal.hold();
  await sign(journal, signed("b", 1));
  assert.deepEqual(journal.live().map(({ key }) => key), ["a", "b"]);
});

Deno.test("TransactionJournal.note() does nothing twice, and never changes what is settled", async () => {
  const disk = createForgetfulDisk();
  await using journal = await open(disk.mount());
  const entry = await sign(journal, signed("a", 0));
  await journal.note([{ entry, state: "mined", mined: MINED }], NOW_MS);
  const { calls } = disk;
  await journal.note([{ entry, state: "mined", mined: MINED }], NOW_MS);
  assert.equal(disk.calls, calls);
  await journal.note([{ entry, state: "final", mined: MINED }], NOW_MS);
  await journal.note([{ entry, state: "unknown" }], NOW_MS);
  assert.equal(journal.settled("a")?.state, "final");
  assert.deepEqual(journal.live(), []);
});

Deno.test("openJournal() finds every transaction whose sign() resolved, wherever the power is cut", async () => {
  // What resolved may have been broadcast, so forgetting it could send it twice.
  const work = async (journal: TransactionJournal, resolved: string[]) => {
    await Promise.all(["a", "b", "c"].map(async (key, nonce) => {
      const entry = await sign(journal, signed(key, nonce));
      resolved.push(key);
      await journal.note([{ entry, state: "broadcast" }], NOW_MS);
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

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

Deno.test("decodeJournalFrames() reads encodeJournalFrames() back and refuses the rest", () => {
  const wei = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
  const fees = fc.oneof(
    fc.record({ type: fc.constant("legacy" as const), gasPriceWei: wei }),
    fc.record({ type: fc.constant("eip1559" as const), maxFeePerGasWei: wei, maxPriorityFeePerGasWei: wei }),
  );
  const frame: fc.Arbitrary<JournalFrame> = fc.record({
    type: fc.constant("signed" as const),
    key: fc.string(),
    purpose: fc.string(),
    chainId: fc.nat(),
    nonce: fc.nat(),
    records: fc.nat(),
    kind: fc.constantFrom("first" as const, "speed-up" as const, "cancel" as const, "gap" as const),
    hash: fc.constant(`0x${"1".repeat(64)}` as const),
    raw: fc.constant("0x02" as const),
    fees,
    maxCostWei: wei,
    signedAtMs: fc.nat(),
  });
  fc.assert(fc.property(fc.array(frame, { minLength: 1, maxLength: 5 }), (frames) => {
    assert.deepEqual(
      JSON.stringify(decodeJournalFrames(encodeJournalFrames(frames)), show),
      JSON.stringify(frames, show),
    );
  }));
  for (const text of ["", "null", "7", "{}", "[]", "[7]", '[{"type":"signed"}]', "{"]) {
    assertRefused(new TextEncoder().encode(text));
  }
});

Deno.test("decodeJournalFrames() refuses a frame with one field of another type or form", () => {
  const state = {
    type: "state",
    key: "a",
    chainId: 7,
    nonce: 0,
    state: "mined",
    atMs: 1,
    mined: MINED,
  } as const;
  const event = {
    type: "event",
    chainId: 7,
    name: "reorganised",
    subject: "a",
    detail: "b",
    atMs: 1,
  } as const;
  const frames: readonly [JournalFrame, Readonly<Record<string, unknown>>][] = [
    [{ type: "signed", chainId: 7, ...signed("a", 0) }, {
      key: 1,
      purpose: null,
      chainId: -1,
      nonce: -1,
      records: "3",
      kind: "other",
      hash: "0x01",
      raw: "02f8",
      fees: { type: "eip1559" },
      maxCostWei: "-1",
      signedAtMs: "1",
    }],
    [state, { state: "prepared", mined: [], failure: 1, atMs: null }],
    [event, { name: 1, subject: null, detail: {}, atMs: -1 }],
  ];
  for (const [frame, damages] of frames) {
    const [whole] = JSON.parse(new TextDecoder().decode(encodeJournalFrames([frame])));
    assert.deepEqual(decodeJournalFrames(bytesOf([whole])), [frame]);
    for (const [field, value] of Object.entries(damages)) {
      assertRefused(bytesOf([{ ...whole, [field]: value }]));
    }
  }
});

const show = (_: string, value: unknown) => typeof value === "bigint" ? value.toString() : value;

function assertRefused(bytes: Uint8Array): void {
  assert.throws(() => decodeJournalFrames(bytes), {
    message: "Cannot read the transaction journal as it holds a frame this version does not know",
  });
}
