import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import type { SignedHead } from "../../../lib/core/log_head.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import type { AppendResult, Log, LogDraft } from "../../../lib/log/log.ts";
import {
  createForgetfulDisk,
  type ForgetfulDisk,
  type Keep,
  PowerCut,
} from "../../_fakes/forgetful_files.ts";
import { parseTestRecord, testDraft, testLogOptions } from "../../_fakes/test_log.ts";

/** Small enough that the workload replaces the write-ahead file more than once. */
const WRITE_AHEAD_LIMIT_BYTES = 900;

/** What the workload was promised before the power went. */
interface Promises {
  readonly submitted: Map<string, LogDraft>;
  readonly appended: AppendResult[];
  readonly checkpoints: SignedHead[];
}

type Workload = (log: Log, promises: Promises) => Promise<void>;

Deno.test("openFileLog() keeps every resolved append through a power cut at any call", async () => {
  await cutEverywhere(smallWorkload, (call) => [
    "nothing",
    "everything",
    { prefix: call },
    { prefix: 1_000 + call },
    { some: call },
    { some: 1_000 + call },
  ]);
});

Deno.test("openFileLog() keeps every resolved append through a power cut while tiles fill up", async () => {
  await cutEverywhere(tileWorkload, (call) => [
    call % 3 === 0 ? "nothing" : call % 3 === 1 ? { prefix: call } : { some: call },
  ]);
});

Deno.test("openFileLog() shows no record that a power cut could still take, whoever wrote it", async () => {
  const disk = createForgetfulDisk();
  await work(disk.mount(), smallWorkload, emptyPromises());
  const total = disk.calls;

  for (let call = 1; call <= total; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    await assert.rejects(() => work(disk.mount(), smallWorkload, emptyPromises()));
    disk.kill();

    const promises = emptyPromises();
    await using log = await openTestLog(disk.mount());
    const hashes = await leafHashesOf(log);
    promises.appended.push(
      ...hashes.map((hash, i) => ({ id: toHex(hash), index: BigInt(i), isDuplicate: false })),
    );
    disk.cutPower("nothing");
    await checkPromises(disk, promises, hashes.length);
  }
});

async function smallWorkload(log: Log, promises: Promises): Promise<void> {
  const append = appender(log, promises);
  await append(testDraft("a", 0), testDraft("b", 0), testDraft("a", 1));
  await append(testDraft("a", 2, "x".repeat(1_200)));
  await checkpoint(log, promises);
  await append(testDraft("a", 1), testDraft("c", 0));
  await append(testDraft("b", 1));
  await checkpoint(log, promises);
  await append(testDraft("b", 2, "y".repeat(900)));
  await checkpoint(log, promises);
  await append(testDraft("b", 3), testDraft("b", 3));
}

async function tileWorkload(log: Log, promises: Promises): Promise<void> {
  const append = appender(log, promises);
  await append(...Array.from({ length: 250 }, (_, n) => testDraft("a", n)));
  await checkpoint(log, promises);
  await append(...Array.from({ length: 5 }, (_, n) => testDraft("b", n)));
  await checkpoint(log, promises);
  await append(testDraft("c", 0), testDraft("c", 1));
  await checkpoint(log, promises);
}

function appender(log: Log, { submitted, appended }: Promises) {
  return async (...drafts: readonly LogDraft[]) => {
    for (const draft of drafts) submitted.set(toHex(draft.eventKey), draft);
    await Promise.all(drafts.map(async (draft) => void appended.push(await log.append(draft))));
  };
}

async function checkpoint(log: Log, { checkpoints }: Promises): Promise<void> {
  const head = await log.checkpoint();
  if (head) checkpoints.push(head);
}

/** Runs the workload once for each of its calls into the file layer, cuts the power there, and looks at what is left. */
async function cutEverywhere(workload: Workload, variants: (call: number) => readonly Keep[]): Promise<void> {
  const disk = createForgetfulDisk();
  const promises = emptyPromises();
  await work(disk.mount(), workload, promises);
  const total = disk.calls;
  assert.ok(total > 50 && promises.checkpoints.length > 2);

  for (let call = 1; call <= total; call++) {
    for (const keep of variants(call)) {
      try {
        await cutAndCheck(workload, call, keep);
      } catch (error) {
        throw new Error(`power cut at call ${call} of ${total}, keeping ${JSON.stringify(keep)}`, {
          cause: error,
        });
      }
    }
  }
}

async function cutAndCheck(workload: Workload, call: number, keep: Keep): Promise<void> {
  const disk = createForgetfulDisk();
  const promises = emptyPromises();
  disk.cutAtCall(call);
  await assert.rejects(
    () => work(disk.mount(), workload, promises),
    (error) => rootCause(error) instanceof PowerCut,
  );
  disk.cutPower(keep);
  await checkPromises(disk, promises);
}

async function work(files: FileLayer, workload: Workload, promises: Promises): Promise<void> {
  await using log = await openTestLog(files);
  await workload(log, promises);
}

function openTestLog(files: FileLayer): Promise<Log> {
  return openFileLog(
    "/log",
    testLogOptions(files, { indexPath: ":memory:", writeAheadLimitBytes: WRITE_AHEAD_LIMIT_BYTES }),
  );
}

async function checkPromises(disk: ForgetfulDisk, promises: Promises, sizeBefore = 0): Promise<void> {
  await using log = await openTestLog(disk.mount());
  const hashes = await leafHashesOf(log);

  for (const { id, index } of promises.appended) {
    assert.equal(toHex(hashes[Number(index)]!), id, `record ${index} is there`);
    assert.equal(await log.find(id), index);
  }
  const published = await log.publishedCheckpoint();
  const promisedSize = promises.checkpoints.at(-1)?.size ?? 0n;
  assert.ok((published?.size ?? 0n) >= promisedSize, "the published checkpoint is still there");
  if (published) await assertHead(log, published, hashes);
  for (const head of promises.checkpoints) await assertHead(log, head, hashes);

  // Whoever got no answer submits again: each event stands in the log once.
  for (const draft of promises.submitted.values()) await log.append(draft);
  const size = BigInt(Math.max(promises.submitted.size, sizeBefore));
  assert.equal(await log.size(), size);
  await assertWholeRuns(log);
  const last = await log.checkpoint();
  if (last) await assertHead(log, last, await leafHashesOf(log));
  assert.equal(last?.size ?? 0n, size);
}

async function assertHead(
  log: Log,
  { size, root }: SignedHead,
  hashes: readonly Uint8Array[],
): Promise<void> {
  assert.deepEqual(merkleRoot(hashes.slice(0, Number(size))), root, `root at size ${size}`);
  assert.deepEqual((await log.headAt(size)).root, root);
}

/** Each record names the one before it in its run; none is there twice. */
async function assertWholeRuns(log: Log): Promise<void> {
  for (const { runId } of await log.runs()) {
    let previous: string | undefined;
    const seen = new Set<number>();
    for (const index of await log.runIndices(runId)) {
      const bytes = (await log.entry(index))!;
      const record = parseTestRecord(bytes);
      assert.equal(record.previous, previous);
      assert.ok(!seen.has(record.n), `${runId} ${record.n} is there once`);
      seen.add(record.n);
      previous = toHex(leafHash(bytes));
    }
  }
}

async function leafHashesOf(log: Log): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (let index = 0n; index < await log.size(); index++) {
    const bytes = (await log.entry(index))!;
    parseTestRecord(bytes);
    hashes.push(leafHash(bytes));
  }
  return hashes;
}

function emptyPromises(): Promises {
  return { submitted: new Map(), appended: [], checkpoints: [] };
}

function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error;
}
