import type { AnchorFacts } from "../chain/chain_client.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import type { Log } from "../log/log.ts";
import { chooseAnchors } from "../verify/choose_anchors.ts";
import {
  type Anchor as ProvenAnchor,
  type AnchorHead,
  MAX_LOG_KEYS,
  type Proof,
  PROOF_SCHEMA,
  type ProofAnchor,
} from "../verify/proof.ts";
import type { Anchor } from "./anchor_line.ts";

export interface ProofSources {
  readonly log: Pick<Log, "checkpoint" | "entry" | "inclusionPath" | "verifierKeys">;
  readonly anchors: readonly Anchor[];
}

/**
 * The proof for the record at `index`: with the first anchor that covers it on each chain, as that one shows the earliest time. A record
 * that no anchor covers gets a pending one over a fresh checkpoint.
 */
export async function buildProof(index: bigint, { log, anchors }: ProofSources): Promise<Proof> {
  const record = await log.entry(index);
  if (record === undefined) {
    throw new PotError("Cannot prove the record as the log does not hold it", { facts: [`index: ${index}`] });
  }
  const chosen = await anchorsFor([index], { log, anchors });
  const proofAnchors = await Promise.all(
    chosen.map(async (anchor): Promise<ProofAnchor> => ({
      ...anchor,
      path: await log.inclusionPath(index, anchor.size),
    })),
  );
  // After the checkpoints, so that the key that signed the newest is among them.
  const logKeys = keysFor(chosen, await log.verifierKeys());
  return { schema: PROOF_SCHEMA, record, index, logKeys, anchors: proofAnchors };
}

/** The anchors for a proof of the records at `indices`, which ascend: a pending one over a fresh checkpoint for those that none covers. */
export async function anchorsFor(
  indices: readonly bigint[],
  { log, anchors }: { readonly log: Pick<Log, "checkpoint">; readonly anchors: readonly Anchor[] },
): Promise<readonly ProvenAnchor[]> {
  const anchored = anchors.filter(({ facts }) => facts.state !== "pending")
    .map(({ size, root, note, facts }) => toProvenAnchor({ size, root, checkpoint: note }, facts));
  const chosen = chooseAnchors(indices, anchored);
  const last = indices.at(-1)!;
  if (chosen.some(({ size }) => size > last)) return chosen;
  const { size, root, note } = await checkpointOver(last, log);
  return [...chosen, { size, root, checkpoint: note, kind: "evm", state: "pending" }];
}

async function checkpointOver(index: bigint, log: Pick<Log, "checkpoint">): Promise<SignedHead> {
  const head = await log.checkpoint();
  if (head === undefined || head.size <= index) {
    throw new PotError("Cannot prove the record as the checkpoint does not cover it", {
      facts: [`index: ${index}`],
    });
  }
  return head;
}

/** All keys, newest first. Of more than a proof may hold: those that signed its checkpoints, then the newest. */
export function keysFor(anchors: readonly ProvenAnchor[], keys: readonly string[]): readonly string[] {
  if (keys.length <= MAX_LOG_KEYS) return keys;
  const signers = anchors.flatMap(({ checkpoint }) => parseCheckpointNote(checkpoint).signatures);
  const isSigner = (key: string) => {
    const { keyHash } = parseVerifierKey(key);
    return signers.some((signer) => equalBytes(signer.keyHash, keyHash));
  };
  const bySignature = new Set([...keys.filter(isSigner), ...keys]);
  const kept = new Set([...bySignature].slice(0, MAX_LOG_KEYS));
  return keys.filter((key) => kept.has(key));
}

/** What is known of an anchor, as a proof says it. */
export function toProvenAnchor(head: AnchorHead, facts: AnchorFacts): ProvenAnchor {
  if (facts.kind === "local") return { ...head, ...facts };
  const { inclusion, ...rest } = facts;
  if (inclusion === undefined) return { ...head, ...rest };
  // What it cost is the operator's business, not the auditor's.
  const { gasUsed: _gasUsed, effectiveGasPriceWei: _price, ...place } = inclusion;
  return { ...head, ...rest, inclusion: place };
}
