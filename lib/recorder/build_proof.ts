import type { AnchorFacts } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import type { Log } from "../log/log.ts";
import { type Proof, PROOF_SCHEMA, type ProofAnchor } from "../verify/proof.ts";
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
  return { schema: PROOF_SCHEMA, record, index, logKeys: log.verifierKeys, anchors: proofAnchors };
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
