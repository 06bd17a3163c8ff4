import type { ChainClient } from "../../lib/chain/chain_client.ts";
import { createLocalClient } from "../../lib/chain/local_client.ts";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { eventKey } from "../../lib/core/encode_record.ts";
import { generateNoteKey, importNoteSigner } from "../../lib/core/note_key.ts";
import { eventOf, parseRecord } from "../../lib/core/parse_record.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { openFileLog } from "../../lib/log/file_log.ts";
import type { Log } from "../../lib/log/log.ts";
import { type AnchorStore, openAnchorStore } from "../../lib/recorder/anchor_store.ts";
import { createRecorder, type Recorder, type RecorderDeps } from "../../lib/recorder/recorder.ts";
import { openStoredHashes, type StoredHashes } from "../../lib/recorder/stored_hashes.ts";

export const ORIGIN = "pot/recorder";
export const { signerKey, verifierKey } = await generateNoteKey(ORIGIN);
export const NOW = Date.parse("2026-01-31T12:00:00.000Z");

/** A recorder with all that it stands on, on real files in one folder. */
export interface OpenedRecorder extends AsyncDisposable {
  readonly recorder: Recorder;
  readonly log: Log;
  readonly anchors: AnchorStore;
  readonly stored: StoredHashes;
  readonly chain: ChainClient;
}

export interface OpenRecorderOptions
  extends Partial<Pick<RecorderDeps, "contract" | "anchoring" | "clock" | "randomBytes">> {
  /** Disposed with the recorder. @default the local ledger in the folder */
  readonly chain?: ChainClient;
  /** Wraps the store, to make it fail. */
  readonly wrapAnchors?: (store: AnchorStore) => AnchorStore;
}

export function localClientIn(folder: string): ChainClient {
  return createLocalClient({
    path: `${folder}/provenance_records.jsonl`,
    origin: ORIGIN,
    files: denoFiles,
    clock: { now: () => NOW },
    randomUuid: () => crypto.randomUUID(),
  });
}

/** Opens the recorder in that folder; a second one stands for a second process. */
export async function openRecorder(
  folder: string,
  options: OpenRecorderOptions = {},
): Promise<OpenedRecorder> {
  const signer = await importNoteSigner(signerKey);
  const {
    chain = localClientIn(folder),
    anchoring = "batched",
    clock = { now: () => NOW },
    randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    wrapAnchors = (store) => store,
    contract,
  } = options;
  const log = await openFileLog(`${folder}/log`, {
    files: denoFiles,
    origin: ORIGIN,
    verifierKeys: [verifierKey],
    sign: (head) => signCheckpointNote({ ...head, origin: ORIGIN }, signer),
    eventKeyOf: (bytes) => {
      const record = parseRecord(bytes);
      return { runId: record.runId, eventKey: eventKey(eventOf(record)) };
    },
  });
  const anchors = wrapAnchors(await openAnchorStore(`${folder}/anchors.jsonl`, { files: denoFiles }));
  const stored = await openStoredHashes(`${folder}/stored.jsonl`, { files: denoFiles });
  const recorder = createRecorder({
    log,
    chain,
    anchors,
    stored,
    anchoring,
    clock,
    randomBytes,
    ...(contract === undefined ? {} : { contract }),
  });
  return {
    recorder,
    log,
    anchors,
    stored,
    chain,
    async [Symbol.asyncDispose]() {
      await chain[Symbol.asyncDispose]();
      anchors[Symbol.dispose]();
      stored[Symbol.dispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}

/** A new folder, removed with all in it. */
export async function makeTempFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Records training checkpoints of those steps; answers with their ids. */
export async function recordSteps(
  recorder: Recorder,
  from: number,
  to: number,
  runId = "run-1",
): Promise<string[]> {
  const ids: string[] = [];
  for (let step = from; step <= to; step++) {
    ids.push((await recorder.recordCheckpoint({ runId, step, metrics: { loss: 1 / step } })).id);
  }
  return ids;
}
