import assert from "node:assert/strict";
import { CorruptFileError } from "../../../lib/io/corrupt_file_error.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { parseTestRecord, testDraft, testLogOptions } from "../../_fakes/test_log.ts";

const WRITE_AHEAD = "/log/write-ahead";

Deno.test("openFileLog() finds every append wholly before a cut at any byte, and no half record", async () => {
  const { disk, bytes, ends } = await sixRecords();
  for (let cut = ends[0]!; cut <= bytes.length; cut++) {
    disk.poke(WRITE_AHEAD, bytes.slice(0, cut));
    await using log = await open(disk);
    const expected = ends.filter((end) => end <= cut).length - 1;
    assert.equal(await log.size(), BigInt(expected), `cut at ${cut}`);
    assert.deepEqual(await numbers(log), Array.from({ length: expected }, (_, n) => n));

    await log.append(testDraft("a", 100));
    await log.checkpoint();
    assert.deepEqual(await numbers(log), [...Array.from({ length: expected }, (_, n) => n), 100]);
    await forget(disk);
  }
});

Deno.test("openFileLog() reports a flipped byte before intact frames, and cuts nothing", async () => {
  const { disk, bytes, ends } = await sixRecords();
  for (let at = 0; at < ends.at(-2)!; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 0x04;
    disk.poke(WRITE_AHEAD, damaged);
    await assert.rejects(() => open(disk), CorruptFileError, `flipped at ${at}`);
    assert.deepEqual(disk.peek(WRITE_AHEAD), damaged);
  }
  disk.poke(WRITE_AHEAD, bytes);
  await using log = await open(disk);
  assert.equal((await numbers(log)).length, 6);
});

Deno.test("entry() and checkpoint() report a byte flipped while the log is open", async () => {
  const { disk, bytes, ends } = await sixRecords();
  await using log = await open(disk);
  const damaged = bytes.slice();
  damaged[ends[2]! - 1]! ^= 0x04;
  disk.poke(WRITE_AHEAD, damaged);
  await assert.rejects(() => log.entry(1n), {
    message: "Cannot read /log as it is damaged at entry 1",
  });
  await assert.rejects(() => log.checkpoint(), {
    message: `Cannot read /log/write-ahead as it is damaged at byte ${ends[1]}`,
  });
});

Deno.test("entry() and openFileLog() report a byte flipped in a bundle", async () => {
  const disk = createForgetfulDisk();
  await using log = await open(disk, 1);
  await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(testDraft("a", n))));
  await log.checkpoint();
  await log.entry(299n);
  const bundle = disk.peek("/log/tile/entries/000")!;
  bundle[10]! ^= 0x04;
  disk.poke("/log/tile/entries/000", bundle);
  await assert.rejects(() => log.entry(0n), { message: "Cannot read /log as it is damaged at entry 0" });
  await assert.rejects(() => open(disk), { message: "Cannot read /log/tile as it is damaged at entry 0" });
});

Deno.test("openFileLog() reports a write-ahead file that ends before its checkpoint", async () => {
  const { disk, bytes, ends } = await sixRecords();
  {
    await using log = await open(disk);
    await log.checkpoint();
  }
  disk.poke(WRITE_AHEAD, bytes.slice(0, ends[4]));
  await assert.rejects(() => open(disk), {
    message: "Cannot read /log/write-ahead as it is damaged at entry 4",
  });
});

Deno.test("openFileLog() reports a write-ahead file that begins after its checkpoint", async () => {
  const { disk } = await sixRecords();
  {
    await using log = await open(disk, 1);
    await log.checkpoint();
  }
  await disk.mount().remove("/log/checkpoint");
  await assert.rejects(() => open(disk), {
    message: "Cannot read /log/write-ahead as it is damaged at byte 0",
  });
});

/** A log with six records in frames of their own, and where the header and each of those ends. */
async function sixRecords(): Promise<{ disk: ForgetfulDisk; bytes: Uint8Array; ends: readonly number[] }> {
  const disk = createForgetfulDisk();
  await using log = await open(disk);
  const ends = [disk.peek(WRITE_AHEAD)!.length];
  for (let n = 0; n < 6; n++) {
    await log.append(testDraft("a", n));
    ends.push(disk.peek(WRITE_AHEAD)!.length);
  }
  return { disk, bytes: disk.peek(WRITE_AHEAD)!, ends };
}

/** Undoes a checkpoint. */
async function forget(disk: ForgetfulDisk): Promise<void> {
  await disk.mount().remove("/log/checkpoint");
}

async function numbers(log: Log): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0n; index < await log.size(); index++) {
    found.push(parseTestRecord((await log.entry(index))!).n);
  }
  return found;
}

function open(disk: ForgetfulDisk, writeAheadLimitBytes = 1_000_000): Promise<Log> {
  return openFileLog("/log", testLogOptions(disk.mount(), { indexPath: ":memory:", writeAheadLimitBytes }));
}
