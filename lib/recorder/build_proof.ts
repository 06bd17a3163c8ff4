import type { AnchorFacts } from "../chain/chain_client.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import type { Log } from "../log/log.ts";
import { MAX_LOG_KEYS, type Proof, PROOF_SCHEMA, type ProofAnchor } from "../verify/proof.ts";
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
  const covering = firstPerChain(
    anchors.filter(({ size, facts }) => size > index && facts.state !== "pending"),
  );
  const heads: readonly (SignedHead & { readonly facts?: AnchorFacts })[] = covering.length > 0
    ? covering
    : [await checkpointOver(index, log)];
  const proofAnchors = await Promise.all(
    heads.map(async ({ size, root, note, facts }): Promise<ProofAnchor> => {
      const path = await log.inclusionPath(index, size);
      return toProofAnchor({ size, root, path, checkpoint: note }, facts);
    }),
  );
  // After the checkpoints, so that the key that signed the newest is among them.
  const logKeys = keysFor(proofAnchors, await log.verifierKeys());
  return { schema: PROOF_SCHEMA, record, index, logKeys, anchors: proofAnchors };
}

function firstPerChain(anchors: readonly Anchor[]): readonly Anchor[] {
  const first = new Map<string, Anchor>();
  for (const anchor of [...anchors].sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0))) {
    const { facts } = anchor;
    const chain = facts.kind === "evm" ? `${facts.chainId} ${facts.contract.toLowerCase()}` : facts.chainId;
    if (!first.has(chain)) first.set(chain, anchor);
  }
  return [...first.values()];
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
function keysFor(anchors: readonly ProofAnchor[], keys: readonly string[]): readonly string[] {
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

type Head = Pick<ProofAnchor, "size" | "root" | "path" | "checkpoint">;

function toProofAnchor(head: Head, facts: AnchorFacts | undefined): ProofAnchor {
  if (facts === undefined) return { ...head, kind: "evm", state: "pending" };
  if (facts.kind === "local") return { ...head, ...facts };
  const { inclusion, ...rest } = facts;
  if (inclusion === undefined) return { ...head, ...rest };
  // What it cost is the operator's business, not the auditor's.
  const { gasUsed: _gasUsed, effectiveGasPriceWei: _price, ...place } = inclusion;
  return { ...head, ...rest, inclusion: place };
}
