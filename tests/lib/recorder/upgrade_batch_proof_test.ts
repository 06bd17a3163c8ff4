import assert from "node:assert/strict";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { refreshBatchProof, requireAskableBatch } from "../../../lib/recorder/upgrade_batch_proof.ts";
import { extractProof } from "../../../lib/verify/extract_proof.ts";
import { formatBatchProof } from "../../../lib/verify/format_batch_proof.ts";
import { parseBatchProof } from "../../../lib/verify/parse_batch_proof.ts";
import { verifyBatchProof } from "../../../lib/verify/verify_batch_proof.ts";
import { createBatchFixture, evmFacts } from "../../_fakes/batch_fixture.ts";

Deno.test("upgradeBatch() adds the anchors that came since, in their order, and then finds nothing new", async () => {
  await using fixture = await createBatchFixture();
  const { recorder } = fixture;
  await fixture.grow(["a", "run-1"], 5);
  await recorder.anchorPending();
  await fixture.grow(["a", "run-1"], 5);
  const pending = await recorder.proveRun("run-1");
  assert.equal((await verifyBatchProof(pending)).answer, "pending");
  assert.equal((await recorder.upgradeBatch(pending)).batch, pending);

  await fixture.grow(["a"], 3);
  await recorder.anchorPending();
  const { batch, isInLog } = await recorder.upgradeBatch(pending);
  assert.equal(isInLog, true);
  assert.deepEqual(batch.anchors.map(({ state, size }) => `${state} ${size}`), [
    "local 10",
    "pending 20",
    "local 23",
  ]);
  assert.deepEqual(batch.records, pending.records);
  const read = await parseBatchProof(await formatBatchProof(batch));
  const verdict = await verifyBatchProof(read);
  assert.deepEqual([verdict.answer, verdict.state], ["valid", "local"]);
  for (const { bytes } of [batch.records[0]!, batch.records.at(-1)!]) {
    const id = toHex(leafHash(bytes));
    assert.deepEqual(extractProof(read, id), await recorder.prove(id));
  }
  assert.equal((await recorder.upgradeBatch(read)).batch, read);
});

Deno.test("upgradeBatch() takes what the log knows of an anchor by now, and keeps the nodes", async () => {
  await using fixture = await createBatchFixture();
  const { recorder, anchors } = fixture;
  const head = await fixture.grow(["a", "run-1"], 5);
  const anchored = { ...head, facts: evmFacts({ size: head.size, state: "anchored" as const }) };
  const batch = await fixture.batchOf("run-1", [anchored]);
  await anchors.put({ ...head, facts: evmFacts({ size: head.size, state: "final" }) });
  const { batch: upgraded } = await recorder.upgradeBatch(batch, { isOffline: true });
  assert.deepEqual(upgraded, { ...batch, anchors: [{ ...batch.anchors[0], state: "final" }] });
});

Deno.test("upgradeBatch() of another log's batch asks about its transactions, or says that it cannot", async () => {
  await using fixture = await createBatchFixture();
  await using other = await createBatchFixture();
  await other.grow(["run-1"], 9);
  const head = await fixture.grow(["run-1"], 4);
  const unanchored = await fixture.batchOf("run-1", []);
  await assert.rejects(
    () => other.recorder.upgradeBatch(unanchored),
    /^PotError: .*does not hold its records, and/,
  );
  const named = await fixture.batchOf("run-1", [{ ...head, facts: evmFacts({ size: head.size }) }]);
  assert.deepEqual(await other.recorder.upgradeBatch(named), { batch: named, isInLog: false });

  requireAskableBatch(named);
  const better = await refreshBatchProof(named, (facts, asked) => {
    assert.deepEqual([asked.size, facts.state], [4n, "confirmed"]);
    return Promise.resolve({ ...facts, state: "final" });
  });
  assert.equal((await verifyBatchProof(better)).state, "final");
  assert.equal(await refreshBatchProof(named, () => Promise.resolve(undefined)), named);

  const damaged = { ...named, records: named.records.slice(1) };
  await assert.rejects(() => fixture.recorder.upgradeBatch(damaged), /^PotError: .*as it does not hold$/);
});
