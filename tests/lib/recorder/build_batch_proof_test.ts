import assert from "node:assert/strict";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { importNoteSigner } from "../../../lib/core/note_key.ts";
import type { Anchor } from "../../../lib/recorder/anchor_line.ts";
import { buildBatchProof } from "../../../lib/recorder/build_batch_proof.ts";
import { MAX_BATCH_ANCHORS } from "../../../lib/verify/batch_proof.ts";
import { formatBatchProof } from "../../../lib/verify/format_batch_proof.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { verifyBatchProof } from "../../../lib/verify/verify_batch_proof.ts";
import { createBatchFixture, evmFacts, localFacts } from "../../_fakes/batch_fixture.ts";
import { ORIGIN, signerKey } from "../../_fakes/recorder_fixture.ts";

Deno.test("a batch of 1 000 consecutive records takes at most a tenth of their proofs, in a ledger too", async () => {
  await using fixture = await createBatchFixture();
  const { recorder, log, anchors } = fixture;
  await fixture.grow(["before"], 300);
  await fixture.grow(["run-1"], 1_000);
  await fixture.grow(["after"], 300);
  await recorder.anchorPending();
  const batch = await recorder.proveRun("run-1");
  let sum = 0;
  for await (const bytes of log.entries(300n, 1_300n)) {
    sum += formatProof(await recorder.prove(toHex(leafHash(bytes)))).length;
  }
  assert.equal(batch.records.length, 1_000);
  assert.equal((await anchors.list()).length, 1);
  assert.equal((await verifyBatchProof(batch)).state, "local");
  const { length } = await formatBatchProof(batch);
  assert.ok(length <= sum / 10, `${length} bytes of ${sum}`);
});

Deno.test("buildBatchProof() keeps no more anchors than a batch holds, the last of each chain among them", async () => {
  await using fixture = await createBatchFixture();
  const { log } = fixture;
  const signer = await importNoteSigner(signerKey);
  const anchors: Anchor[] = [];
  await fixture.grow(["run-1"], MAX_BATCH_ANCHORS + 40);
  for (let i = 0; i < MAX_BATCH_ANCHORS + 40; i++) {
    const { size, root } = await log.headAt(BigInt(i + 1));
    const head = { size, root, note: await signCheckpointNote({ size, root, origin: ORIGIN }, signer) };
    anchors.push({ ...head, facts: evmFacts({ size: head.size }) });
    if (i === 9) anchors.push({ ...head, facts: localFacts(head.size, log.origin) });
  }
  const batch = await fixture.batchOf("run-1", anchors);
  assert.equal(batch.anchors.length, 149);
  assert.ok(batch.anchors.some(({ kind }) => kind === "local"));
  assert.equal(batch.anchors.at(-1)!.size, anchors.at(-1)!.size);
  const { answer, state } = await verifyBatchProof(batch);
  assert.deepEqual([answer, state], ["valid", "confirmed"]);

  // And one that is pending, for the records behind them.
  const all = await fixture.batchOf("run-1", anchors.slice(0, MAX_BATCH_ANCHORS - 1));
  assert.equal(all.anchors.length, MAX_BATCH_ANCHORS);
});

Deno.test("buildBatchProof() reads runs with wide gaps, and says what it cannot prove", async () => {
  await using fixture = await createBatchFixture();
  const { log } = fixture;
  await fixture.grow(["run-1", "b"], 3);
  await fixture.grow(["b"], 200);
  const head = await fixture.grow(["run-1"], 2);
  const batch = await fixture.batchOf("run-1", [{ ...head, facts: evmFacts({ size: head.size }) }]);
  assert.deepEqual(batch.records.map(({ index }) => index), [0n, 2n, 4n, 206n, 207n]);
  assert.equal((await verifyBatchProof(batch)).answer, "valid");

  const sources = { log, anchors: [] };
  await assert.rejects(
    () => buildBatchProof([], sources),
    /^PotError: Cannot prove the records as there are none$/,
  );
  await assert.rejects(() => buildBatchProof([0n, 999n], sources), /as the log does not hold it$/);
  const many = Array.from({ length: 250_001 }, (_, i) => BigInt(i));
  await assert.rejects(() => buildBatchProof(many, sources), /as they are too many for one file$/);
  await assert.rejects(() => fixture.recorder.proveRun("c"), /as the log holds no record of it$/);
});

Deno.test("buildBatchProof() stops reading where the records take more than a batch holds", async () => {
  let read = 0;
  const log = {
    async *entries() {
      while (true) {
        read++;
        yield await Promise.resolve(new Uint8Array(65_535));
      }
    },
    checkpoint: () => Promise.resolve(undefined),
    subtreeHashes: () => Promise.resolve([]),
    verifierKeys: () => Promise.resolve([]),
  };
  const indices = Array.from({ length: 5_000 }, (_, i) => BigInt(i));
  await assert.rejects(() => buildBatchProof(indices, { log, anchors: [] }), (error) => {
    assert.match(String(error), /as they are too many for one file$/);
    return true;
  });
  assert.equal(read, 1_025);
});
