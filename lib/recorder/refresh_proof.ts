import type { EvmAnchorFacts } from "../chain/chain_client.ts";
import type { LogHead } from "../core/log_head.ts";
import type { Anchor, EvmAnchor, EvmProofAnchor, Proof, ProofAnchor } from "../verify/proof.ts";
import { toProvenAnchor } from "./build_proof.ts";
import { improveAnchor, withAnchors } from "./merge_proof.ts";

/** The newest facts about an anchor over that head; `undefined` where there is nobody to ask about it. */
export type AskChain = (facts: EvmAnchorFacts, head: LogHead) => Promise<EvmAnchorFacts | undefined>;

/**
 * A proof with the newest state of its anchors, from endpoints alone: for whoever holds a proof and not the log. `proof` itself where
 * nothing has changed. What the proof says of its anchors is believed no further than to ask about it.
 */
export async function refreshProof(proof: Proof, ask: AskChain): Promise<Proof> {
  const anchors: ProofAnchor[] = [];
  for (const anchor of proof.anchors) {
    anchors.push(anchor.kind === "evm" ? await refresh(anchor, ask) : anchor);
  }
  return withAnchors(proof, { anchors });
}

/** Whether an endpoint could say anything about that anchor. */
export function isAskable(anchor: Anchor): boolean {
  return anchor.kind === "evm" && factsOf(anchor) !== undefined;
}

/** Whether nothing more can come of that anchor. */
export function isComplete({ state, ...rest }: Anchor): boolean {
  const inclusion = "inclusion" in rest ? rest.inclusion : undefined;
  return state === "final" && typeof inclusion?.receiptProof === "object";
}

async function refresh(anchor: EvmProofAnchor, ask: AskChain): Promise<EvmProofAnchor> {
  const { root, size, checkpoint } = anchor;
  if (isComplete(anchor)) return anchor;
  const facts = factsOf(anchor);
  const now = facts && await ask(facts, { size, root });
  if (now === undefined) return anchor;
  const known = toProvenAnchor({ size, root, checkpoint }, now);
  return known.kind === "evm" ? improveAnchor(anchor, known) : anchor;
}

/** What the proof says, as the chain client has it; `undefined` where no transaction is named. */
function factsOf(anchor: EvmAnchor): EvmAnchorFacts | undefined {
  const { state, chainId, contract, codeHash, submitter, transactionHashes = [], inclusion } = anchor;
  if (chainId === undefined || contract === undefined || codeHash === undefined || submitter === undefined) {
    return undefined;
  }
  if (transactionHashes.length === 0) return undefined;
  return {
    kind: "evm",
    state,
    chainId,
    contract,
    codeHash,
    submitter,
    transactionHashes,
    // A proof does not say what it cost, and nobody asks here.
    ...(inclusion && { inclusion: { ...inclusion, gasUsed: 0n, effectiveGasPriceWei: 0n } }),
  };
}
