import assert from "node:assert/strict";
import { canonicalJson } from "../../../lib/core/canonical_json.ts";
import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { toHex } from "../../../lib/core/hex.ts";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import type { Artifact, TrainingRecord } from "../../../lib/core/record.ts";
import { inTotoStatement } from "../../../lib/verify/in_toto_statement.ts";
import type { EvmProofAnchor, LocalProofAnchor } from "../../../lib/verify/proof.ts";
import { assertInTotoStatement } from "../../_fakes/in_toto_rules.ts";

const HASH = "ab".repeat(32);
const artifact: Artifact = {
  algorithm: "sha256",
  digest: HASH,
  sizeBytes: 3,
  name: "model.bin",
  kind: "file",
  computed: true,
};
const record = (more: Partial<TrainingRecord> = {}) =>
  encodeRecord({
    schema: "pot-record/1",
    kind: "checkpoint",
    runId: "run-1",
    step: 500,
    artifact,
    recordedAt: "2026-01-31T12:00:00.000Z",
    salt: "00".repeat(32),
    ...more,
  });
const head = { size: 2n ** 60n, root: new Uint8Array(32), path: [], checkpoint: "note" };
const evm: EvmProofAnchor = {
  ...head,
  kind: "evm",
  state: "confirmed",
  chainId: "eip155:137",
  contract: `0x${"11".repeat(20)}`,
  submitter: `0x${"22".repeat(20)}`,
  inclusion: {
    transactionHash: `0x${"33".repeat(32)}`,
    transactionIndex: 0,
    blockNumber: 2n ** 60n,
    blockHash: `0x${"44".repeat(32)}`,
    blockTime: 1_795_368_500,
    logIndex: 0,
  },
};
const local: LocalProofAnchor = {
  ...head,
  kind: "local",
  state: "local",
  chainId: "local:pot/a",
  submitter: "local:pot/a",
  transactionId: "fff7b2e4-f407-42be-a154-79d47e9ed714",
  blockNumber: 1n,
  timestamp: 1_795_368_500,
};

Deno.test("inTotoStatement() is a Statement v1 about the file", () => {
  const bytes = record();
  const statement = inTotoStatement({
    record: bytes,
    index: 7n,
    anchors: [evm, local, { ...head, kind: "evm", state: "pending" }],
  });
  assertInTotoStatement(statement);
  assert.deepEqual(statement.subject, [{ name: "model.bin", digest: { sha256: HASH } }]);
  const { id, index, anchors } = statement.predicate;
  assert.deepEqual([id, index], [toHex(leafHash(bytes)), "7"]);
  // Whoever has the statement can compute the id again.
  assert.deepEqual(
    new TextEncoder().encode(canonicalJson(JSON.parse(JSON.stringify(statement.predicate.record)))),
    bytes,
  );
  const root = "00".repeat(32);
  assert.deepEqual(anchors, [
    {
      kind: "evm",
      state: "confirmed",
      size: String(2n ** 60n),
      root,
      chainId: "eip155:137",
      contract: evm.contract,
      submitter: evm.submitter,
      transactionHash: evm.inclusion!.transactionHash,
      blockNumber: String(2n ** 60n),
      blockHash: evm.inclusion!.blockHash,
      anchoredAt: "2026-11-22T17:28:20.000Z",
    },
    {
      kind: "local",
      state: "local",
      size: String(2n ** 60n),
      root,
      chainId: "local:pot/a",
      submitter: "local:pot/a",
      transactionId: local.transactionId,
      blockNumber: "1",
      anchoredAt: "2026-11-22T17:28:20.000Z",
    },
    { kind: "evm", state: "pending", size: String(2n ** 60n), root },
  ]);
});

Deno.test("inTotoStatement() is about a folder's manifest and each of its files", () => {
  const files = ["a", "pot-manifest.json"].map((path) => ({ path, digest: "cd".repeat(32), sizeBytes: 1 }));
  const statement = inTotoStatement(
    { record: record({ artifact: { ...artifact, kind: "directory" } }), index: 0n, anchors: [] },
    { files },
  );
  assertInTotoStatement(statement);
  assert.deepEqual(statement.subject.map(({ name }) => name), [
    "./pot-manifest.json",
    "a",
    "pot-manifest.json",
  ]);
  assert.deepEqual(statement.subject.map(({ digest }) => digest.sha256), [
    HASH,
    "cd".repeat(32),
    "cd".repeat(32),
  ]);
});

Deno.test("inTotoStatement() names a digest without a name as the spec says", () => {
  const { name: _name, ...nameless } = artifact;
  const statement = inTotoStatement({ record: record({ artifact: nameless }), index: 0n, anchors: [] });
  assertInTotoStatement(statement);
  assert.equal(statement.subject[0]!.name, "_");
});

Deno.test("inTotoStatement() refuses a record that is about no artifact", () => {
  const { artifact: _artifact, ...rest } = JSON.parse(new TextDecoder().decode(record()));
  assert.throws(
    () => inTotoStatement({ record: encodeRecord({ ...rest, kind: "validation" }), index: 0n, anchors: [] }),
    {
      message: "Cannot export the record as it names no artifact, and a statement is about one",
      exitCode: 2,
    },
  );
});
