import assert from "node:assert/strict";
import { importPrototypeLedger } from "../../lib/chain/import_prototype_ledger.ts";
import { decodeJournalFrames } from "../../lib/chain/decode_journal_frames.ts";
import { encodeJournalFrames, type JournalFrame } from "../../lib/chain/journal_entry.ts";
import { openLedger } from "../../lib/chain/ledger.ts";
import {
  parseCheckpointNote,
  signCheckpointNote,
  verifyCheckpointNote,
} from "../../lib/core/checkpoint_note.ts";
import { encodeRecord } from "../../lib/core/encode_record.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../lib/core/merkle/merkle_root.ts";
import { encodeManifest, parseManifest } from "../../lib/core/manifest.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { parseRecord } from "../../lib/core/parse_record.ts";
import { RECORD_SCHEMA, type TrainingRecord } from "../../lib/core/record.ts";
import { openWriteAheadFile } from "../../lib/io/write_ahead_file.ts";
import { decodeBundle, encodeBundle } from "../../lib/log/entry_bundle.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import { decodeAnchor, encodeAnchor } from "../../lib/recorder/anchor_line.ts";
import { openAnchorStore } from "../../lib/recorder/anchor_store.ts";
import { createForgetfulDisk } from "../_fakes/forgetful_files.ts";
import { mutateBytes, mutateJsonText, pick } from "../_fakes/mutate.ts";
import { testDraft, testLogOptions } from "../_fakes/test_log.ts";
import { batchTargets } from "./batch_targets.ts";
import type { FuzzTarget } from "./fuzz.ts";
import { tlogTargets } from "./tlog_targets.ts";
import { proofTargets } from "./proof_targets.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const HASH = "ab".repeat(32);
const UUIDS = ["123e4567-e89b-42d3-a456-426614174000", "223e4567-e89b-42d3-a456-426614174000"] as const;

const RECORD: TrainingRecord = {
  schema: RECORD_SCHEMA,
  kind: "checkpoint",
  runId: "run-1",
  modelId: "m",
  step: 500,
  epoch: 1.5,
  artifact: {
    algorithm: "sha256",
    digest: HASH,
    sizeBytes: 12,
    name: "é.safetensors",
    kind: "file",
    computed: true,
    format: "safetensors",
    tensors: [{ name: "w", dtype: "F32", shape: [2, 3] }],
  },
  dataset: { digest: HASH },
  metrics: { loss: 0.25, accuracy: "NaN" },
  parameters: { lr: 1e-7, nested: [{ deep: [null, true, "x"] }] },
  seed: -3,
  dataOrderDigest: HASH,
  occurredAt: "2026-01-31T12:00:00.000Z",
  previous: HASH,
  recordedAt: "2026-01-31T12:00:00.001Z",
  salt: HASH,
};

const recordTarget: FuzzTarget = {
  name: "parseRecord()",
  tryOne(random) {
    const mutant = mutateJsonText(decode(encodeRecord(RECORD)), random);
    // One spelling a record: what was read gives the same bytes back.
    assert.deepEqual(encodeRecord(parseRecord(mutant)), mutant);
  },
};

const manifestTarget: FuzzTarget = {
  name: "parseManifest()",
  tryOne(random) {
    const file = (path: string) => ({ path, sizeBytes: 5, digest: HASH });
    const bytes = encodeManifest([file("a"), file("a/b"), file("é"), file("z/1")]);
    const mutant = mutateJsonText(decode(bytes), random);
    assert.deepEqual(encodeManifest(parseManifest(mutant)), mutant);
  },
};

async function noteTarget(): Promise<FuzzTarget> {
  const { signerKey, verifierKey } = await generateNoteKey("pot/test");
  const signer = await importNoteSigner(signerKey);
  const note = await signCheckpointNote({
    origin: "pot/test",
    size: 70_000n,
    root: new Uint8Array(32).fill(9),
  }, signer);
  const { text } = parseCheckpointNote(note);
  return {
    name: "parseCheckpointNote()",
    async tryOne(random) {
      const mutant = decode(mutateBytes(encode(note), random));
      const isSigned = await verifyCheckpointNote(mutant, verifierKey);
      const parsed = parseCheckpointNote(mutant);
      if (isSigned) assert.equal(parsed.text, text, "a note that nobody signed verifies");
      assert.equal(
        `${parsed.origin}\n${parsed.size}\n${parsed.root.toBase64()}\n`,
        parsed.text.split("\n").slice(0, 3).join("\n") + "\n",
      );
    },
  };
}

const bundleTarget: FuzzTarget = {
  name: "decodeBundle()",
  tryOne(random) {
    const mutant = mutateBytes(
      encodeBundle([encode("first"), encode("x".repeat(300)), encode("{}")]),
      random,
    );
    const entries = decodeBundle(mutant);
    if (entries !== undefined) assert.deepEqual(encodeBundle(entries.map(({ bytes }) => bytes)), mutant);
  },
};

async function framesTarget(): Promise<FuzzTarget> {
  const payloads = ["one", "x".repeat(2_000), "", "last"];
  const disk = createForgetfulDisk();
  const files = disk.mount();
  const path = "/w";
  {
    using file = await openWriteAheadFile(path, { files, header: encode("header") });
    for (const payload of payloads) await file.append(encode(payload));
  }
  const bytes = disk.peek(path)!;
  return {
    name: "WriteAheadFile.frames()",
    async tryOne(random) {
      disk.poke(path, mutateBytes(bytes, random));
      using file = await openWriteAheadFile(path, { files, header: encode("header") });
      assert.ok(["header", ...payloads].includes(decode(file.header)));
      for await (const { payload } of file.frames()) {
        assert.ok(["header", ...payloads].includes(decode(payload)), "a payload nobody wrote");
      }
    },
  };
}

/** A whole log with one of its files damaged: what it still shows is what was appended, or it says what is wrong. */
async function logTarget(): Promise<FuzzTarget> {
  const disk = createForgetfulDisk();
  const folder = "/log";
  const options = () => testLogOptions(disk.mount(), { indexPath: ":memory:", writeAheadLimitBytes: 2_000 });
  const count = 300;
  const originals: string[] = [];
  {
    await using log = await openFileLog(folder, options());
    for (let n = 0; n < count; n += 100) {
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, i) => log.append(testDraft("a", n + i))),
      );
      originals.push(...results.map(({ id }) => id));
      if (n < 200) await log.checkpoint();
    }
  }
  const paths = ["write-ahead", "checkpoint", "tile/0/000.p/200", "tile/entries/000.p/200"].map((name) =>
    `${folder}/${name}`
  );
  const contents = new Map(paths.map((path) => [path, disk.peek(path)!]));
  return {
    name: "openFileLog()",
    async tryOne(random) {
      const path = pick(paths, random);
      disk.poke(path, mutateBytes(contents.get(path)!, random));
      try {
        await using log = await openFileLog(folder, options());
        const hashes: Uint8Array[] = [];
        for (let index = 0n; index < await log.size(); index++) {
          hashes.push(leafHash((await log.entry(index))!));
        }
        assert.deepEqual(
          hashes.map((hash) => hash.toHex()),
          originals.slice(0, hashes.length),
          "other records than were appended",
        );
        const published = await log.publishedCheckpoint();
        if (published !== undefined) {
          const { root } = await log.headAt(published.size);
          assert.deepEqual(
            root,
            merkleRoot(hashes.slice(0, Number(published.size))),
            "a root that is not that of the entries",
          );
        }
      } finally {
        for (const [path, bytes] of contents) disk.poke(path, bytes);
      }
    },
  };
}

function ledgerTarget(): FuzzTarget {
  const line = (i: number, more: object) => ({
    transactionId: UUIDS[i]!,
    hash: HASH,
    metadata: "m",
    timestamp: 1_700_000_000,
    blockNumber: i + 1,
    submitter: "local:pot/test",
    ...more,
  });
  const lines = [
    line(0, { key: "k", imported: { blockNumber: 4, submitter: "s" } }),
    line(1, { root: HASH, size: "5", key: "anchor" }),
  ];
  const disk = createForgetfulDisk();
  const files = disk.mount();
  return {
    name: "openLedger()",
    async tryOne(random) {
      const texts: Uint8Array[] = lines.map((value) => encode(JSON.stringify(value)));
      const which = Math.floor(random() * texts.length);
      texts[which] = mutateJsonText(decode(texts[which]!), random);
      const bytes = Uint8Array.from(texts.flatMap((text) => [...text, 0x0a]));
      (await files.open("/ledger")).close();
      disk.poke("/ledger", random() < 0.2 ? mutateBytes(bytes, random) : bytes);
      await using ledger = openLedger("/ledger", { files });
      await ledger.read(async (reads) => {
        for (const id of UUIDS) {
          const found = await reads.findId(id);
          if (found === undefined) continue;
          assert.match(found.hash, /^[0-9a-f]{64}$/);
          assert.ok(Number.isSafeInteger(found.timestamp) && found.timestamp >= 0);
          assert.ok(found.blockNumber >= 1 && found.blockNumber <= reads.lineCount());
          assert.equal(
            (await reads.newestHead("local:pot/test"))?.size === undefined,
            !(await reads.newestHead("local:pot/test")),
          );
        }
      });
    },
  };
}

const EVM_ANCHOR = encodeAnchor({
  size: 5n,
  root: new Uint8Array(32).fill(5),
  note: "note\n",
  facts: {
    kind: "evm",
    state: "confirmed",
    chainId: "eip155:1",
    contract: "0xAa",
    codeHash: "0xcc",
    submitter: "0xdd",
    transactionHashes: ["0x01"],
    inclusion: {
      transactionHash: "0x01",
      transactionIndex: 2,
      blockNumber: 2n ** 60n + 1n,
      blockHash: "0x02",
      blockTime: 1_800_000_000,
      logIndex: 1,
      gasUsed: 29_191n,
      effectiveGasPriceWei: 10n ** 20n,
    },
  },
});
const LOCAL_ANCHOR = encodeAnchor({
  size: 5n,
  root: new Uint8Array(32).fill(5),
  note: "note\n",
  facts: {
    kind: "local",
    state: "local",
    chainId: "local:pot/test",
    transactionId: UUIDS[0],
    submitter: "local:pot/test",
    blockNumber: 1n,
    timestamp: 1_700_000_000,
  },
});

function anchorsTarget(): FuzzTarget {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  return {
    name: "openAnchorStore()",
    async tryOne(random) {
      const text = mutateJsonText(JSON.stringify(pick([EVM_ANCHOR, LOCAL_ANCHOR], random)), random);
      (await files.open("/anchors.jsonl")).close();
      disk.poke("/anchors.jsonl", Uint8Array.from([...text, 0x0a]));
      using store = await openAnchorStore("/anchors.jsonl", { files });
      // What was read is what the line says, and can be written again.
      for (const anchor of await store.list()) {
        assert.equal(typeof anchor.size, "bigint");
        assert.deepEqual(decodeAnchor(encodeAnchor(anchor), "again"), anchor);
      }
    },
  };
}

const SIGNED: JournalFrame = {
  type: "signed",
  key: "anchor:5",
  purpose: "anchor",
  chainId: 137,
  nonce: 4,
  hash: `0x${HASH}`,
  raw: "0x02f8",
  maxCostWei: 10n ** 18n,
  kind: "first",
  fees: { type: "eip1559", maxFeePerGasWei: 3n, maxPriorityFeePerGasWei: 1n },
  records: 5,
  signedAtMs: 1_700_000_000_000,
};
const MINED: JournalFrame = {
  type: "state",
  key: "anchor:5",
  chainId: 137,
  nonce: 4,
  state: "mined",
  atMs: 1_700_000_000_000,
  mined: {
    transactionHash: `0x${HASH}`,
    transactionHashes: [`0x${HASH}`],
    blockNumber: 7n,
    blockHash: `0x${HASH}`,
    blockTime: 1_700_000_000,
    transactionIndex: 0,
    gasUsed: 21_000n,
    effectiveGasPriceWei: 5n,
    logs: [{ address: `0x${"Aa".repeat(20)}`, topics: [`0x${HASH}`], data: "0x" }],
  },
};

const journalTarget: FuzzTarget = {
  name: "decodeJournalFrames()",
  tryOne(random) {
    const mutant = mutateJsonText(decode(encodeJournalFrames([SIGNED, MINED])), random);
    const frames = decodeJournalFrames(mutant);
    assert.deepEqual(decodeJournalFrames(encodeJournalFrames(frames)), frames);
    for (const frame of frames) {
      assert.ok(frame.chainId >= 0);
      if (frame.type === "signed") {
        assert.equal(typeof frame.maxCostWei, "bigint");
        assert.ok(Number.isSafeInteger(frame.signedAtMs) && typeof frame.purpose === "string");
        assert.match(frame.hash, /^0x[0-9a-f]{64}$/);
        assert.match(frame.raw, /^0x(?:[0-9a-f]{2})+$/);
      }
      if (frame.type === "state" && frame.mined !== undefined) {
        assert.equal(typeof frame.mined.gasUsed, "bigint");
      }
    }
  },
};

const prototypeTarget: FuzzTarget = {
  name: "importPrototypeLedger()",
  async tryOne(random) {
    const record = {
      hash: HASH,
      metadata: { step: 5 },
      timestamp: 1_700_000_000,
      block_number: 3,
      submitter: "s",
    };
    const text = JSON.stringify(
      pick([{ [UUIDS[0]]: record, old: record }, [{ transaction_id: "a", ...record }]], random),
    );
    const files = createForgetfulDisk().mount();
    await importPrototypeLedger(decode(mutateJsonText(text, random)), {
      path: "/l.jsonl",
      origin: "pot/test",
      files,
    });
    await using ledger = openLedger("/l.jsonl", { files });
    assert.ok(await ledger.read((reads) => reads.lineCount()) <= 4);
  },
};

/** Everything that reads what somebody else may have written. */
export async function fuzzTargets(): Promise<readonly FuzzTarget[]> {
  return [
    recordTarget,
    manifestTarget,
    await noteTarget(),
    bundleTarget,
    await framesTarget(),
    await logTarget(),
    ledgerTarget(),
    anchorsTarget(),
    journalTarget,
    prototypeTarget,
    ...await proofTargets(),
    ...await batchTargets(),
    ...await tlogTargets(),
  ];
}
