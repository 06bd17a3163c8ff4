import { PotError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { multiproofRanges } from "../core/merkle/multiproof.ts";
import type { Log } from "../log/log.ts";
import type { BatchProof } from "../verify/batch_proof.ts";
import { type Anchor as ProvenAnchor, type Proof, PROOF_SCHEMA } from "../verify/proof.ts";
import { verifyBatchProof } from "../verify/verify_batch_proof.ts";
import { thinOut } from "./build_batch_proof.ts";
import { mergeProof } from "./merge_proof.ts";
import type { UpgradedBatchProof, UpgradeOptions } from "./recorder.ts";
import { type AskChain, isAskable, refreshProof } from "./refresh_proof.ts";
import { newsFromLog, refreshFromChain, type UpgradeSources } from "./upgrade_proof.ts";

/** What a batch's upgrade is made from. */
export interface BatchUpgradeSources extends Pick<UpgradeSources, "chain" | "anchors" | "keeper"> {
  readonly log: Pick<Log, "headAt" | "publishedCheckpoint" | "subtreeHashes" | "verifierKeys">;
}

/**
 * A batch as good as it can be now: as `upgradeProof` does it for one record. Its records stay what they are.
 *
 * @throws {PotError} when it does not hold, or it is of another log and nothing in it can be asked about.
 */
export async function upgradeBatchProof(
  batch: BatchProof,
  sources: BatchUpgradeSources,
  { isOffline = false, signal }: UpgradeOptions = {},
): Promise<UpgradedBatchProof> {
  const options = signal === undefined ? {} : { signal };
  await requireSoundBatch(batch);
  const isInLog = await isOfLog(batch, sources.log);
  if (!isInLog) requireAskableBatch(batch);
  const fromLog = isInLog ? await upgradeFromLog(batch, sources, { isOffline, ...options }) : batch;
  const upgraded = isOffline
    ? fromLog
    : await withCarrier(fromLog, (carrier) => refreshFromChain(carrier, sources, { isInLog, ...options }));
  if (upgraded !== batch) await requireSoundBatch(upgraded);
  return { batch: upgraded, isInLog };
}

/** A batch with the newest state of its anchors, from endpoints alone, as `refreshProof` does it. `batch` itself where nothing is new. */
export async function refreshBatchProof(batch: BatchProof, ask: AskChain): Promise<BatchProof> {
  return await withCarrier(batch, (carrier) => refreshProof(carrier, ask));
}

/**
 * @throws {PotError} unless the batch holds by itself
 */
export async function requireSoundBatch(batch: BatchProof): Promise<void> {
  const { ok, checks } = await verifyBatchProof(batch);
  if (ok) return;
  throw new PotError("Cannot upgrade the proof as it does not hold", {
    facts: checks.filter(({ outcome }) => outcome === "fail").map(({ name, detail }) => `${name}: ${detail}`),
    hint: "write it again with: pot prove --run <id>",
  });
}

/**
 * @throws {PotError} where neither a log nor an endpoint could add anything to the batch
 */
export function requireAskableBatch(batch: BatchProof): void {
  if (batch.anchors.some(isAskable)) return;
  throw new PotError(
    "Cannot upgrade the proof as this log does not hold its records, and it names no transaction",
    {
      facts: [`records: ${batch.records.length}`, `first index: ${batch.records[0]?.index}`],
      hint: "run it where the records were made, or point --home at that folder",
    },
  );
}

/** The records lead to the root, so that a log with the same root holds them in the same places. */
async function isOfLog(
  { anchors }: BatchProof,
  log: Pick<Log, "headAt" | "publishedCheckpoint">,
): Promise<boolean> {
  const { size, root } = anchors.at(-1)!;
  const published = await log.publishedCheckpoint();
  return published !== undefined && published.size >= size && equalBytes((await log.headAt(size)).root, root);
}

async function upgradeFromLog(
  batch: BatchProof,
  { log, anchors, keeper }: BatchUpgradeSources,
  options: UpgradeOptions,
): Promise<BatchProof> {
  const indices = batch.records.map(({ index }) => index);
  const { known, chosen } = await newsFromLog(indices, { anchors, keeper, held: batch.anchors }, options);
  const logKeys = await log.verifierKeys();
  const merged = await withCarrier(batch, (carrier) => {
    const wanted = thinOut(chosen).map((anchor) => ({ ...anchor, path: [] }));
    return Promise.resolve(mergeProof(carrier, { known, wanted, logKeys }));
  });
  const sorted = thinOut(merged.anchors.toSorted(bySize));
  const sizes = sorted.map(({ size }) => size);
  if (sizes.join() === batch.anchors.map(({ size }) => size).join()) return merged;
  return { ...merged, anchors: sorted, nodes: await log.subtreeHashes(multiproofRanges(indices, sizes)) };
}

function bySize(a: ProvenAnchor, b: ProvenAnchor): number {
  return a.size < b.size ? -1 : a.size > b.size ? 1 : 0;
}

/** What is done to a proof's anchors, done to a batch's; the batch itself where nothing came of it. */
async function withCarrier(batch: BatchProof, work: (carrier: Proof) => Promise<Proof>): Promise<BatchProof> {
  const carrier = carry(batch);
  const changed = await work(carrier);
  if (changed === carrier) return batch;
  const anchors = changed.anchors.map(({ path: _path, ...anchor }) => anchor as ProvenAnchor);
  return { ...batch, logKeys: changed.logKeys, anchors };
}

/** The batch's anchors as those of a proof of its last record, their paths left out: nothing here looks at these. */
function carry({ records, logKeys, anchors }: BatchProof): Proof {
  const { index, bytes } = records.at(-1)!;
  const carried = anchors.map((anchor) => ({ ...anchor, path: [] }));
  return { schema: PROOF_SCHEMA, record: bytes, index, logKeys, anchors: carried };
}
