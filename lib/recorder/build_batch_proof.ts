import { PotError } from "../core/errors.ts";
import { multiproofRanges } from "../core/merkle/multiproof.ts";
import type { Log } from "../log/log.ts";
import {
  BATCH_PROOF_SCHEMA,
  type BatchProof,
  type BatchRecord,
  MAX_BATCH_ANCHORS,
  MAX_BATCH_RECORD_BYTES,
  MAX_BATCH_RECORDS,
} from "../verify/batch_proof.ts";
import { placeOf } from "../verify/choose_anchors.ts";
import type { Anchor as ProvenAnchor } from "../verify/proof.ts";
import type { Anchor } from "./anchor_line.ts";
import { anchorsFor, keysFor } from "./build_proof.ts";

export interface BatchProofSources {
  readonly log: Pick<Log, "checkpoint" | "entries" | "subtreeHashes" | "verifierKeys">;
  readonly anchors: readonly Anchor[];
}

/**
 * The proofs of the records at `indices`, which ascend, in one: with the anchors that `buildProof` would choose for each. Of more
 * anchors than a batch may hold it keeps, of each chain and contract, the last and others at even distances; a record is then proven
 * by the first of those that covers it.
 *
 * @throws {PotError} when they are none, too many or too large for a batch, or the log does not hold them
 */
export async function buildBatchProof(
  indices: readonly bigint[],
  { log, anchors: known }: BatchProofSources,
): Promise<BatchProof> {
  if (indices.length === 0) throw new PotError("Cannot prove the records as there are none");
  if (indices.length > MAX_BATCH_RECORDS) {
    throw tooMany([`records: ${indices.length}`, `limit: ${MAX_BATCH_RECORDS}`]);
  }
  const records = await readRecords(indices, log);
  const anchors = thinOut(await anchorsFor(indices, { log, anchors: known }));
  const nodes = await log.subtreeHashes(multiproofRanges(indices, anchors.map(({ size }) => size)));
  // After the checkpoints, so that the key that signed the newest is among them.
  const logKeys = keysFor(anchors, await log.verifierKeys());
  return { schema: BATCH_PROOF_SCHEMA, records, logKeys, nodes, anchors };
}

/** Reading on over this many records of other runs costs less than starting anew behind them. */
const LARGEST_GAP = 8n;

async function readRecords(
  indices: readonly bigint[],
  log: Pick<Log, "entries">,
): Promise<readonly BatchRecord[]> {
  const records: BatchRecord[] = [];
  let totalBytes = 0;
  while (records.length < indices.length) {
    const from = indices[records.length]!;
    let to = from;
    for (let i = records.length; i < indices.length && indices[i]! <= to + LARGEST_GAP; i++) to = indices[i]!;
    let at = from;
    for await (const bytes of log.entries(from, to + 1n)) {
      if (at++ !== indices[records.length]) continue;
      totalBytes += bytes.length + 1;
      if (totalBytes > MAX_BATCH_RECORD_BYTES) {
        throw tooMany([
          `first ${records.length + 1} of ${indices.length} records: ${totalBytes} bytes`,
          `limit: ${MAX_BATCH_RECORD_BYTES} bytes`,
        ]);
      }
      records.push({ index: at - 1n, bytes });
    }
    if (at !== to + 1n) {
      throw new PotError("Cannot prove the record as the log does not hold it", { facts: [`index: ${at}`] });
    }
  }
  return records;
}

function tooMany(facts: readonly string[]): PotError {
  return new PotError("Cannot prove the records as they are too many for one file", {
    facts,
    hint: "prove those that matter one by one: pot prove <id>",
  });
}

/** Those of the anchors, which are in the order of their sizes, that a batch holds. */
export function thinOut(anchors: readonly ProvenAnchor[]): readonly ProvenAnchor[] {
  const places = Map.groupBy(anchors, placeOf);
  let kept = anchors;
  for (let distance = 2; kept.length > MAX_BATCH_ANCHORS && distance <= anchors.length; distance++) {
    const chosen = new Set(
      [...places.values()].flatMap((group) =>
        group.filter((_, i) => (group.length - 1 - i) % distance === 0)
      ),
    );
    kept = anchors.filter((anchor) => chosen.has(anchor));
  }
  return kept;
}
