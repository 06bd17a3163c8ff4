import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileLog, type OpenFileLogOptions } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { testDraft, testLogOptions } from "../../_fakes/test_log.ts";

Deno.test("openFileLog() rebuilds a lost or broken index from bundles and write-ahead file", () =>
  inFolder(async (folder) => {
    const before = await fill(folder);
    const harms = [
      () => Deno.removeSync(`${folder}/index.sqlite`),
      () => Deno.writeFileSync(`${folder}/index.sqlite`, new Uint8Array(9_000).fill(7)),
      () => Deno.writeFileSync(`${folder}/index.sqlite`, new Uint8Array()),
      () => Deno.truncateSync(`${folder}/index.sqlite`, 5_000),
    ];
    for (const harm of harms) {
      harm();
      await using log = await open(folder);
      assert.deepEqual(await describe(log), before);
    }
  }));

Deno.test("openFileLog() reads no more than the end of the log when the index is there", () =>
  inFolder(async (folder) => {
    const before = await fill(folder);
    const unexpected = () => {
      throw new Error("an entry was read again");
    };
    await using log = await open(folder, { eventKeyOf: unexpected });
    assert.deepEqual(await describe(log), before);
  }));

Deno.test("openFileLog() rebuilds an index that is ahead of the log", () =>
  inFolder(async (folder) => {
    const before = await fill(folder);
    const writeAhead = await Deno.readFile(`${folder}/write-ahead`);
    {
      await using log = await open(folder);
      await log.append(testDraft("late", 0));
      await log.append(testDraft("late", 1));
    }
    const later = await Deno.readFile(`${folder}/write-ahead`);
    for (const sizeBytes of [writeAhead.length, later.length - 1]) {
      await Deno.writeFile(`${folder}/write-ahead`, later.subarray(0, sizeBytes));
      await using log = await open(folder);
      assert.equal(await log.size(), sizeBytes === writeAhead.length ? 303n : 304n);
      assert.equal((await log.append(testDraft("late", 1))).isDuplicate, false);
    }
    await Deno.writeFile(`${folder}/write-ahead`, writeAhead);
    await using log = await open(folder);
    assert.deepEqual(await describe(log), before);
  }));

Deno.test("openFileLog() rebuilds an index of another history in a file of the same size", () =>
  inFolder(async (folder) => {
    await fill(folder);
    const writeAhead = await Deno.readFile(`${folder}/write-ahead`);
    const append = async (n: number) => {
      await using log = await open(folder);
      return (await log.append(testDraft("late", n))).id;
    };
    const first = await append(1);
    await Deno.truncate(`${folder}/write-ahead`, writeAhead.length);
    await Deno.copyFile(`${folder}/index.sqlite`, `${folder}/index.copy`);
    const second = await append(2);
    await Deno.copyFile(`${folder}/index.copy`, `${folder}/index.sqlite`);

    await using log = await open(folder);
    assert.equal(await log.find(first), undefined);
    assert.equal(await log.find(second), 303n);
  }));

Deno.test("openFileLog() indexes what a dead process appended without indexing it", () =>
  inFolder(async (folder) => {
    await fill(folder);
    await Deno.copyFile(`${folder}/index.sqlite`, `${folder}/index.copy`);
    {
      await using log = await open(folder);
      await log.append(testDraft("late", 0));
    }
    await Deno.rename(`${folder}/index.copy`, `${folder}/index.sqlite`);
    await using log = await open(folder);
    assert.equal(await log.size(), 304n);
    assert.equal((await log.append(testDraft("late", 0))).isDuplicate, true);
  }));

Deno.test("openFileLog() goes on after a process died between replacing the write-ahead file and indexing that", () =>
  inFolder(async (folder) => {
    const before = await fill(folder);
    await Deno.copyFile(`${folder}/index.sqlite`, `${folder}/index.copy`);
    {
      await using log = await open(folder, { writeAheadLimitBytes: 1 });
      await log.checkpoint();
    }
    await Deno.rename(`${folder}/index.copy`, `${folder}/index.sqlite`);
    await using log = await open(folder);
    assert.deepEqual((await describe(log)).ids, before.ids);
    assert.equal((await log.append(testDraft("late", 0))).index, 303n);
  }));

Deno.test("openFileLog() does not go on quietly when the write-ahead file is gone", () =>
  inFolder(async (folder) => {
    await fill(folder);
    await Deno.remove(`${folder}/write-ahead`);
    await assert.rejects(() => open(folder), {
      message: "Cannot use the log as its write-ahead file is gone",
      facts: [`file: ${folder}/write-ahead`, "records it held: 3"],
      hint: "restore it from a backup, or delete index.sqlite to go on with the first 300 records",
    });
    await Deno.remove(`${folder}/index.sqlite`);
    await using log = await open(folder);
    assert.equal(await log.size(), 300n);
    assert.equal((await log.append(testDraft("late", 0))).index, 300n);
  }));

Deno.test("openFileLog() opens beside a process that holds the lock", () =>
  inFolder(async (folder) => {
    const before = await fill(folder);
    using _held = await denoFiles.lock(`${folder}/log.lock`);
    await using log = await open(folder);
    assert.deepEqual(await describe(log), before);
  }));

/** 300 published records in a write-ahead file that was replaced, and 3 more. */
async function fill(folder: string) {
  await using log = await open(folder, { writeAheadLimitBytes: 1_000 });
  await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(testDraft(`run ${n % 3}`, n))));
  await log.checkpoint();
  for (let n = 0; n < 3; n++) await log.append(testDraft("tail", n));
  return await describe(log);
}

async function describe(log: Log) {
  const ids: string[] = [];
  const size = await log.size();
  for (let index = 0n; index < size; index++) {
    ids.push(toHex(leafHash((await log.entry(index))!)));
  }
  const runs = await log.runs();
  return { size, runs, indices: await Promise.all(runs.map(({ runId }) => log.runIndices(runId))), ids };
}

function open(folder: string, more: Partial<OpenFileLogOptions> = {}): Promise<Log> {
  return openFileLog(folder, testLogOptions(denoFiles, more));
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
