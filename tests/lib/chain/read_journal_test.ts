import assert from "node:assert/strict";
import { join } from "node:path";
import { journalPath, openJournal } from "../../../lib/chain/journal.ts";
import type { SignedFrame } from "../../../lib/chain/journal_entry.ts";
import { readJournal } from "../../../lib/chain/read_journal.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const NOW_MS = Date.UTC(2026, 10, 22, 12);
const signed = (nonce: number): Omit<SignedFrame, "type" | "chainId"> => ({
  key: `key ${nonce}`,
  purpose: "anchor",
  nonce,
  records: 1,
  kind: "first",
  hash: `0x${"1".repeat(64)}`,
  raw: "0x02f8",
  fees: { type: "legacy", gasPriceWei: 1n },
  maxCostWei: 100n,
  signedAtMs: NOW_MS,
});

Deno.test("readJournal() sees what the holder has written, and touches nothing", () =>
  inTemporaryFolder(async (folder) => {
    const place = { folder: join(folder, "journal"), address: ADDRESS, chainId: 7, files: denoFiles };
    assert.equal(await readJournal(place), undefined);
    await assert.rejects(Deno.stat(place.folder), Deno.errors.NotFound);

    await using journal = await openJournal({ ...place, address: ADDRESS });
    await journal.sign([signed(0), signed(1)]);
    const [first] = journal.live();
    await journal.note([{ entry: first!, state: "failed", failure: "lost" }], NOW_MS);
    await journal.tell({ name: "clock-skew", subject: "a", detail: "b", atMs: NOW_MS });
    const path = journalPath(place.folder, ADDRESS);
    const before = await Deno.readFile(path);
    const view = await readJournal(place);
    assert.deepEqual(view?.live, journal.live());
    assert.deepEqual(view?.settled, journal.recentlySettled());
    assert.deepEqual(view?.events, journal.events());
    assert.deepEqual(view?.metrics, journal.metrics());
    assert.deepEqual(view?.spentOn("2026-11-22"), journal.spentOn("2026-11-22"));
    assert.equal((await readJournal({ ...place, chainId: 8 }))?.live.length, 0);

    // An append that is half on disk is the holder's business.
    using file = await Deno.open(path, { append: true });
    await file.write(before.subarray(0, 20));
    assert.deepEqual((await readJournal(place))?.live, view?.live);
    assert.equal((await Deno.stat(path)).size, before.length + 20);
    await journal.sign([signed(2)]);
    assert.equal((await readJournal(place))?.live.length, 2);
  }));
