import assert from "node:assert/strict";
import { openJournal } from "../../../lib/chain/journal.ts";
import type { SignedFrame } from "../../../lib/chain/journal_entry.ts";
import type { MinedTransaction } from "../../../lib/chain/transaction_sender.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const NOON_MS = Date.UTC(2026, 10, 30, 12);
const DAY_MS = 86_400_000;
const HASH = `0x${"1".repeat(64)}` as const;
const MINED: MinedTransaction = {
  transactionHash: HASH,
  transactionHashes: [HASH],
  transactionIndex: 0,
  blockNumber: 9n,
  blockHash: `0x${"2".repeat(64)}`,
  blockTime: NOON_MS / 1_000,
  gasUsed: 1n,
  effectiveGasPriceWei: 30n,
  logs: [],
};
const signed = (nonce: number, more: Partial<SignedFrame> = {}): Omit<SignedFrame, "type" | "chainId"> => ({
  key: `key ${nonce}`,
  purpose: "anchor",
  nonce,
  records: 1,
  kind: "first",
  hash: HASH,
  raw: "0x02f8",
  fees: { type: "legacy", gasPriceWei: 1n },
  maxCostWei: 100n,
  signedAtMs: NOON_MS,
  ...more,
});
const open = (disk = createForgetfulDisk()) =>
  openJournal({ folder: "/journal", address: ADDRESS, chainId: 7, files: disk.mount() });

Deno.test("TransactionJournal.spentOn() books on the newest day there was when the clock is set back", async () => {
  await using journal = await open();
  await journal.sign([signed(0)]);
  // The budget of the 30th is what these are checked against.
  await journal.sign([signed(1, { signedAtMs: NOON_MS - DAY_MS })]);
  await journal.sign([signed(2, { signedAtMs: NOON_MS - 40 * DAY_MS })]);
  assert.deepEqual(journal.spentOn("2026-11-30"), {
    day: { transactions: 3, wei: 300n },
    month: { transactions: 3, wei: 300n },
  });
});

Deno.test("TransactionJournal.spentOn() books what a replacement adds on the day that it is signed", async () => {
  const disk = createForgetfulDisk();
  {
    await using journal = await open(disk);
    const [entry] = await journal.sign([signed(0)]);
    await journal.sign([signed(0, { kind: "speed-up", maxCostWei: 180n, signedAtMs: NOON_MS + DAY_MS })]);
    assert.deepEqual(journal.spentOn("2026-11-30").day, { transactions: 1, wei: 100n });
    assert.deepEqual(journal.spentOn("2026-12-01"), {
      day: { transactions: 0, wei: 80n },
      month: { transactions: 0, wei: 80n },
    });
    // Cheaper than feared: no more room today than there was.
    await journal.note([{ entry: entry!, state: "mined", mined: MINED }], NOON_MS + DAY_MS);
    assert.equal(journal.spentOn("2026-11-30").day.wei, 100n);
    await journal.note([{ entry: entry!, state: "final", mined: MINED }], NOON_MS + DAY_MS);
    assert.equal(journal.spentOn("2026-12-01").day.wei, 80n);
    assert.equal(journal.spentOn("2026-11-30").day.wei + journal.spentOn("2026-12-01").day.wei, 30n);
  }
  await using reopened = await open(disk);
  assert.equal(reopened.spentOn("2026-12-01").day.wei, 80n);
});

Deno.test("TransactionJournal.recall() reads what is settled from disk, as memory keeps a few words of it", async () => {
  const disk = createForgetfulDisk();
  {
    await using journal = await open(disk);
    const entries = await journal.sign(Array.from({ length: 100 }, (_, nonce) => signed(nonce)));
    await journal.note(
      entries.map((entry) => ({
        entry,
        state: entry.nonce % 2 === 0 ? "final" : "failed",
        mined: { ...MINED, blockNumber: BigInt(entry.nonce), ...(entry.nonce % 2 && { isReverted: true }) },
        ...(entry.nonce % 2 && { failure: `reason ${entry.nonce}` }),
      })),
      NOON_MS,
    );
  }
  await using journal = await open(disk);
  assert.deepEqual(journal.live(), []);
  assert.equal(journal.recentlySettled().length, 64);
  assert.equal(journal.recentlySettled()[0]!.nonce, 36);
  for (const nonce of [0, 1, 98, 99]) {
    assert.equal(journal.find(`key ${nonce}`), undefined);
    const settled = journal.settled(`key ${nonce}`)!;
    assert.deepEqual(Object.keys(settled), ["key", "nonce", "state", "block"]);
    const { mined, failure } = await journal.recall(settled);
    assert.equal(mined?.blockNumber, BigInt(nonce));
    assert.equal(failure, nonce % 2 ? `reason ${nonce}` : undefined);
  }
});
