import { PotError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { openMultiproof } from "../core/merkle/multiproof.ts";
import { inclusionRanges } from "../core/merkle/proof_ranges.ts";
import type { BatchProof } from "./batch_proof.ts";
import { chooseAnchors } from "./choose_anchors.ts";
import { type Proof, PROOF_SCHEMA, type ProofAnchor } from "./proof.ts";

/**
 * The proof of one record out of a batch, by its id (64 lowercase hex characters): the same that `pot prove <id>` writes, and made
 * without the log.
 *
 * @throws {PotError} when the batch holds no such record, or its nodes do not lead to its anchors: then no proof could hold
 */
export function extractProof(batch: BatchProof, id: string): Proof {
  const leaves = batch.records.map(({ index, bytes }) => ({ index, hash: leafHash(bytes) }));
  const at = leaves.findIndex(({ hash }) => toHex(hash) === id);
  const record = batch.records[at];
  if (record === undefined) {
    throw new PotError("Cannot take the proof out of the batch as it holds no record with this id", {
      facts: [`id: ${id.slice(0, 80)}`, `records: ${batch.records.length}`],
      hint: "list them with: pot verify <batch> --json",
    });
  }
  const { index } = record;
  const multiproof = openMultiproof(leaves, batch.nodes, { keepsAll: true });
  const leads = batch.anchors.every(({ size, root }) => {
    const found = multiproof.rootOver(size);
    return found !== undefined && equalBytes(found, root);
  });
  if (!leads || multiproof.unusedCount() > 0) {
    throw new PotError("Cannot take the proof out of the batch as its records do not lead to its anchors", {
      hint: "see what is wrong with it: pot verify <batch>",
    });
  }
  const anchors = chooseAnchors([index], batch.anchors).map((anchor): ProofAnchor => ({
    ...anchor,
    path: inclusionRanges(index, anchor.size).map((range) => multiproof.hashOf(range)!),
  }));
  return { schema: PROOF_SCHEMA, record: record.bytes, index, logKeys: batch.logKeys, anchors };
}
