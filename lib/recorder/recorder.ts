import type { AnchorFacts, AnchorState, ChainClient } from "../chain/chain_client.ts";
import type { Clock } from "../core/clock.ts";
import { encodeRecord, eventKey } from "../core/encode_record.ts";
import { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { parseEvent } from "../core/parse_event.ts";
import { parseRecord } from "../core/parse_record.ts";
import { RECORD_SCHEMA, type RecordEvent } from "../core/record.ts";
import type { Log } from "../log/log.ts";
import type { BatchProof } from "../verify/batch_proof.ts";
import type { Proof } from "../verify/proof.ts";
import { createAnchorKeeper } from "./anchor_keeper.ts";
import type { Anchor } from "./anchor_line.ts";
import { type AnchorStore, betterState } from "./anchor_store.ts";
import { buildBatchProof } from "./build_batch_proof.ts";
import { buildProof } from "./build_proof.ts";
import { checkSameLog } from "./check_same_log.ts";
import { storeEach } from "./store_each.ts";
import type { StoredHashes } from "./stored_hashes.ts";

/** Records training events, anchors them and hands out proofs: what a training loop talks to. */
export interface Recorder {
  /** Records a training checkpoint; `step` is required. */
  recordCheckpoint(event: Omit<RecordEvent, "kind">, options?: RecorderOptions): Promise<RecordResult>;
  /** Records a validation result. */
  recordValidation(event: Omit<RecordEvent, "kind">, options?: RecorderOptions): Promise<RecordResult>;
  /** Records any event. Durable when it resolves; the same event again is answered with the first record. */
  record(event: RecordEvent, options?: RecorderOptions): Promise<RecordResult>;
  /**
   * Anchors everything that no anchor covers yet, in one transaction (with `anchoring: "each"`, also one per record). One
   * call at a time, across processes: the next one waits, and then finds nothing left to do.
   *
   * @throws {PotError} when the log is not the one that was anchored before.
   */
  anchorPending(options?: AnchorPendingOptions): Promise<AnchorOutcome>;
  /**
   * Asks the chain about every anchor that is not final, or lacks its receipt, and keeps what it says; returns how many changed.
   */
  refreshAnchors(options?: RecorderOptions): Promise<number>;
  /** The proof of one record, as good as it can be now. Throws when no record has that id. */
  prove(id: string): Promise<Proof>;
  /** The proofs of all records of a run in one. Throws when there are none, or too many for one file. */
  proveRun(runId: string): Promise<BatchProof>;
  /**
   * A proof that was handed out earlier, as good as it can be now: its anchors asked about, and those added that it lacks. What has
   * not changed stays as it is: `proof` itself is answered where nothing has. Of a record that this log does not hold,
   * only the anchors are asked about.
   *
   * @throws {PotError} when the proof does not hold, or it is of another log and not anchored yet.
   */
  upgrade(proof: Proof, options?: UpgradeOptions): Promise<UpgradedProof>;
  /** The same for a batch. */
  upgradeBatch(batch: BatchProof, options?: UpgradeOptions): Promise<UpgradedBatchProof>;
  /** What this machine knows of records, runs and anchors; asks no chain. */
  status(): Promise<RecorderStatus>;
}

/** How a proof is upgraded. */
export interface UpgradeOptions extends RecorderOptions {
  /** Ask nobody: add what this machine knows. @default false */
  readonly isOffline?: boolean;
}

/** What became of a batch. */
export interface UpgradedBatchProof extends Pick<UpgradedProof, "isInLog"> {
  /** The very object that was given, where nothing has changed. */
  readonly batch: BatchProof;
}

/** What became of a proof. */
export interface UpgradedProof {
  /** The very object that was given, where nothing has changed. */
  readonly proof: Proof;
  /** This log holds the record at that index. */
  readonly isInLog: boolean;
}

/** What every call that waits takes. */
export interface RecorderOptions {
  /** Ends the wait with its reason; what is durable or sent by then stays so. */
  readonly signal?: AbortSignal;
}

/** What anchoring listens to, and whom it tells. */
export interface AnchorPendingOptions extends RecorderOptions {
  /** Called after each record that was stored by itself (`anchoring: "each"`). */
  readonly onStored?: (done: number, total: number) => void;
}

/** Where a record stands. */
export interface RecordResult {
  /** The record's id: its leaf hash, 64 lowercase hex characters. */
  readonly id: string;
  /** Position in the log, from 0. */
  readonly index: bigint;
  /** The same event was recorded before; `id` and `index` are that record's. */
  readonly isDuplicate: boolean;
}

/** What one call anchored. */
export interface AnchorOutcome {
  /** Records that this anchor covers and no earlier one did; 0 when nothing was pending. */
  readonly recordCount: number;
  /** The anchor that covers the whole log now; absent for an empty log. */
  readonly anchor?: Anchor;
  /** Records stored one by one (`anchoring: "each"`). */
  readonly storedCount: number;
}

/** What there is to show of a log and its anchors. */
export interface RecorderStatus {
  /** The log's name in its checkpoints. */
  readonly origin: string;
  /** Durable ones. */
  readonly recordCount: number;
  /** How many records are in each state. */
  readonly records: Readonly<Record<AnchorState, number>>;
  /** In the order in which they began. */
  readonly runs: readonly { readonly runId: string; readonly recordCount: number }[];
  /** Oldest first. */
  readonly anchors: readonly Anchor[];
}

/** What a recorder is made of. */
export interface RecorderDeps {
  /** Takes the records. */
  readonly log: Log;
  /** Takes the heads. */
  readonly chain: ChainClient;
  /** The contract that `chain` writes to; anchors in another one do not count. */
  readonly contract?: string;
  /** Keeps what the chain said. */
  readonly anchors: AnchorStore;
  /** Keeps which records were stored one by one. */
  readonly stored: StoredHashes;
  /** `each` also stores every record's hash with `storeHash`. */
  readonly anchoring: "batched" | "each";
  /** How old a record may grow before its anchor no longer waits for cheaper gas. @default waits without end */
  readonly anchorWithinMs?: number;
  /** Dates each record. */
  readonly clock: Pick<Clock, "now">;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/**
 * Makes a recorder over a log and a chain. `openRuntime` does it from a configuration.
 *
 * @example
 * ```ts
 * import { createRecorder, type RecorderDeps } from "@pot/ops";
 * async function recordOne(deps: RecorderDeps): Promise<string> {
 *   const recorder = createRecorder(deps);
 *   const { id } = await recorder.recordCheckpoint({ runId: "run-1", step: 500, metrics: { loss: 0.25 } });
 *   return id;
 * }
 * console.log(recordOne.name);
 * ```
 */
export function createRecorder(deps: RecorderDeps): Recorder {
  const { log, chain, anchors, clock, randomBytes } = deps;
  const scope = deps.contract === undefined ? chain.chainId : scopeOf(chain.chainId, deps.contract);
  /** Where anchors and stored hashes count: the configured contract, and those that it took the place of or that took its place. */
  let scopes: readonly string[] = [scope];
  const keeper = createAnchorKeeper({ anchors, chain, scope });

  async function record(input: RecordEvent, options: RecorderOptions = {}): Promise<RecordResult> {
    const event = parseEvent(input);
    const build = (previous: string | undefined) =>
      encodeRecord({
        schema: RECORD_SCHEMA,
        ...event,
        ...(previous === undefined ? {} : { previous }),
        recordedAt: new Date(clock.now()).toISOString(),
        salt: toHex(randomBytes(32)),
      });
    return await log.append({ runId: event.runId, eventKey: eventKey(event), build }, options);
  }

  /** Whether that anchor is what the configured chain asks for (a local one only counts when the chain is local). */
  function counts({ facts }: Anchor): boolean {
    if (facts.state === "pending") return false;
    return scopes.includes(placeOf(facts));
  }

  /** Asks the chain which contracts are linked; only where what this machine knows of is in another one. */
  async function learnScopes(known: readonly string[], options: RecorderOptions): Promise<void> {
    if (chain.lineage === undefined) return;
    if (!known.some((other) => other.startsWith(`${chain.chainId} `) && !scopes.includes(other))) return;
    const linked = await chain.lineage(options);
    scopes = [...new Set([scope, ...linked.map((contract) => scopeOf(chain.chainId, contract))])];
  }

  async function anchorPending(options: AnchorPendingOptions = {}): Promise<AnchorOutcome> {
    const { signal } = options;
    return await anchors.exclusively(() => anchorNow(options), signal === undefined ? {} : { signal });
  }

  async function anchorNow({ signal, onStored }: AnchorPendingOptions): Promise<AnchorOutcome> {
    const options = signal === undefined ? {} : { signal };
    const head = await log.checkpoint(options);
    if (head !== undefined) await keeper.complete(head.size, options);
    const all = await anchors.list();
    await checkSameLog(head, { log, anchors: all });
    if (head === undefined) return { recordCount: 0, storedCount: 0 };
    const storedCount = deps.anchoring === "each"
      ? await storeNow(head.size, { ...options, ...(onStored && { onStored }) })
      : 0;
    if (coverOf(all) < head.size) await learnScopes(all.map(({ facts }) => placeOf(facts)), options);
    const covering = all.filter(counts);
    const covered = coverOf(all);
    if (covered >= head.size) {
      return { recordCount: 0, storedCount, anchor: covering.find(({ size }) => size === covered)! };
    }
    const anchor = await keeper.anchor(head, {
      ...options,
      records: Number(head.size - covered),
      ...await deadlineOf(covered),
    });
    return { recordCount: Number(head.size - covered), storedCount, anchor };
  }

  /** When the oldest record without an anchor has waited as long as it may. */
  async function deadlineOf(index: bigint): Promise<{ readonly deadlineMs?: number }> {
    const oldest = deps.anchorWithinMs === undefined ? undefined : await log.entry(index);
    if (oldest === undefined) return {};
    return { deadlineMs: Date.parse(parseRecord(oldest).recordedAt) + deps.anchorWithinMs! };
  }

  /** How many records the anchors cover that count. */
  function coverOf(all: readonly Anchor[]): bigint {
    return all.filter(counts).reduce((most, { size }) => (size > most ? size : most), 0n);
  }

  async function storeNow(
    size: bigint,
    { onStored, ...options }: AnchorPendingOptions,
  ): Promise<number> {
    const { stored } = deps;
    if (await stored.firstMissing(scopes) < size) await learnScopes(await stored.scopes(), options);
    return await storeEach({ log, chain, stored, scopes }, { ...options, size, onStored });
  }

  async function refreshAnchors(options: RecorderOptions = {}): Promise<number> {
    return await anchors.exclusively(() => keeper.refresh(options), options);
  }

  async function prove(id: string): Promise<Proof> {
    const index = await log.find(id);
    if (index === undefined) {
      throw new PotError("Cannot prove the record as the log holds none with this id", {
        facts: [`id: ${id}`],
        hint: "list runs and ids with: pot runs",
      });
    }
    return await buildProof(index, { log, anchors: await anchors.list() });
  }

  async function proveRun(runId: string): Promise<BatchProof> {
    const indices = await log.runIndices(runId);
    if (indices.length === 0) {
      throw new PotError("Cannot prove the run as the log holds no record of it", {
        facts: [`run: ${runId}`],
        hint: "list runs with: pot runs",
      });
    }
    return await buildBatchProof(indices, { log, anchors: await anchors.list() });
  }

  async function upgrade(proof: Proof, options: UpgradeOptions = {}): Promise<UpgradedProof> {
    const { upgradeProof } = await import("./upgrade_proof.ts");
    return await upgradeProof(proof, { log, chain, anchors, keeper }, options);
  }

  async function upgradeBatch(batch: BatchProof, options: UpgradeOptions = {}): Promise<UpgradedBatchProof> {
    const { upgradeBatchProof } = await import("./upgrade_batch_proof.ts");
    return await upgradeBatchProof(batch, { log, chain, anchors, keeper }, options);
  }

  async function status(): Promise<RecorderStatus> {
    const all = await anchors.list();
    const size = await log.size();
    return {
      origin: log.origin,
      recordCount: Number(size),
      records: countStates(size, all),
      runs: (await log.runs()).map(({ runId, recordCount }) => ({ runId, recordCount })),
      anchors: all,
    };
  }

  return {
    record,
    recordCheckpoint: (event, options) => record({ ...event, kind: "checkpoint" }, options),
    recordValidation: (event, options) => record({ ...event, kind: "validation" }, options),
    anchorPending,
    refreshAnchors,
    prove,
    proveRun,
    upgrade,
    upgradeBatch,
    status,
  };
}

/** Names a contract in the files of this home. */
function scopeOf(chainId: string, contract: string): string {
  return `${chainId} ${contract.toLowerCase()}`;
}

function placeOf(facts: AnchorFacts): string {
  return facts.kind === "evm" ? scopeOf(facts.chainId, facts.contract) : facts.chainId;
}

/** Records by the state of the best anchor that covers each; sizes split the log into stretches of equal state. */
function countStates(size: bigint, anchors: readonly Anchor[]): Readonly<Record<AnchorState, number>> {
  const counts: Record<AnchorState, number> = { pending: 0, local: 0, anchored: 0, confirmed: 0, final: 0 };
  let best: AnchorState = "pending";
  // From the log's end back: whatever came before in this order covers a stretch. A log that was cut short has anchors past its end.
  let to = size;
  for (const anchor of anchors.toSorted((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0))) {
    if (anchor.size < to) {
      counts[best] += Number(to - anchor.size);
      to = anchor.size;
    }
    best = betterState(best, anchor.facts.state);
  }
  counts[best] += Number(to);
  return counts;
}
