import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { verifyConsistency } from "../../../lib/core/merkle/verify_consistency.ts";
import { verifyInclusion } from "../../../lib/core/merkle/verify_inclusion.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileLog, type OpenFileLogOptions } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { parseTestRecord, testDraft, testLogOptions } from "../../_fakes/test_log.ts";

Deno.test("append() chains a run's records and answers a duplicate with the first one", async () => {
  await using log = await open();
  const a0 = await log.append(testDraft("a", 0));
  const [b0, a1, again] = await Promise.all([
    log.append(testDraft("b", 0)),
    log.append(testDraft("a", 1)),
    log.append(testDraft("b", 0)),
  ]);
  assert.deepEqual([a0.index, b0.index, a1.index], [0n, 1n, 2n]);
  assert.deepEqual(again, { ...b0, isDuplicate: true });
  assert.deepEqual(await log.append(testDraft("a", 0)), { ...a0, isDuplicate: true });

  const record = (await log.entry(2n))!;
  assert.equal(a1.id, toHex(leafHash(record)));
  assert.equal(parseTestRecord(record).previous, a0.id);
  assert.equal(await log.size(), 3n);
});

Deno.test("append() calls build once, and not at all for a duplicate", async () => {
  await using log = await open();
  let calls = 0;
  const draft = testDraft("a", 0);
  const counted = { ...draft, build: (previous: string | undefined) => (calls++, draft.build(previous)) };
  await Promise.all([log.append(counted), log.append(counted)]);
  await log.append(counted);
  assert.equal(calls, 1);
});

Deno.test("append() rejects a record that cannot be one, for that caller alone", async () => {
  await using log = await open();
  const bad = (n: number, build: () => Uint8Array) => log.append({ ...testDraft("bad", n), build });
  const [good, empty, large, thrown, largest] = await Promise.allSettled([
    log.append(testDraft("a", 0)),
    bad(0, () => new Uint8Array()),
    bad(1, () => new Uint8Array(65_536)),
    bad(2, () => {
      throw new Error("cannot build");
    }),
    log.append(testDraft("a", 1, "x".repeat(65_300))),
  ]);
  assert.equal(good.status, "fulfilled");
  assert.equal(largest.status, "fulfilled");
  await assert.rejects(() => outcomeOf(empty), {
    message: "Cannot append the record as it is empty",
    exitCode: 2,
  });
  await assert.rejects(() => outcomeOf(large), {
    message: "Cannot append the record as it is too large",
    facts: ["size: 65536 bytes", "limit: 65535 bytes"],
  });
  await assert.rejects(() => outcomeOf(thrown), { message: "cannot build" });
  assert.equal(await log.size(), 2n);
  assert.deepEqual((await log.append(testDraft("bad", 0))).isDuplicate, false);
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

Deno.test("append() and checkpoint() refuse a closed log", async () => {
  const log = await open();
  await log[Symbol.asyncDispose]();
  await log[Symbol.asyncDispose]();
  await assert.rejects(() => log.append(testDraft("a", 0)), {
    message: "Cannot use the log as it was closed",
  });
  await assert.rejects(() => log.checkpoint(), { message: "Cannot use the log as it was closed" });
});

Deno.test("checkpoint() signs the root over everything, once a size", async () => {
  const disk = createForgetfulDisk();
  let signatures = 0;
  const { sign } = testLogOptions(disk.mount());
  await using log = await open(disk, { sign: (head) => (signatures++, sign(head)) });
  assert.equal(await log.checkpoint(), undefined);
  assert.equal(await log.publishedCheckpoint(), undefined);

  const hashes: Uint8Array[] = [];
  for (let n = 0; n < 5; n++) {
    await log.append(testDraft("a", n));
    hashes.push(leafHash((await log.entry(BigInt(n)))!));
    const head = (await log.checkpoint())!;
    assert.equal(head.size, BigInt(n + 1));
    assert.deepEqual(head.root, merkleRoot(hashes));
    assert.deepEqual(await log.checkpoint(), head);
    assert.deepEqual(await log.publishedCheckpoint(), head);
  }
  assert.equal(signatures, 5);
  await log.append(testDraft("a", 5));
  assert.equal((await log.publishedCheckpoint())!.size, 5n);
});

Deno.test("checkpoint() refuses a note over another head, and publishes nothing", async () => {
  const { sign } = testLogOptions(createForgetfulDisk().mount());
  const disk = createForgetfulDisk();
  await using log = await open(disk, { sign: ({ root }) => sign({ root, size: 7n }) });
  await log.append(testDraft("a", 0));
  await assert.rejects(() => log.checkpoint(), {
    message: "Cannot publish the checkpoint as its note is over another head",
  });
  assert.equal(await log.publishedCheckpoint(), undefined);
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

Deno.test("headAt(), inclusionPath() and consistencyPath() answer for every size up to the published one", async () => {
  await using log = await open();
  await appendMany(log, "a", 40);
  const { size, root } = (await log.checkpoint())!;
  await appendMany(log, "b", 2);
  const heads = await Promise.all(Array.from({ length: 40 }, (_, i) => log.headAt(BigInt(i + 1))));
  assert.deepEqual(heads.at(-1), { size, root });
  const hash = leafHash((await log.entry(6n))!);
  for (const head of heads) {
    const path = await log.consistencyPath(head.size, size);
    assert.ok(
      verifyConsistency({ oldSize: head.size, oldRoot: head.root, newSize: size, newRoot: root, path }),
    );
    if (head.size <= 6n) continue;
    const audit = await log.inclusionPath(6n, head.size);
    assert.ok(verifyInclusion({ leafHash: hash, index: 6n, size: head.size, root: head.root, path: audit }));
  }
  await assert.rejects(() => log.headAt(41n), {
    message: "Cannot compute the tree as no checkpoint covers that size yet",
    facts: ["size: 41", "published: 40"],
  });
  await assert.rejects(() => log.headAt(0n), {
    message: "Cannot give the head of an empty tree",
    exitCode: 2,
  });
  await assert.rejects(() => log.inclusionPath(40n, 40n), { exitCode: 2 });
});

Deno.test("entry(), find(), runs() and runIndices() answer for what is there and what is not", async () => {
  await using log = await open();
  const { id } = await log.append(testDraft("b", 0));
  await log.append(testDraft("a", 0));
  await log.append(testDraft("b", 1));
  assert.equal(await log.find(id), 0n);
  for (const unknown of ["0".repeat(64), id.toUpperCase(), id.slice(2), ""]) {
    assert.equal(await log.find(unknown), undefined);
  }
  assert.equal(await log.entry(3n), undefined);
  assert.equal(await log.entry(-1n), undefined);
  assert.deepEqual(await log.runs(), [
    { runId: "b", recordCount: 2, firstIndex: 0n, lastIndex: 2n },
    { runId: "a", recordCount: 1, firstIndex: 1n, lastIndex: 1n },
  ]);
  assert.deepEqual(await log.runIndices("b"), [0n, 2n]);
  assert.deepEqual(await log.runIndices("none"), []);
});

Deno.test("entry() gives a copy that a caller may change", async () => {
  await using log = await open();
  await log.append(testDraft("a", 0));
  await log.checkpoint();
  for (let i = 0; i < 2; i++) {
    const bytes = (await log.entry(0n))!;
    assert.equal(parseTestRecord(bytes).run, "a");
    bytes.fill(0);
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

async function outcomeOf<T>(settled: PromiseSettledResult<T>): Promise<T> {
  if (settled.status === "rejected") throw settled.reason;
  return await Promise.resolve(settled.value);
}
