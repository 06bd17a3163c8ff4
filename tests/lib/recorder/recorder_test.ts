import assert from "node:assert/strict";
import { parseRecord } from "../../../lib/core/parse_record.ts";
import { PotError } from "../../../lib/core/errors.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import {
  makeTempFolder,
  NOW,
  openRecorder,
  recordSteps,
  verifierKey,
} from "../../_fakes/recorder_fixture.ts";

Deno.test("record() keeps what happened, chains a run's records and salts each", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder, log } = opened;
  const a1 = await recorder.recordCheckpoint({
    runId: "a",
    step: 1,
    metrics: { loss: NaN, up: Infinity, down: -Infinity },
  });
  const b1 = await recorder.recordCheckpoint({ runId: "b", step: 1 });
  const a2 = await recorder.recordValidation({ runId: "a", step: 1, metrics: { accuracy: 0.5 } });
  const a3 = await recorder.record({ kind: "custom", runId: "a", parameters: { note: "end" } });
  const records = await Promise.all(
    [a1, b1, a2, a3].map(async ({ index }) => parseRecord((await log.entry(index))!)),
  );
  assert.deepEqual([a1, b1, a2, a3].map(({ index }) => index), [0n, 1n, 2n, 3n]);
  assert.deepEqual(records.map(({ kind }) => kind), ["checkpoint", "checkpoint", "validation", "custom"]);
  assert.deepEqual(records.map(({ previous }) => previous), [undefined, undefined, a1.id, a2.id]);
  assert.deepEqual(records[0]!.metrics, { loss: "NaN", up: "Infinity", down: "-Infinity" });
  assert.ok(records.every(({ recordedAt }) => recordedAt === "2026-01-31T12:00:00.000Z"));
  assert.equal(new Set(records.map(({ salt }) => salt)).size, 4);
});

Deno.test("record() answers the same event with the first record, also from another recorder", async () => {
  await using folder = await makeTempFolder();
  await using one = await openRecorder(folder.path);
  await using two = await openRecorder(folder.path, { clock: { now: () => NOW + 60_000 } });
  const event = { runId: "run-1", step: 7, metrics: { loss: 0.25 } };
  const first = await one.recorder.recordCheckpoint(event);
  assert.equal(first.isDuplicate, false);
  for (const { recorder } of [one, two]) {
    assert.deepEqual(await recorder.recordCheckpoint(event), { ...first, isDuplicate: true });
  }
  const results = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) => (i % 2 ? one : two).recorder.recordCheckpoint({ runId: "run-1", step: 8 }),
    ),
  );
  assert.equal(results.filter(({ isDuplicate }) => !isDuplicate).length, 1);
  assert.equal(new Set(results.map(({ id }) => id)).size, 1);
  assert.equal(await one.log.size(), 2n);
  assert.equal((await one.recorder.recordValidation({ runId: "run-1", step: 8 })).isDuplicate, false);
});

Deno.test("record() refuses a malformed event and leaves the log as it was", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder, log } = opened;
  await assert.rejects(() => recorder.recordCheckpoint({ runId: "run-1" }), PotError);
  await assert.rejects(() => recorder.recordCheckpoint({ runId: "no such/name", step: 1 }), PotError);
  await assert.rejects(
    () => recorder.recordCheckpoint({ runId: "r", step: 1, parameters: { x: "é".repeat(40_000) } }),
    {
      message: "Cannot record the event as it is too large",
    },
  );
  await assert.rejects(
    () =>
      recorder.recordCheckpoint({ runId: "run-1", step: 1 }, {
        signal: AbortSignal.abort(new Error("stop")),
      }),
    { message: "stop" },
  );
  assert.equal(await log.size(), 0n);
});

Deno.test("anchorPending() with the local ledger: once for many, nothing when nothing waits, proofs keep holding", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder } = opened;
  assert.deepEqual(await recorder.anchorPending(), { recordCount: 0, storedCount: 0 });
  const [first] = await recordSteps(recorder, 1, 30);
  const pending = await recorder.prove(first!);
  assert.deepEqual(await verifyProof(pending).then(({ ok, state }) => [ok, state]), [true, "pending"]);

  const { recordCount, anchor } = await recorder.anchorPending();
  assert.deepEqual([recordCount, anchor?.size, anchor?.facts.state], [30, 30n, "local"]);
  assert.deepEqual(await recorder.anchorPending(), { recordCount: 0, storedCount: 0, anchor });
  const proof = await recorder.prove(first!);
  await recordSteps(recorder, 31, 33);
  assert.equal((await recorder.anchorPending()).recordCount, 3);
  for (const kept of [pending, proof, await recorder.prove(first!)]) {
    assert.equal((await verifyProof(kept, { logKey: verifierKey })).ok, true);
  }
  // The first anchor that covers it shows the earliest time.
  assert.deepEqual((await recorder.prove(first!)).anchors.map(({ size }) => size), [30n]);
  assert.equal(
    (await Deno.readTextFile(`${folder.path}/provenance_records.jsonl`)).split("\n").length - 1,
    2,
  );
});

Deno.test("anchorPending() takes turns: whoever comes second finds nothing left to do", async () => {
  await using folder = await makeTempFolder();
  await using one = await openRecorder(folder.path);
  await using two = await openRecorder(folder.path);
  await recordSteps(one.recorder, 1, 5);
  const outcomes = await Promise.all([
    one.recorder.anchorPending(),
    two.recorder.anchorPending(),
    one.recorder.anchorPending(),
    two.recorder.anchorPending(),
  ]);
  assert.deepEqual(outcomes.map(({ recordCount }) => recordCount).sort(), [0, 0, 0, 5]);
  assert.equal((await two.anchors.list()).length, 1);
  const stop = new AbortController();
  const held = one.anchors.exclusively(() => {
    stop.abort(new Error("stop"));
    return Promise.resolve();
  });
  await assert.rejects(() => two.recorder.anchorPending({ signal: stop.signal }), { message: "stop" });
  await held;
});

Deno.test("anchorPending() never vouches for a log that is not the one it anchored before", async () => {
  await using folder = await makeTempFolder();
  {
    await using opened = await openRecorder(folder.path);
    await recordSteps(opened.recorder, 1, 5);
    await opened.recorder.anchorPending();
  }
  await Deno.rename(`${folder.path}/log`, `${folder.path}/old`);
  await using opened = await openRecorder(folder.path);
  await recordSteps(opened.recorder, 1, 4);
  await assert.rejects(() => opened.recorder.anchorPending(), (error: PotError) => {
    assert.equal(error.message, "Cannot anchor as the log is shorter than was anchored before");
    assert.equal(error.facts[1], "log: size 4");
    return true;
  });
  const { records, recordCount } = await opened.recorder.status();
  assert.equal(Object.values(records).reduce((sum, count) => sum + count), recordCount);
  for (const last of [5, 9]) {
    await recordSteps(opened.recorder, 1, last);
    await assert.rejects(() => opened.recorder.anchorPending(), {
      message: "Cannot anchor as the log is not the one that was anchored before",
      hint: "restore the newest backup of the log, or the anchors.jsonl that belongs to it",
    });
  }
  assert.equal((await opened.anchors.list()).length, 1);
});

Deno.test("status() counts every record once, by the best anchor that covers it", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  const { recorder, anchors } = opened;
  await recordSteps(recorder, 1, 10);
  await recordSteps(recorder, 1, 2, "run-2");
  const head = { root: new Uint8Array(32), note: "" };
  const local = {
    kind: "local",
    state: "local",
    chainId: "local:x",
    transactionId: "1",
    submitter: "local:x",
    blockNumber: 1n,
    timestamp: 1,
  } as const;
  const inclusion = {
    transactionHash: "0x1",
    transactionIndex: 0,
    blockNumber: 1n,
    blockHash: "0x2",
    blockTime: 1,
    logIndex: 0,
    gasUsed: 1n,
    effectiveGasPriceWei: 1n,
  };
  const evm = {
    kind: "evm",
    chainId: "eip155:1",
    contract: "0x3",
    codeHash: "0x4",
    submitter: "0x5",
    transactionHashes: [],
  } as const;
  await anchors.put({ ...head, size: 2n, facts: { ...evm, state: "final", inclusion } });
  await anchors.put({ ...head, size: 5n, facts: { ...evm, state: "confirmed", inclusion } });
  await anchors.put({ ...head, size: 4n, facts: local });
  await anchors.put({ ...head, size: 7n, facts: local });
  await anchors.put({ ...head, size: 11n, facts: { ...evm, state: "pending" } });
  const status = await recorder.status();
  assert.equal(status.recordCount, 12);
  assert.deepEqual(status.records, { pending: 5, local: 2, anchored: 0, confirmed: 3, final: 2 });
  assert.deepEqual(status.runs, [{ runId: "run-1", recordCount: 10 }, { runId: "run-2", recordCount: 2 }]);
  assert.equal(status.anchors.length, 5);
});

Deno.test("prove() names the id that the log does not have", async () => {
  await using folder = await makeTempFolder();
  await using opened = await openRecorder(folder.path);
  for (const id of ["ab".repeat(32), "", "AB", "x".repeat(10_000)]) {
    await assert.rejects(() => opened.recorder.prove(id), {
      name: "PotError",
      message: "Cannot prove the record as the log holds none with this id",
      hint: "list runs and ids with: pot runs",
    });
  }
});
