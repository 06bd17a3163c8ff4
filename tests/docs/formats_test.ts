import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { formatError } from "../../cli/output.ts";
import type { EvmAnchorFacts, EvmInclusion, LocalAnchorFacts } from "../../lib/chain/chain_client.ts";
import type { Deployment } from "../../lib/chain/deployment_file.ts";
import type { EventFrame, SignedFrame, StateFrame } from "../../lib/chain/journal_entry.ts";
import { type LedgerLine, parseLedgerLine } from "../../lib/chain/ledger_line.ts";
import type { MinedTransaction } from "../../lib/chain/transaction_sender.ts";
import { canonicalJson } from "../../lib/core/canonical_json.ts";
import { parseCheckpointNote, verifyCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { eventKey } from "../../lib/core/encode_record.ts";
import { UsageError } from "../../lib/core/errors.ts";
import { toHex } from "../../lib/core/hex.ts";
import { formatLogKeys, type LogKey, parseLogKeys } from "../../lib/core/log_keys.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { EVENT_FIELDS } from "../../lib/core/parse_event.ts";
import type { ManifestFile } from "../../lib/core/manifest.ts";
import { eventOf, parseRecord } from "../../lib/core/parse_record.ts";
import type { Artifact, TensorInfo, TrainingRecord } from "../../lib/core/record.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { digestFolder } from "../../lib/io/digest_folder.ts";
import { encodeFrame } from "../../lib/io/write_ahead_frame.ts";
import { formatWriteAheadHeader } from "../../lib/log/write_ahead_header.ts";
import { MIGRATIONS } from "../../lib/log/postgres_migrations.ts";
import { tilePath } from "../../lib/log/tile_path.ts";
import { decodeAnchor } from "../../lib/recorder/anchor_line.ts";
import { openStoredHashes } from "../../lib/recorder/stored_hashes.ts";
import { ANCHORED_TOPIC } from "../../lib/verify/anchored_event.ts";
import type { BatchProof } from "../../lib/verify/batch_proof.ts";
import { formatProof } from "../../lib/verify/format_proof.ts";
import { KNOWN_CODE_HASHES } from "../../lib/verify/known_contracts.ts";
import { parseProof } from "../../lib/verify/parse_proof.ts";
import type {
  EvmProofAnchor,
  LocalProofAnchor,
  Proof,
  ProofInclusion,
  ReceiptProof,
} from "../../lib/verify/proof.ts";
import { verifyProof } from "../../lib/verify/verify_proof.ts";
import { code, fieldsOf, section } from "../_fakes/formats_page.ts";

/** The value of a table's row under a heading, by the row's first cell. */
function cell(heading: string, row: string): string {
  const line = section(heading).split("\n").find((text) => text.startsWith(`| ${row} `));
  assert.ok(line !== undefined, `no row ${row} under ${heading}`);
  return line.split("|")[2]!.trim().replaceAll("`", "");
}

/** Every table and column that the migrations make. */
function postgresColumns(): readonly string[] {
  const sql = MIGRATIONS.map((migration) => migration.sql).join("\n");
  const tables = [...sql.matchAll(/CREATE TABLE pot\.(\w+) \(([^]*?)\n\s*\);/g)];
  const made = tables.flatMap(([, table, body]) => [
    table!,
    ...[...body!.matchAll(/^\s*([a-z_]+) (?:bigint|smallint|boolean|text|bytea|timestamptz)\b/gm)].map((
      [, column],
    ) => column!),
  ]);
  const added = [...sql.matchAll(/ADD COLUMN (\w+)/g)].map(([, column]) => column!);
  assert.ok(made.length > 20 && added.length > 0);
  return ["migration", "version", "name", "applied_at", ...made, ...added];
}

const recordBytes = new TextEncoder().encode(canonicalJson(JSON.parse(code("### Record example"))));
const proofText = code("### Proof example").replace('"…"', JSON.stringify(recordBytes.toBase64()));

const head = { kind: true, state: true, size: true, root: true, path: true, checkpoint: true } as const;
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "## Record": [
    ...fieldsOf<TrainingRecord>({
      schema: true,
      kind: true,
      runId: true,
      modelId: true,
      step: true,
      epoch: true,
      artifact: true,
      dataset: true,
      metrics: true,
      parameters: true,
      seed: true,
      dataOrderDigest: true,
      occurredAt: true,
      previous: true,
      recordedAt: true,
      salt: true,
    }),
    ...EVENT_FIELDS,
    ...fieldsOf<Artifact>({
      algorithm: true,
      digest: true,
      sizeBytes: true,
      name: true,
      kind: true,
      computed: true,
      format: true,
      tensors: true,
      tensorsDigest: true,
      tensorCount: true,
      parameterCount: true,
    }),
    ...fieldsOf<TensorInfo>({ name: true, dtype: true, shape: true }),
  ],
  "## Manifest of a directory": [
    "schema",
    "files",
    ...fieldsOf<ManifestFile>({ path: true, sizeBytes: true, digest: true }),
  ],
  "## Proof": [
    ...fieldsOf<Proof>({ schema: true, record: true, index: true, logKeys: true, anchors: true }),
    ...fieldsOf<EvmProofAnchor>({
      ...head,
      chainId: true,
      contract: true,
      codeHash: true,
      submitter: true,
      transactionHashes: true,
      inclusion: true,
    }),
    ...fieldsOf<ProofInclusion>({
      transactionHash: true,
      transactionIndex: true,
      blockNumber: true,
      blockHash: true,
      blockTime: true,
      logIndex: true,
      receiptProof: true,
    }),
    ...fieldsOf<ReceiptProof>({ header: true, receipt: true, path: true }),
    ...fieldsOf<LocalProofAnchor>({
      ...head,
      chainId: true,
      transactionId: true,
      submitter: true,
      blockNumber: true,
      timestamp: true,
    }),
  ],
  "## Batch proof": fieldsOf<Record<"indices", unknown> & BatchProof>({
    schema: true,
    indices: true,
    records: true,
    nodes: true,
    logKeys: true,
    anchors: true,
  }),
  "## Log in PostgreSQL": postgresColumns(),
  "## Local ledger": fieldsOf<LedgerLine>({
    transactionId: true,
    hash: true,
    metadata: true,
    timestamp: true,
    blockNumber: true,
    submitter: true,
    key: true,
    root: true,
    size: true,
    imported: true,
  }),
  "### Log keys": [
    ...["schema", "origin", "keys"],
    ...fieldsOf<LogKey>({ verifierKey: true, from: true, to: true, handOver: true }),
  ],
  "## Anchors": [
    ...["schema", "size", "root", "note", "facts"],
    // The rest stands under "Proof".
    ...fieldsOf<Omit<EvmAnchorFacts, keyof EvmProofAnchor>>({}),
    ...fieldsOf<Omit<LocalAnchorFacts, keyof LocalProofAnchor>>({}),
    ...fieldsOf<Omit<EvmInclusion, keyof ProofInclusion>>({ gasUsed: true, effectiveGasPriceWei: true }),
  ],
  "## Transaction journal": [
    ...fieldsOf<SignedFrame>({
      type: true,
      key: true,
      purpose: true,
      chainId: true,
      nonce: true,
      records: true,
      kind: true,
      hash: true,
      raw: true,
      fees: true,
      maxCostWei: true,
      signedAtMs: true,
    }),
    ...fieldsOf<StateFrame>({
      type: true,
      key: true,
      chainId: true,
      nonce: true,
      state: true,
      atMs: true,
      mined: true,
      failure: true,
    }),
    ...fieldsOf<EventFrame>({
      type: true,
      chainId: true,
      name: true,
      subject: true,
      detail: true,
      atMs: true,
    }),
    ...fieldsOf<MinedTransaction>({
      transactionHash: true,
      transactionHashes: true,
      transactionIndex: true,
      blockNumber: true,
      blockHash: true,
      blockTime: true,
      gasUsed: true,
      effectiveGasPriceWei: true,
      extraFeeWei: true,
      isReverted: true,
      contractAddress: true,
      logs: true,
    }),
  ],
  "## Deployment file": fieldsOf<Deployment>({
    contractAddress: true,
    chainId: true,
    codeHash: true,
    method: true,
    salt: true,
    initCodeHash: true,
    constructorArguments: true,
    initialOwner: true,
    predecessor: true,
    compiler: true,
    compilerSettingsHash: true,
    transactionHash: true,
    blockNumber: true,
    gasUsed: true,
    deployer: true,
    deployedAt: true,
  }),
};

for (const [heading, fields] of Object.entries(FIELDS)) {
  Deno.test(`docs/formats.md has a row for every field under "${heading}"`, () => {
    const text = section(heading);
    // As the first cell of a row: a mention elsewhere specifies nothing.
    assert.deepEqual(fields.filter((name) => !text.includes(`\n| \`${name}\` `)), []);
  });
}

Deno.test("docs/formats.md gives the example record's length, id and event key", () => {
  assert.equal(cell("### Record example", "length"), `${recordBytes.length} bytes`);
  assert.equal(cell("### Record example", "id"), toHex(leafHash(recordBytes)));
  const event = eventOf(parseRecord(recordBytes));
  assert.equal(cell("### Record example", "event key"), toHex(eventKey(event)));
});

Deno.test("docs/formats.md gives a set of log keys whose hand-over holds", async () => {
  const keys = await parseLogKeys(code("### Log keys"));
  assert.deepEqual(formatLogKeys(keys), JSON.parse(code("### Log keys")));
  assert.equal(keys.length, 2);
});

Deno.test("docs/formats.md gives the example manifest's bytes and digest", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "weights"));
    await Deno.writeTextFile(join(folder, "config.json"), "{}\n");
    await Deno.writeTextFile(join(folder, "weights", "a.bin"), "abc");
    const { manifest, digest } = await digestFolder(folder);
    assert.equal(new TextDecoder().decode(manifest), canonicalJson(JSON.parse(code("### Manifest example"))));
    assert.ok(section("### Manifest example").includes(digest));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("parseProof() and verifyProof() accept docs/formats.md's example at L0", async () => {
  const proof = parseProof(proofText);
  assert.equal(formatProof(proof), proofText);
  const { ok, level, state, checks } = await verifyProof(proof);
  assert.deepEqual({ ok, level, state }, { ok: true, level: "L0", state: "confirmed" });
  const steps = [...section("## Verify a proof by hand").matchAll(/^\d+\. \[([^\]]+)\]/gm)]
    .flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "));
  assert.deepEqual(checks.filter(({ name }) => !steps.includes(name)), []);
  assert.deepEqual(steps.slice(-8), [
    ...["event", "receipt", "header"],
    ...["block", "event", "code", "finality"],
    "quorum",
  ]);
});

/** Only what the page says, and nothing of ours: a page that leaves something out leaves this test without it. */
Deno.test("docs/formats.md suffices to verify its example at L0", async () => {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  const node = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);
  const proof = JSON.parse(proofText);
  const [anchor] = proof.anchors;

  const steps: string[] = [];
  let hash = sha256(Uint8Array.of(0), Buffer.from(proof.record, "base64"));
  let [at, last] = [Number(proof.index), Number(anchor.size) - 1];
  steps.push(hash.toString("hex"));
  for (const sibling of anchor.path.map((hex: string) => Buffer.from(hex, "hex"))) {
    assert.notEqual(last, 0);
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, last / 2];
    } else hash = node(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    steps.push(hash.toString("hex"));
  }
  assert.equal(last, 0);
  assert.equal(hash.toString("hex"), anchor.root);
  assert.deepEqual(steps, [
    cell("### Proof example", "leaf hash"),
    cell("### Proof example", "node(`path[0]`, that), at is 1"),
    cell("### Proof example", "node(that, `path[1]`), at is 0"),
  ]);

  const [signed, signatures] = anchor.checkpoint.split("\n\n");
  const [origin, size, root] = signed.split("\n");
  assert.deepEqual([size, root], [anchor.size, hash.toString("base64")]);
  const [, name, hex, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(proof.logKeys[0])!;
  const typedKey = Buffer.from(base64!, "base64");
  assert.equal(sha256(Buffer.from(`${name}\n`), typedKey).subarray(0, 4).toString("hex"), hex);
  const [mark, signer, signature] = signatures.trim().split(" ");
  assert.deepEqual([mark, signer], ["\u2014", origin]);
  const bytes = Buffer.from(signature, "base64");
  assert.equal(bytes.subarray(0, 4).toString("hex"), hex);
  const key = await crypto.subtle.importKey("raw", typedKey.subarray(1), "Ed25519", false, ["verify"]);
  const text = new TextEncoder().encode(`${signed}\n`);
  assert.ok(await crypto.subtle.verify("Ed25519", key, bytes.subarray(4), text));
});

/** Only what the page says, with a reader of RLP and a keccak256 of other people's. */
Deno.test("docs/formats.md suffices to follow a captured receipt to its block", async () => {
  const file = new URL("../vectors/block.pot-proof.json", import.meta.url);
  const { anchors: [anchor] } = JSON.parse(await Deno.readTextFile(file));
  const { inclusion } = anchor;
  const base64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
  const { header, receipt, path } = inclusion.receiptProof;
  const hex = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString("hex");

  const receiptBytes = base64(receipt);
  assert.ok(receiptBytes[0]! >= 1 && receiptBytes[0]! <= 4);
  const [status, , , logs] = RLP.decode(receiptBytes.subarray(1)) as [Uint8Array, 0, 0, Uint8Array[][]];
  assert.deepEqual([...status], [1]);
  const [address, topics, data] = logs[inclusion.logIndex] as unknown as [
    Uint8Array,
    Uint8Array[],
    Uint8Array,
  ];
  assert.equal(`0x${hex(address)}`, anchor.contract.toLowerCase());
  assert.equal(`0x${hex(topics[0])}`, cell("## On the chain", "`topics[0]`"));
  assert.equal(hex(topics[1]).slice(24), anchor.submitter.slice(2).toLowerCase());
  assert.equal(hex(data).slice(0, 128), BigInt(anchor.size).toString(16).padStart(64, "0") + anchor.root);

  const fields = RLP.decode(base64(header)) as Uint8Array[];
  let [wanted, key] = [hex(fields[5]), hex(RLP.encode(inclusion.transactionIndex))];
  let value: unknown;
  for (const node of path.map(base64)) {
    assert.equal(hex(keccak_256(node)), wanted);
    const items = RLP.decode(node) as Uint8Array[];
    if (items.length === 17) {
      wanted = hex(items[Number.parseInt(key[0]!, 16)]);
      key = key.slice(1);
      continue;
    }
    const [first = "", ...rest] = hex(items[0]);
    const digits = (first === "1" || first === "3" ? rest : rest.slice(1)).join("");
    assert.ok(key.startsWith(digits));
    key = key.slice(digits.length);
    if (first === "2" || first === "3") value = items[1];
    else wanted = hex(items[1]);
  }
  assert.deepEqual([key, hex(value)], ["", hex(receiptBytes)]);

  assert.equal(`0x${hex(keccak_256(base64(header)))}`, inclusion.blockHash);
  assert.equal(BigInt(`0x${hex(fields[8])}`), BigInt(inclusion.blockNumber));
  assert.equal(Number(`0x${hex(fields[11])}`), inclusion.blockTime);
});

Deno.test("docs/formats.md shows a checkpoint that the example's log key signed", async () => {
  const { logKeys, anchors } = parseProof(proofText);
  assert.equal(code("## Checkpoint"), anchors[0]!.checkpoint);
  assert.equal(parseCheckpointNote(code("## Checkpoint")).size, 3n);
  assert.ok(await verifyCheckpointNote(code("## Checkpoint"), logKeys[0]!));
});

Deno.test("docs/formats.md shows the header of a new write-ahead file and a tile's path", () => {
  const header = toHex(encodeFrame(formatWriteAheadHeader(0)));
  assert.equal(code("## Log").replaceAll(/\s/g, ""), header);
  assert.equal(tilePath({ level: 0, index: 1_234_067 }), "tile/0/x001/x234/067");
  assert.ok(section("## Log").includes("`x001/x234/067`"));
});

Deno.test("docs/formats.md shows a ledger line and an anchor that are read", () => {
  parseLedgerLine(JSON.parse(code("## Local ledger")), { line: 1, path: "the page" });
  const { facts } = decodeAnchor(JSON.parse(code("## Anchors")), "the page");
  assert.equal(facts.state, "confirmed");
});

Deno.test("docs/formats.md shows a line of stored.jsonl as it is written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "stored.jsonl");
    const example = JSON.parse(code("## Stored hashes"));
    const { scope, index, hash, transactionId, transactionHash } = example;
    const answer = { transactionId, hash, metadata: "", timestamp: 0, blockNumber: 1n, submitter: "" };
    using stored = await openStoredHashes(path, { files: denoFiles });
    await stored.put(scope, BigInt(index), { ...answer, transactionHash });
    assert.equal(await Deno.readTextFile(path), `${JSON.stringify(example)}\n`);
    for (const name of Object.keys(example)) {
      assert.ok(section("## Stored hashes").includes(`\n| \`${name}\` `), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docs/formats.md names the event's topic and every released contract", () => {
  assert.equal(cell("## On the chain", "`topics[0]`"), ANCHORED_TOPIC);
  for (const hash of KNOWN_CODE_HASHES) assert.ok(section("## On the chain").includes(`\`${hash}\``), hash);
});

Deno.test("formatError() writes docs/formats.md's example with --json", () => {
  const error = new UsageError("Cannot prove the record as its id must be 64 lowercase hex characters", {
    facts: ['id: "00"'],
    hint: "pot record prints ids; pot runs <run> lists them",
  });
  assert.equal(formatError(error, { isJson: true }), code("## Errors as JSON"));
});
