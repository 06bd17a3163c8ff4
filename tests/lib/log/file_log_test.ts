import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileLog, type OpenFileLogOptions } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import {
  parseTestRecord,
  signTestHead,
  TEST_ORIGIN,
  testDraft,
  testLogOptions,
} from "../../_fakes/test_log.ts";
import { logSuite } from "./log_suite.ts";

logSuite("file log", () => {
  const disk = createForgetfulDisk();
  return Promise.resolve({
    open: ({ origin = TEST_ORIGIN, sign = signTestHead } = {}) => open(disk, { origin, sign }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

logSuite("file log on a disk", async () => {
  const folder = await Deno.makeTempDir();
  return {
    open: ({ origin = TEST_ORIGIN, sign = signTestHead } = {}) =>
      openFileLog(folder, testLogOptions(denoFiles, { origin, sign, writeAheadLimitBytes: 20_000 })),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
});

Deno.test("append() rejects a whole batch whose sync fails, and takes it afterwards", async () => {
  for (const kind of ["sync", "writeAt"] as const) {
    const disk = createForgetfulDisk();
    await using log = await open(disk);
    await log.append(testDraft("a", 0));
    disk.failNext(kind, new Error("input/output error"));
    const failed = await Promise.allSettled([1, 2].map((n) => log.append(testDraft("a", n))));
    assert.deepEqual(failed.map(({ status }) => status), ["rejected", "rejected"]);
    assert.equal(await log.size(), 1n);
    const retried = await Promise.all([1, 2].map((n) => log.append(testDraft("a", n))));
    assert.deepEqual(retried.map(({ index, isDuplicate }) => [index, isDuplicate]), [[1n, false], [
      2n,
      false,
    ]]);
  }
});

Deno.test("append() gives up the wait for the lock when its signal aborts", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using log = await openFileLog(folder, testLogOptions(denoFiles));
    const held = await denoFiles.lock(`${folder}/log.lock`);
    const controller = new AbortController();
    const waiting = log.append(testDraft("a", 0), { signal: controller.signal });
    const checkpoint = log.checkpoint({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(() => waiting, { message: "enough" });
    await assert.rejects(() => checkpoint, { message: "enough" });
    assert.equal(await log.size(), 0n);
    held.release();
    assert.equal((await log.append(testDraft("a", 0))).index, 0n);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("checkpoint() refuses to sign over tiles that contradict the published checkpoint", async () => {
  const disk = createForgetfulDisk();
  {
    await using log = await open(disk);
    await appendMany(log, "a", 3);
    await log.checkpoint();
    const tile = disk.peek("/log/tile/0/000.p/3")!;
    tile[40]! ^= 1;
    disk.poke("/log/tile/0/000.p/3", tile);
  }
  await using log = await open(disk);
  await log.append(testDraft("b", 0));
  await assert.rejects(() => log.checkpoint(), {
    message: "Cannot sign a checkpoint as the tiles on disk contradict the published one",
  });
  assert.equal((await log.publishedCheckpoint())!.size, 3n);
});

Deno.test("checkpoint() costs the same however long the log is", async () => {
  const disk = createForgetfulDisk();
  await using log = await open(disk, { writeAheadLimitBytes: 1 });
  const costs: number[] = [];
  for (const count of [300, 2_500]) {
    await appendMany(log, `filling ${count}`, count);
    await log.checkpoint();
    await log.append(testDraft("one", count));
    const before = disk.calls;
    await log.checkpoint();
    costs.push(disk.calls - before);
  }
  assert.ok(costs[1]! <= costs[0]! + 2, `calls into the file layer: ${costs}`);
});

Deno.test("checkpoint() replaces a write-ahead file over the limit, and every entry stays", async () => {
  const disk = createForgetfulDisk();
  await using log = await open(disk, { writeAheadLimitBytes: 5_000 });
  await using other = await open(disk, { writeAheadLimitBytes: 5_000 });
  await appendMany(log, "a", 100);
  await log.checkpoint();
  assert.ok(disk.peek("/log/write-ahead")!.length < 100);
  const { index } = await other.append(testDraft("a", 100));
  assert.equal(index, 100n);
  await log.append(testDraft("a", 101));
  await other.append(testDraft("a", 102));
  for (const one of [log, other]) {
    for (let n = 0n; n < 102n; n++) assert.equal(parseTestRecord((await one.entry(n))!).n, Number(n));
  }
});

Deno.test("openFileLog() refuses a log of another origin", async () => {
  const disk = createForgetfulDisk();
  {
    await using log = await open(disk);
    await log.append(testDraft("a", 0));
    await log.checkpoint();
  }
  await assert.rejects(() => open(disk, { origin: "pot/other" }), {
    message: "Cannot use the log as its checkpoint is another log's",
    facts: ["file: /log/checkpoint", "its origin: pot/test", "this log's origin: pot/other"],
  });
});

async function appendMany(log: Log, run: string, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => log.append(testDraft(run, n))));
}

function open(
  disk: ForgetfulDisk = createForgetfulDisk(),
  more: Partial<OpenFileLogOptions> = {},
): Promise<Log> {
  return openFileLog("/log", testLogOptions(disk.mount(), { indexPath: ":memory:", ...more }));
}
