import assert from "node:assert/strict";
import { join } from "node:path";
import { type Ledger, type NewLedgerLine, openLedger } from "../../../lib/chain/ledger.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const line = (n: number): NewLedgerLine => ({
  transactionId: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
  hash: n.toString(16).padStart(64, "0"),
  metadata: "m",
  timestamp: 1_700_000_000,
  submitter: "local:pot/test",
  key: `key ${n}`,
});
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i));
const append = (ledger: Ledger, added: readonly NewLedgerLine[]) =>
  ledger.append(() => Promise.resolve(added));

/** Files that count the bytes read through handles. */
function counting(files: FileLayer): { readonly files: FileLayer; readonly readBytes: () => number } {
  let total = 0;
  const open: FileLayer["open"] = async (path, options) => {
    const handle = await files.open(path, options);
    return {
      ...handle,
      async readAt(offset, lengthBytes) {
        const bytes = await handle.readAt(offset, lengthBytes);
        total += bytes.length;
        return bytes;
      },
    };
  };
  return { files: { ...files, open }, readBytes: () => total };
}

async function inFolder(work: (path: string, indexPath: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "ledger.jsonl"), join(folder, "ledger.sqlite"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openLedger() finds one of ten thousand lines without reading the others", () =>
  inFolder(async (path, indexPath) => {
    {
      await using ledger = openLedger(path, { files: denoFiles, indexPath });
      for (let from = 0; from < 10_000; from += 1_000) await append(ledger, lines(from, from + 1_000));
    }
    {
      // Makes the index, where the first run found no file to put it beside.
      await using ledger = openLedger(path, { files: denoFiles, indexPath });
      assert.equal(await ledger.read((reads) => reads.lineCount()), 10_000);
    }
    const { files, readBytes } = counting(denoFiles);
    await using ledger = openLedger(path, { files, indexPath });
    const [found, byKey, absent] = await ledger.read((reads) =>
      Promise.all([
        reads.findId(line(4_321).transactionId),
        reads.findKey("local:pot/test", "key 9999"),
        reads.findId(line(10_000).transactionId),
      ])
    );
    assert.deepEqual(found, { ...line(4_321), blockNumber: 4_322 });
    assert.deepEqual(byKey, { ...line(9_999), blockNumber: 10_000 });
    assert.equal(absent, undefined);
    assert.ok(readBytes() < 2_000, `${readBytes()} bytes read`);
  }));

Deno.test("openLedger() makes a lost, damaged or foreign index again", () =>
  inFolder(async (path, indexPath) => {
    await using writer = openLedger(path, { files: denoFiles });
    await append(writer, lines(0, 3));
    const harms = [
      () => Promise.resolve(),
      () => Deno.remove(indexPath),
      () => Deno.writeFile(indexPath, new Uint8Array(9_000).fill(7)),
      () => Deno.truncate(indexPath, 5_000),
    ];
    for (const harm of harms) {
      await harm();
      await using ledger = openLedger(path, { files: denoFiles, indexPath });
      assert.deepEqual(await ledger.read((reads) => reads.findId(line(2).transactionId)), {
        ...line(2),
        blockNumber: 3,
      });
    }
    {
      await Deno.writeTextFile(path, `${JSON.stringify({ ...line(7), blockNumber: 1 })}\n`);
      await using ledger = openLedger(path, { files: denoFiles, indexPath });
      assert.equal(await ledger.read((reads) => reads.lineCount()), 1);
      assert.equal(await ledger.read((reads) => reads.findId(line(2).transactionId)), undefined);
    }
  }));

Deno.test("openLedger() goes on in memory where no index can be written", () =>
  inFolder(async (path) => {
    await using writer = openLedger(path, { files: denoFiles });
    await append(writer, lines(0, 2));
    await using ledger = openLedger(path, { files: denoFiles, indexPath: join(path, "no", "folder.sqlite") });
    assert.equal(await ledger.read((reads) => reads.lineCount()), 2);
  }));

Deno.test("Ledger.append() writes all lines or none, and sees what another process wrote", async () => {
  const disk = createForgetfulDisk();
  await using one = openLedger("/ledger", { files: disk.mount() });
  await using two = openLedger("/ledger", { files: disk.mount() });
  await append(one, lines(0, 2));
  const written = await two.append(async (reads) => {
    assert.equal(reads.lineCount(), 2);
    assert.notEqual(await reads.findKey("local:pot/test", "key 1"), undefined);
    assert.equal(await reads.findKey("local:pot/other", "key 1"), undefined);
    return lines(2, 4);
  });
  assert.deepEqual(written.map(({ blockNumber }) => blockNumber), [3, 4]);
  assert.equal(await one.read((reads) => reads.lineCount()), 4);
  disk.failNext("sync", new Error("disk full"));
  await assert.rejects(() => append(one, lines(4, 6)));
  assert.equal(await two.read((reads) => reads.lineCount()), 4);
  await append(one, lines(4, 6));
  assert.equal(await two.read((reads) => reads.lineCount()), 6);
});

Deno.test("openLedger() refuses a line that repeats an id or a key, and names it", async () => {
  for (
    const repeated of [{ ...line(5), transactionId: line(0).transactionId }, { ...line(5), key: "key 1" }]
  ) {
    const disk = createForgetfulDisk();
    const files = disk.mount();
    const text = [...lines(0, 3), repeated].map((value, i) =>
      `${JSON.stringify({ ...value, blockNumber: i + 1 })}\n`
    );
    (await files.open("/ledger")).close();
    disk.poke("/ledger", new TextEncoder().encode(text.join("")));
    await using ledger = openLedger("/ledger", { files });
    await assert.rejects(() => ledger.read((reads) => reads.lineCount()), {
      message: "Cannot read the local ledger as a line repeats the id or key of an earlier one",
      facts: ["file: /ledger", "line: 4"],
    });
  }
});

Deno.test("openLedger() refuses a line without end before it fills the memory", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  (await files.open("/ledger")).close();
  disk.poke("/ledger", new Uint8Array(5 * 1024 * 1024).fill(0x20));
  await using ledger = openLedger("/ledger", { files });
  await assert.rejects(() => ledger.read((reads) => reads.lineCount()), {
    message: "Cannot read /ledger as it is damaged at line 1",
  });
});
