import type { Anchor } from "../lib/verify/proof.ts";

/** How an anchor stands, as `--json` shows it: where it is and how far it came, without the evidence itself. */
export function proofAnchorJson(anchor: Anchor): unknown {
  const { kind, state, size, chainId } = anchor;
  const place = anchor.kind === "local"
    ? { blockNumber: anchor.blockNumber }
    : { contract: anchor.contract, blockNumber: anchor.inclusion?.blockNumber, receipt: receiptOf(anchor) };
  return { kind, state, size, chainId, ...place };
}

/** An anchor of a proof in a few words, such as `final on eip155:1 in block 21000000, with its receipt`. */
export function proofAnchorLine(anchor: Anchor): string {
  if (anchor.kind === "local") return "local: in a ledger, on no chain";
  const { state, chainId, inclusion } = anchor;
  if (chainId === undefined) return state;
  if (inclusion === undefined) return `${state} on ${chainId}: in no block now`;
  const receipt = {
    captured: ", with its receipt",
    unavailable: ", receipt proof unavailable on this chain",
    missing: "",
  };
  return `${state} on ${chainId} in block ${inclusion.blockNumber}${receipt[receiptOf(anchor)]}`;
}

/** Whether a proof's anchor holds the way from its receipt to the block. */
function receiptOf(anchor: Anchor): "captured" | "unavailable" | "missing" {
  const receiptProof = anchor.kind === "evm" ? anchor.inclusion?.receiptProof : undefined;
  return receiptProof === undefined ? "missing" : receiptProof === "unavailable" ? receiptProof : "captured";
}
