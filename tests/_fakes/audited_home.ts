import { openAuditTrail } from "../../lib/access/audit_trail.ts";
import { LOCAL_PRINCIPAL } from "../../lib/access/principal.ts";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { createLocalClient } from "../../lib/chain/local_client.ts";
import type { ChainClient } from "../../lib/chain/chain_client.ts";
import type { LogKey } from "../../lib/core/log_keys.ts";
import { encodeManifest } from "../../lib/core/manifest.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import type { FileLayer } from "../../lib/io/file_layer.ts";
import { openDocumentStore } from "../../lib/io/document_store.ts";
import { openAuditFileSource } from "../../lib/log/audit_file_source.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import type { Log } from "../../lib/log/log.ts";
import { openAnchorStore } from "../../lib/recorder/anchor_store.ts";
import type { AuditedChain } from "../../lib/recorder/audit_chain.ts";
import { auditLog, type AuditReport } from "../../lib/recorder/audit_log.ts";
import { createRecorder, type Recorder } from "../../lib/recorder/recorder.ts";
import { openStoredHashes } from "../../lib/recorder/stored_hashes.ts";
import { identifyRecord } from "../../lib/runtime/open_log.ts";

export const ORIGIN = "pot/audited";
export const { signerKey, verifierKey } = await generateNoteKey(ORIGIN);
const NOW = Date.parse("2026-01-31T12:00:00.000Z");

/** A home with all that an audit looks at. */
export interface OpenedHome extends AsyncDisposable {
  readonly log: Log;
  readonly recorder: Recorder;
}

export interface OpenHomeOptions {
  /** @default the local ledger in the home */
  readonly chain?: ChainClient;
  readonly contract?: string;
  /** @default "batched" */
  readonly anchoring?: "batched" | "each";
}

/** Opens the log in `folder`, signed by the key of these homes, with a write-ahead file that is soon replaced. */
export async function openAuditedLog(folder: string): Promise<Log> {
  const signer = await importNoteSigner(signerKey);
  return await openFileLog(folder, {
    files: denoFiles,
    origin: ORIGIN,
    verifierKeys: [verifierKey],
    sign: (head) => signCheckpointNote({ ...head, origin: ORIGIN }, signer),
    eventKeyOf: identifyRecord,
    writeAheadLimitBytes: 60_000,
  });
}

export async function openHome(home: string, options: OpenHomeOptions = {}): Promise<OpenedHome> {
  const log = await openAuditedLog(`${home}/log`);
  const anchors = await openAnchorStore(`${home}/anchors.jsonl`, { files: denoFiles });
  const stored = await openStoredHashes(`${home}/stored.jsonl`, { files: denoFiles });
  const chain = options.chain ?? createLocalClient({
    path: `${home}/provenance_records.jsonl`,
    origin: ORIGIN,
    files: denoFiles,
    clock: { now: () => NOW },
    randomUuid: () => crypto.randomUUID(),
  });
  const recorder = createRecorder({
    log,
    chain,
    anchors,
    stored,
    anchoring: options.anchoring ?? "batched",
    clock: { now: () => NOW },
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...(options.contract === undefined ? {} : { contract: options.contract }),
  });
  return {
    log,
    recorder,
    async [Symbol.asyncDispose]() {
      if (options.chain === undefined) await chain[Symbol.asyncDispose]();
      anchors[Symbol.dispose]();
      stored[Symbol.dispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}

/** Records so many training checkpoints, in three runs in turn, that the log has `size` records. */
export async function recordUpTo({ log, recorder }: OpenedHome, size: number): Promise<void> {
  const from = Number(await log.size());
  await Promise.all(
    Array.from({ length: size - from }, (_, i) =>
      recorder.recordCheckpoint({
        runId: `run-${(from + i) % 3}`,
        step: from + i,
        metrics: { loss: 1 / (1 + from + i) },
        parameters: { note: `"salt":"${from + i}"` },
      })),
  );
}

/**
 * 400 records: 300 published and anchored, whose write-ahead file was replaced; 380 published and anchored, of which the
 * last 80 are in the write-ahead file too; 20 that are only there. The last one that is anchored is of a folder.
 */
export async function makeAuditedHome(): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "pot-audit-test-" });
  await using opened = await openHome(home);
  for (const size of [100, 300, 379]) {
    await recordUpTo(opened, size);
    if (size < 379) await opened.recorder.anchorPending();
  }
  const manifest = encodeManifest([{ path: "a.bin", sizeBytes: 3, digest: "ab".repeat(32) }]);
  const digest = await openDocumentStore(`${home}/manifests`, { files: denoFiles }).put(manifest);
  await opened.recorder.recordCheckpoint({
    runId: "run-1",
    step: 379,
    artifact: {
      algorithm: "sha256",
      digest,
      sizeBytes: 3,
      name: "shards",
      kind: "directory",
      computed: true,
    },
  });
  await opened.recorder.anchorPending();
  await recordUpTo(opened, 400);
  await writeTrail(home);
  return home;
}

/** An audit trail that tells of those three anchors, with a gap that a token's making fills. */
async function writeTrail(home: string): Promise<void> {
  const signer = await importNoteSigner(signerKey);
  let nowMs = NOW - 3_600_000;
  const trail = openAuditTrail(home, {
    files: denoFiles,
    clock: { now: () => nowMs++ },
    signer: () => Promise.resolve(signer),
  });
  const by = { principal: LOCAL_PRINCIPAL, outcome: "allowed" } as const;
  await trail.note({ ...by, verb: "home.init", subject: "" });
  for (const size of [100, 300]) await trail.note({ ...by, verb: "anchor.send", subject: `size ${size}` });
  await trail.note({ ...by, verb: "tokens.new", subject: "ci-trainer" });
  await trail.note({ ...by, verb: "anchor.send", subject: "size 380" });
}

export interface AuditOptions {
  /** @default the disk */
  readonly files?: FileLayer;
  readonly chain?: AuditedChain;
  /** @default the key that all was signed with */
  readonly keys?: readonly LogKey[] | "unknown";
}

export async function audit(
  home: string,
  { chain, keys, files = denoFiles }: AuditOptions = {},
): Promise<AuditReport> {
  return await auditLog({
    home,
    files,
    origin: ORIGIN,
    keys: () => Promise.resolve(keys === "unknown" ? undefined : keys ?? [{ verifierKey, from: 0n }]),
    chain,
    async withSource(to, work) {
      using source = await openAuditFileSource(`${home}/log`, { files, ...to });
      return await work(source);
    },
  });
}

/** Each mismatch as `code | where | detail`. */
export function namedIn({ findings }: AuditReport): readonly string[] {
  return findings.flatMap(({ code, examples }) =>
    examples.map(({ where, detail }) => `${code} | ${where} | ${detail}`)
  );
}

/** A copy of a home, removed with its disposal. */
export async function copyHome(from: string): Promise<{ readonly home: string } & AsyncDisposable> {
  const home = await Deno.makeTempDir({ prefix: "pot-audit-test-" });
  await copyFolder(from, home);
  return { home, [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }) };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
