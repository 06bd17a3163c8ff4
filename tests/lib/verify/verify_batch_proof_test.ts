import assert from "node:assert/strict";
import { UsageError } from "../../../lib/core/errors.ts";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import type { Anchor } from "../../../lib/recorder/anchor_line.ts";
import { buildProof } from "../../../lib/recorder/build_proof.ts";
import type { BatchProof } from "../../../lib/verify/batch_proof.ts";
import { extractProof } from "../../../lib/verify/extract_proof.ts";
import { formatBatchProof } from "../../../lib/verify/format_batch_proof.ts";
import { parseBatchProof } from "../../../lib/verify/parse_batch_proof.ts";
import type { EvmProofAnchor } from "../../../lib/verify/proof.ts";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";
import { verifyBatchProof } from "../../../lib/verify/verify_batch_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import {
  type BatchFixture,
  createBatchFixture,
  digestOfStep,
  evmFacts,
  localFacts,
} from "../../_fakes/batch_fixture.ts";
import { createFakeNode, hash32, SUBMITTER } from "../../_fakes/proof_fixture.ts";

const idOf = (bytes: Uint8Array) => toHex(leafHash(bytes));

/** A run of 33 among two others, over three heads on two chains and a ledger, its last 6 records in no anchor. */
async function mixedBatch(fixture: BatchFixture): Promise<{ anchors: Anchor[]; batch: BatchProof }> {
  const runs = ["a", "run-1", "b"];
  const first = await fixture.grow(runs, 10);
  const second = await fixture.grow(["run-1"], 7);
  const third = await fixture.grow(runs.slice(1), 10);
  await fixture.grow(runs, 6);
  const anchors: Anchor[] = [
    { ...first, facts: evmFacts({ size: first.size, state: "final" }) },
    { ...second, facts: evmFacts({ size: second.size, chainId: "eip155:137" }) },
    { ...second, facts: localFacts(second.size, fixture.log.origin) },
    { ...third, facts: evmFacts({ size: third.size, state: "anchored" }) },
  ];
  return { anchors, batch: await fixture.batchOf("run-1", anchors) };
}

/** The details of what failed. */
async function failures(batch: BatchProof): Promise<readonly string[]> {
  const { ok, answer, level, checks, records } = await verifyBatchProof(batch);
  assert.equal(ok, false);
  assert.deepEqual([answer, level], ["invalid", "none"]);
  assert.ok(records.every(({ answer }) => answer === "invalid"));
  return checks.filter(({ outcome }) => outcome === "fail").map(({ detail }) => detail);
}

Deno.test("verifyBatchProof() speaks for the worst record, and says how each one stands", async () => {
  await using fixture = await createBatchFixture();
  const { batch } = await mixedBatch(fixture);
  assert.deepEqual(batch.anchors.map(({ kind, state }) => `${kind} ${state}`), [
    "evm final",
    "evm confirmed",
    "local local",
    "evm anchored",
    "evm pending",
  ]);
  const verdict = await verifyBatchProof(await parseBatchProof(await formatBatchProof(batch)));
  assert.deepEqual([verdict.ok, verdict.answer, verdict.level, verdict.state], [
    true,
    "pending",
    "L0",
    "pending",
  ]);
  assert.equal(verdictExitCode(verdict), 3);
  assert.equal(verdict.anchors.length, 5);
  const states = verdict.records.map(({ state, best }) => `${state} ${best}`);
  assert.deepEqual(states, [
    ...Array(10).fill("final 0"),
    ...Array(7).fill("confirmed 1"),
    ...Array(10).fill("anchored 3"),
    ...Array(6).fill("pending 4"),
  ]);
  assert.deepEqual(verdict.records.map(({ id }) => id), batch.records.map(({ bytes }) => idOf(bytes)));
  assert.deepEqual(verdict.records.map(({ step }) => step), batch.records.map((_, i) => i));
  const details = verdict.checks.filter(({ name }) => name === "run" || name === "record").map(({ detail }) =>
    detail
  );
  assert.deepEqual(details, [
    "each of the 33 records is well-formed pot-record/1",
    `the records are those of run run-1 from its first to record ${
      batch.records.at(-1)!.index
    }, none between left out`,
  ]);
});

Deno.test("extractProof() gives the very proof that the log gives, which holds by itself", async () => {
  await using fixture = await createBatchFixture();
  const { batch, anchors } = await mixedBatch(fixture);
  const read = await parseBatchProof(await formatBatchProof(batch));
  assert.deepEqual(read, batch);
  for (const { bytes, index } of read.records) {
    const proof = extractProof(read, idOf(bytes));
    assert.deepEqual(proof, await buildProof(index, { log: fixture.log, anchors }));
    assert.equal((await verifyProof(proof)).ok, true);
  }
  assert.throws(() => extractProof(batch, "00".repeat(32)), /as it holds no record with this id$/);
  const other = { ...batch, nodes: batch.nodes.toSpliced(0, 1) };
  assert.throws(() => extractProof(other, idOf(batch.records[0]!.bytes)), /do not lead to its anchors$/);
});

Deno.test("verifyBatchProof() asks endpoints about the shared anchors once, and says what they confirm", async () => {
  await using fixture = await createBatchFixture();
  const first = await fixture.grow(["run-1", "b"], 20);
  const last = await fixture.grow(["run-1"], 5);
  const batch = await fixture.batchOf("run-1", [
    { ...first, facts: evmFacts({ size: first.size, state: "final" }) },
    { ...last, facts: evmFacts({ size: last.size, state: "final" }) },
  ]);
  const onChain = batch.anchors.map((anchor) => ({ ...anchor, path: [] }) as EvmProofAnchor);
  // The second one's block is not final yet.
  const node = createFakeNode(onChain, { head: 1_000 + 64 + Number(first.size) });
  const verdict = await verifyBatchProof(batch, { endpoints: [node], submitter: SUBMITTER });
  assert.deepEqual([verdict.answer, verdict.level, verdict.state], ["valid", "L1", "anchored"]);
  assert.deepEqual(
    verdict.records.map(({ level, state }) => `${level} ${state}`),
    [...Array(20).fill("L1 final"), ...Array(5).fill("L1 anchored")],
  );
  assert.ok(node.calls.length < 20, "asked for each record");

  const reorganized = createFakeNode(onChain, {
    change: (method, answer) =>
      method === "eth_getBlockByNumber" && Number(answer?.["number"]) === 1_000 + Number(last.size)
        ? { ...answer, hash: hash32(0xee) }
        : answer,
  });
  const denied = await verifyBatchProof(batch, { endpoints: [reorganized] });
  assert.deepEqual([denied.answer, denied.records[0]!.answer, denied.records.at(-1)!.answer], [
    "invalid",
    "valid",
    "invalid",
  ]);
  assert.equal(denied.checks.at(-1)!.detail, `no anchor that counts covers record ${first.size} and 4 more`);

  const strange = await verifyBatchProof(batch, { submitter: `0x${"1".repeat(40)}` });
  assert.equal(strange.answer, "invalid");
});

Deno.test("verifyBatchProof() refuses every changed, missing, added or moved record, and names it", async () => {
  await using fixture = await createBatchFixture();
  const head = await fixture.grow(["a", "run-1", "b"], 12);
  const batch = await fixture.batchOf("run-1", [{ ...head, facts: evmFacts({ size: head.size }) }]);
  const stranger = await fixture.batchOf("b", [{ ...head, facts: evmFacts({ size: head.size }) }]);
  assert.equal((await verifyBatchProof(batch)).ok, true);
  const { records, nodes, anchors } = batch;
  const nowhere = `the records and nodes do not lead to the root over ${head.size} leaves`;

  const text = new TextDecoder().decode(records[4]!.bytes);
  const withText = (changed: string) => ({
    ...batch,
    records: records.with(4, { ...records[4]!, bytes: new TextEncoder().encode(changed) }),
  });
  const broken: readonly (readonly [string, BatchProof, RegExp])[] = [
    [
      "a value",
      withText(text.replace('"step":4', '"step":5')),
      /^record 16 names .* not record 13: one between/,
    ],
    ["its spelling", withText(`${text} `), /^record 13: Cannot read the record/],
    ["no JSON", withText("{"), /^record 13: Cannot read the record/],
    [
      "its index",
      { ...batch, records: records.with(4, { ...records[4]!, index: 14n }) },
      new RegExp(nowhere),
    ],
    [
      "left out",
      { ...batch, records: records.toSpliced(4, 1) },
      /^record 16 names .* not record 10: one between/,
    ],
    ["the first left out", { ...batch, records: records.slice(1) }, new RegExp(nowhere)],
    ["the last left out", { ...batch, records: records.slice(0, -1) }, new RegExp(nowhere)],
    [
      "of another run",
      { ...batch, records: records.with(4, stranger.records[4]!) },
      /^record 14 is of run b, record 1 of run-1$/,
    ],
    [
      "exchanged",
      {
        ...batch,
        records: records.with(4, { ...records[5]!, index: 13n }).with(5, { ...records[4]!, index: 16n }),
      },
      /^record 13 names .* not record 10: one between/,
    ],
    ["backwards", { ...batch, records: records.toReversed() }, /^record 31 is not behind the one before it$/],
    ["twice", { ...batch, records: records.toSpliced(4, 0, records[4]!) }, /^record 13 is not behind/],
    ["none", { ...batch, records: [] }, /^the batch holds no record$/],
    ["a node left out", { ...batch, nodes: nodes.slice(1) }, new RegExp(nowhere)],
    ["the last node left out", { ...batch, nodes: nodes.slice(0, -1) }, new RegExp(nowhere)],
    ["a node more", { ...batch, nodes: [...nodes, nodes[0]!] }, /^1 node leads nowhere$/],
    [
      "nodes exchanged",
      { ...batch, nodes: nodes.with(0, nodes[1]!).with(1, nodes[0]!) },
      new RegExp(nowhere),
    ],
    ["a short node", { ...batch, nodes: nodes.with(0, nodes[0]!.subarray(1)) }, /^a node is not 32 bytes$/],
    [
      "a larger size",
      { ...batch, anchors: [{ ...anchors[0]!, size: head.size + 1n }] },
      /another size or root$/,
    ],
    ["another root", { ...batch, anchors: [{ ...anchors[0]!, root: nodes[0]! }] }, /another size or root$/],
    [
      "a size below",
      { ...batch, anchors: [{ ...anchors[0]!, size: 1n }] },
      /^an anchor covers none of the records$/,
    ],
    [
      "the last index",
      { ...batch, anchors: [{ ...anchors[0]!, size: 34n }] },
      /^no anchor covers record 34$/,
    ],
    [
      "a size between",
      { ...batch, anchors: [{ ...anchors[0]!, size: 30n }] },
      /^no anchor covers record 34$/,
    ],
    ["no anchor", { ...batch, anchors: [] }, /no anchor and no checkpoint/],
  ];
  for (const [name, mutant, expected] of broken) {
    const details = await failures(mutant);
    assert.ok(details.some((detail) => expected.test(detail)), `${name}: ${details.join("; ")}`);
  }
  for (let i = 0; i < nodes.length; i++) {
    const flipped = nodes.with(i, nodes[i]!.with(i % 32, nodes[i]![i % 32]! ^ 1));
    assert.deepEqual(await failures({ ...batch, nodes: flipped }), [nowhere]);
  }
});

Deno.test("verifyBatchProof() wants the anchors in the order of their sizes", async () => {
  await using fixture = await createBatchFixture();
  const { batch } = await mixedBatch(fixture);
  const details = await failures({ ...batch, anchors: batch.anchors.toReversed() });
  assert.ok(details.includes("the anchors are not in the order of their sizes"));
});

Deno.test("verifyBatchProof() says where the records are not the run's first ones", async () => {
  await using fixture = await createBatchFixture();
  const { anchors } = await mixedBatch(fixture);
  const { buildBatchProof } = await import("../../../lib/recorder/build_batch_proof.ts");
  const indices = (await fixture.log.runIndices("run-1")).slice(3, 9);
  const { ok, checks } = await verifyBatchProof(
    await buildBatchProof(indices, { log: fixture.log, anchors }),
  );
  assert.equal(ok, true);
  assert.equal(
    checks.find(({ name }) => name === "run")!.detail,
    "the records are those of run run-1 from record 10, which is not its first, to record 25, none between left out",
  );
});

Deno.test("verifyBatchProof() holds an artifact against any record, or against the one that is named", async () => {
  await using fixture = await createBatchFixture();
  const { batch } = await mixedBatch(fixture);
  const artifact = async (options: { artifactDigest: string; id?: string }) => {
    const { ok, checks } = await verifyBatchProof(batch, options);
    return [ok, checks.find(({ name }) => name === "artifact")!.detail];
  };
  const digest = digestOfStep(5);
  const [id, index] = [idOf(batch.records[5]!.bytes), batch.records[5]!.index];
  assert.deepEqual(await artifact({ artifactDigest: digest }), [
    true,
    `the artifact's SHA-256 is ${digest}, as record ${index} has it`,
  ]);
  assert.equal((await artifact({ artifactDigest: digest, id }))[0], true);
  assert.deepEqual(await artifact({ artifactDigest: digest, id: idOf(batch.records[6]!.bytes) }), [
    false,
    `the artifact's SHA-256 is ${digest}, which is not that of record ${batch.records[6]!.index}`,
  ]);
  const none = "ab".repeat(32);
  assert.deepEqual(await artifact({ artifactDigest: none }), [
    false,
    `the artifact's SHA-256 is ${none}, which no record of the batch has`,
  ]);
  await assert.rejects(() => verifyBatchProof(batch, { id: none }), UsageError);
});
