import { addSignatures } from "../core/add_signatures.ts";
import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { PotError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { placeOf } from "../verify/choose_anchors.ts";
import type {
  Anchor as ProvenAnchor,
  AnchorHead,
  EvmAnchor,
  EvmProofAnchor,
  Proof,
  ProofAnchor,
  ProofInclusion,
} from "../verify/proof.ts";
import { betterState } from "./anchor_store.ts";
import { keysFor } from "./build_proof.ts";

/** What a proof is brought up to date with. */
export interface ProofNews {
  /** The newest state of every anchor that covers the record. */
  readonly known: readonly ProvenAnchor[];
  /** Those of them that a proof should hold, with the record's way to each. */
  readonly wanted: readonly ProofAnchor[];
  /** The log's verifier keys, newest first. */
  readonly logKeys: readonly string[];
}

/** The proof with that news: each anchor in its newest state, then those it lacks. `proof` itself where there is none. */
export function mergeProof(proof: Proof, { known, wanted, logKeys }: ProofNews): Proof {
  const taken = new Set<ProvenAnchor>();
  const updated = proof.anchors.map((anchor) => {
    const news = known.find((one) => !taken.has(one) && isSameAnchor(anchor, one));
    if (news === undefined) return anchor;
    taken.add(news);
    const better = anchor.kind === "evm" && news.kind === "evm" ? improveAnchor(anchor, news) : anchor;
    const checkpoint = mergeCheckpoints(anchor.checkpoint, news.checkpoint);
    return checkpoint === anchor.checkpoint ? better : { ...better, checkpoint };
  });
  const added = wanted.filter((one) =>
    one.state !== "pending" && !updated.some((anchor) => isSameAnchor(anchor, one))
  );
  return withAnchors(proof, { anchors: [...updated, ...added], logKeys });
}

/** The proof with these anchors; `proof` itself where none is another. Keys are added where their checkpoints are. */
export function withAnchors(
  proof: Proof,
  { anchors, logKeys = [] }: Pick<Proof, "anchors"> & { readonly logKeys?: readonly string[] },
): Proof {
  const isSame = anchors.length === proof.anchors.length &&
    anchors.every((anchor, i) => anchor === proof.anchors[i]);
  if (isSame) return proof;
  const isGrown = anchors.length > proof.anchors.length;
  const more = isGrown ? logKeys.filter((key) => !proof.logKeys.includes(key)) : [];
  return {
    ...proof,
    logKeys: more.length === 0 ? proof.logKeys : keysFor(anchors, [...more, ...proof.logKeys]),
    anchors,
  };
}

/**
 * An anchor with what is known of it by now; the very object that was given where that is nothing new. In one and the same
 * block a state only gets better and a receipt is never lost. Another block, or none, is what a reorganisation did, and is shown; but
 * what is final stays where it is.
 */
export function improveAnchor(old: EvmProofAnchor, now: EvmAnchor): EvmProofAnchor {
  const isSameBlock = old.inclusion?.blockHash === now.inclusion?.blockHash;
  if (old.state === "final" && !isSameBlock) return old;
  const state = isSameBlock ? betterState(old.state, now.state) as EvmAnchor["state"] : now.state;
  const inclusion = isSameBlock ? mergeInclusion(old.inclusion, now.inclusion) : now.inclusion;
  const transactionHashes = mergeHashes(old.transactionHashes, now.transactionHashes);
  const isPlaced = old.chainId !== undefined || now.chainId === undefined;
  const isSame = isPlaced && state === old.state && inclusion === old.inclusion &&
    transactionHashes === old.transactionHashes;
  if (isSame) return old;
  const { inclusion: _, ...rest } = old;
  const { chainId, contract, codeHash, submitter } = now;
  const place = isPlaced ? {} : definedOnly({ chainId, contract, codeHash, submitter });
  return {
    ...rest,
    state,
    ...place,
    ...definedOnly({ transactionHashes }),
    ...definedOnly({ inclusion }),
  };
}

/** An absent field is not there at all, so that a proof is the same before and after it was a file. */
function definedOnly<T extends object>(fields: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}

/** Whether both are the same head, in the same place as far as `anchor` has one. */
export function isSameAnchor(anchor: ProvenAnchor, other: ProvenAnchor): boolean {
  if (anchor.kind !== other.kind || !isSameHead(anchor, other)) return false;
  // A head that was not anchored yet may have come to be anywhere.
  if (anchor.kind === "evm" && anchor.chainId === undefined) return other.state !== "pending";
  return placeOf(anchor) === placeOf(other);
}

function isSameHead(a: AnchorHead, b: AnchorHead): boolean {
  return a.size === b.size && equalBytes(a.root, b.root);
}

function mergeInclusion(
  old: ProofInclusion | undefined,
  now: ProofInclusion | undefined,
): ProofInclusion | undefined {
  if (old === undefined || now === undefined) return old;
  const isCaptured = typeof old.receiptProof === "object";
  const receiptProof = isCaptured ? old.receiptProof : now.receiptProof ?? old.receiptProof;
  return receiptProof === old.receiptProof || receiptProof === undefined ? old : { ...old, receiptProof };
}

/** With the signatures of those who have signed it since, such as witnesses. */
function mergeCheckpoints(old: string, now: string): string {
  if (old === now) return old;
  try {
    const merged = addSignatures(old, now) ?? old;
    const count = (note: string) => parseCheckpointNote(note).signatures.length;
    // The same ones again, only newer, are no news.
    return count(merged) > count(old) ? merged : old;
  } catch (error) {
    // There is room for no more of them.
    if (error instanceof PotError) return old;
    throw error;
  }
}

/** The one that was mined comes last. */
function mergeHashes(
  old: EvmAnchor["transactionHashes"],
  now: EvmAnchor["transactionHashes"] = [],
): EvmAnchor["transactionHashes"] {
  if (now.every((hash) => old?.includes(hash))) return old;
  return [...(old ?? []).filter((hash) => !now.includes(hash)), ...now];
}
