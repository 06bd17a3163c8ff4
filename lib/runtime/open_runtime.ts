import { join } from "node:path";
import type { AccessGate } from "../access/access_gate.ts";
import { finishSwap } from "../backup/swap_state.ts";
import type { ChainClient } from "../chain/chain_client.ts";
import { createRpcMeter, type RpcMeter } from "../chain/rpc_meter.ts";
import type { Clock } from "../core/clock.ts";
import { denoFiles } from "../io/deno_files.ts";
import { type DocumentStore, openDocumentStore } from "../io/document_store.ts";
import type { Log } from "../log/log.ts";
import { type AnchorStore, openAnchorStore } from "../recorder/anchor_store.ts";
import { createRecorder, type Recorder } from "../recorder/recorder.ts";
import { openStoredHashes } from "../recorder/stored_hashes.ts";
import type { Config } from "./config.ts";
import { guardPort } from "./guard_port.ts";
import { createLazyChainClient } from "./lazy_chain_client.ts";
import { openAccess } from "./open_access.ts";
import { openLog } from "./open_log.ts";
import type { Writer } from "./open_signer.ts";
import {
  ANCHOR_RULES,
  CHAIN_RULES,
  DOCUMENT_RULES,
  LOG_RULES,
  RECORDER_CHAIN_RULES,
  RECORDER_RULES,
} from "./port_rules.ts";
import { pinCertificates } from "./pin_certificates.ts";
import { resolveContract } from "./resolve_contract.ts";
import { systemClock } from "./system_clock.ts";

/** Everything a command, a job or a server works with, put together from one configuration. */
export interface Runtime extends AsyncDisposable {
  /** What it was opened with; holds secrets. */
  readonly config: Config;
  /** Holds the records. */
  readonly log: Log;
  /** Opened by its first use. */
  readonly chain: ChainClient;
  /** What the chain said of each anchor. */
  readonly anchors: AnchorStore;
  /** Manifests and lists of tensors that records name by digest. */
  readonly documents: DocumentStore;
  /** Works on all of these. */
  readonly recorder: Recorder;
  /** Counts what is asked of the chain's endpoints. */
  readonly meter: RpcMeter;
}

/** What to put in place of the machine's own. */
export interface OpenRuntimeOptions {
  /** For dates, pauses and time limits. @default the machine's clock */
  readonly clock?: Clock;
  /** Told, in a line, what a person should know of and do something about. @default nobody */
  readonly onNotice?: (line: string) => void;
  /** Signs in place of the configured key. @default the configured key, as long as it is in force */
  readonly writer?: Writer;
  /**
   * Asked before anything is changed, by whoever acts. @default as the configuration says: `local` may do anything, or a token is
   * asked for
   */
  readonly access?: AccessGate;
}

/**
 * The composition root: the only place that picks adapters. Opens the log at once, in the home folder
 * or in PostgreSQL, and the chain at its first use.
 *
 * @throws {UsageError} when there is no log yet, or its key is for another origin than the configuration says.
 * @throws {UnreachableError} when the log is in PostgreSQL and that does not answer.
 *
 * @example
 * ```ts
 * import { type Config, openRuntime } from "@pot/ops";
 * async function recordStep(config: Config, step: number, loss: number): Promise<string> {
 *   await using runtime = await openRuntime(config);
 *   return (await runtime.recorder.recordCheckpoint({ runId: "run-1", step, metrics: { loss } })).id;
 * }
 * console.log(recordStep.name);
 * ```
 */
export async function openRuntime(
  config: Config,
  { clock = systemClock, onNotice, writer, access = openAccess(config, { clock }).gate }: OpenRuntimeOptions =
    {},
): Promise<Runtime> {
  if (config.caFile !== undefined) await pinCertificates(config.caFile);
  await finishSwap(config.home, { files: denoFiles });
  await using opened = new AsyncDisposableStack();
  const log = opened.use(await openLog(config));
  // Anchors and stored hashes are kept in the home folder, wherever the log is.
  const anchors = opened.use(await openAnchorStore(join(config.home, "anchors.jsonl"), { files: denoFiles }));
  const stored = opened.use(await openStoredHashes(join(config.home, "stored.jsonl"), { files: denoFiles }));
  const meter = createRpcMeter();
  const contract = config.chain === "evm" ? await resolveContract(config) : undefined;
  const chain = opened.use(createLazyChainClient({
    kind: config.chain,
    chainId: config.chain === "evm" ? `eip155:${config.evm?.chainId}` : `local:${log.origin}`,
    open: async () =>
      (await import("./open_chain_client.ts")).openChainClient(config, {
        clock,
        ...(onNotice && { onNotice }),
        ...(writer && { writer }),
        onRpcCall: meter.count,
        onRpcFailure: meter.countFailure,
      }),
  }));
  const anchorWithinMs = config.evm?.sending.anchorWithinMs;
  const recorder = createRecorder({
    log,
    chain: guardPort(chain, RECORDER_CHAIN_RULES, access),
    anchors,
    stored,
    anchoring: config.anchoring,
    clock,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...(contract === undefined ? {} : { contract }),
    ...(anchorWithinMs === undefined ? {} : { anchorWithinMs }),
  });
  const documents = openDocumentStore(join(config.home, "manifests"), { files: denoFiles });
  const disposables = opened.move();
  return {
    config,
    log: guardPort(log, LOG_RULES, access),
    chain: guardPort(chain, CHAIN_RULES, access),
    anchors: guardPort(anchors, ANCHOR_RULES, access),
    documents: guardPort(documents, DOCUMENT_RULES, access),
    recorder: guardPort(recorder, RECORDER_RULES, access),
    meter,
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}
