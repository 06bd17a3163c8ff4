import type { PotError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { verifyInclusion } from "../core/merkle/verify_inclusion.ts";
import { parseRecord } from "../core/parse_record.ts";
import type { TrainingRecord } from "../core/record.ts";
import { checkEvmAnchor } from "./check_evm_anchor.ts";
import type { EvmProofAnchor, Proof, ProofAnchor, ProofState } from "./proof.ts";
import type { RpcEndpoint } from "./rpc_endpoint.ts";
import type { Check, Verdict } from "./verdict.ts";

/** What to hold a proof against beside itself. */
export interface VerifyOptions {
  /** SHA-256 of the artifact at hand, 64 lowercase hex characters: must be the record's. */
  readonly artifactDigest?: string;
  /** Endpoints to ask for L1. All must serve the chain of one of the proof's anchors. @default none: offline */
  readonly endpoints?: readonly RpcEndpoint[];
  /** The log key its owner published; without it, the proof's own `logKeys` are used and the verdict says so. */
  readonly logKey?: string;
  /** The address that must have anchored. */
  readonly submitter?: string;
  /** The contract it must have anchored in. */
  readonly contract?: string;
  readonly signal?: AbortSignal;
}

const RANK: Readonly<Record<ProofState, number>> = {
  pending: 0,
  local: 1,
  anchored: 2,
  confirmed: 3,
  final: 4,
};

/**
 * Climbs the verification ladder: record → leaf → path → root → signed checkpoint (L0), and with an endpoint → `Anchored` event →
 * block → contract code (L1). Every anchor in the proof must hold; the best one gives the state.
 *
 * An invalid proof is a verdict, not an exception.
 *
 * @throws {UsageError} when an endpoint serves a chain that no anchor of the proof is on.
 *
 * @example
 * ```ts
 * import { type Proof, verifyProof } from "@pot/ops";
 * async function isAnchored(proof: Proof): Promise<boolean> {
 *   const { ok, state } = await verifyProof(proof, {});
 *   return ok && state !== "pending";
 * }
 * console.log(isAnchored.name);
 * ```
 */
export async function verifyProof(proof: Proof, options: VerifyOptions = {}): Promise<Verdict> {
  const checks: Check[] = [...checkRecord(proof, options)];
  if (proof.anchors.length === 0) {
    checks.push({
      name: "anchor",
      outcome: "fail",
      detail: "the proof holds no anchor and no checkpoint, so it binds the record to nothing",
    });
  }
  for (const anchor of proof.anchors) checks.push(...await checkHead(proof, anchor, options));
  checks.push(...checkExpectations(proof.anchors, options));
  const state = bestState(proof.anchors);
  const isBroken = checks.some(({ outcome }) => outcome === "fail");
  if (isBroken || (options.endpoints ?? []).length === 0) {
    return { ok: !isBroken, level: isBroken ? "none" : "L0", state, checks };
  }
  return await climbToL1({ proof, options, checks, state });
}

interface Climb {
  readonly proof: Proof;
  readonly options: VerifyOptions;
  readonly checks: readonly Check[];
  readonly state: ProofState;
}

async function climbToL1({ proof, options, checks, state }: Climb): Promise<Verdict> {
  const onChain = proof.anchors.filter((anchor): anchor is EvmProofAnchor =>
    anchor.kind === "evm" && anchor.inclusion !== undefined
  );
  if (onChain.length === 0) return { ok: true, level: "L0", state, checks };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const found = await Promise.all(
    (options.endpoints ?? []).map((endpoint) => checkEvmAnchor(onChain, endpoint, signal)),
  );
  const all = [...checks, ...found.flat()];
  const isBroken = all.some(({ outcome }) => outcome === "fail");
  const isConfirmed = found.some((steps) => steps.every(({ outcome }) => outcome === "pass"));
  return { ok: !isBroken, level: isBroken ? "none" : isConfirmed ? "L1" : "L0", state, checks: all };
}

function checkRecord(proof: Proof, { artifactDigest }: VerifyOptions): readonly Check[] {
  let record: TrainingRecord;
  try {
    record = parseRecord(proof.record);
  } catch (error) {
    return [{ name: "record", outcome: "fail", detail: (error as PotError).message }];
  }
  const checks: Check[] = [{
    name: "record",
    outcome: "pass",
    detail: "the record is well-formed pot-record/1",
  }];
  if (artifactDigest === undefined) return checks;
  const recorded = record.artifact?.digest;
  const detail = recorded === undefined
    ? "the record names no artifact"
    : recorded === artifactDigest
    ? `the artifact's SHA-256 is the recorded one, ${recorded}`
    : `the artifact's SHA-256 is ${artifactDigest}, but ${recorded} was recorded`;
  return [...checks, { name: "artifact", outcome: recorded === artifactDigest ? "pass" : "fail", detail }];
}

async function checkHead(
  proof: Proof,
  anchor: ProofAnchor,
  options: VerifyOptions,
): Promise<readonly Check[]> {
  const { size, root, path, checkpoint } = anchor;
  const isIncluded = verifyInclusion({
    leafHash: leafHash(proof.record),
    index: proof.index,
    size,
    path,
    root,
  });
  const inclusion: Check = isIncluded
    ? {
      name: "inclusion",
      outcome: "pass",
      detail: `leaf ${proof.index} is in the tree of ${size} leaves (${path.length} nodes to the root)`,
    }
    : {
      name: "inclusion",
      outcome: "fail",
      detail: `the path does not lead from this record to the root over ${size} leaves`,
    };
  return [inclusion, await checkNote({ proof, size, root, checkpoint, logKey: options.logKey })];
}

interface NoteCheck {
  readonly proof: Proof;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly checkpoint: string;
  readonly logKey: string | undefined;
}

async function checkNote({ proof, size, root, checkpoint, logKey }: NoteCheck): Promise<Check> {
  const name = "checkpoint";
  try {
    const note = parseCheckpointNote(checkpoint);
    if (note.size !== size || !equalBytes(note.root, root)) {
      return { name, outcome: "fail", detail: "the signed checkpoint is over another size or root" };
    }
    for (const key of logKey === undefined ? proof.logKeys : [logKey]) {
      if (!await verifyCheckpointNote(checkpoint, key)) continue;
      const whose = logKey === undefined ? "a key that the proof itself names" : "the expected log key";
      return {
        name,
        outcome: "pass",
        detail: `${note.origin} signed size ${size} and this root, by ${whose}`,
      };
    }
    const whose = logKey === undefined ? "any key the proof names" : "the expected log key";
    return { name, outcome: "fail", detail: `the checkpoint is not signed by ${whose}` };
  } catch (error) {
    return { name, outcome: "fail", detail: (error as PotError).message };
  }
}

function checkExpectations(
  anchors: readonly ProofAnchor[],
  { submitter, contract }: VerifyOptions,
): readonly Check[] {
  const compare = (name: "submitter" | "contract", expected: string | undefined): readonly Check[] => {
    if (expected === undefined) return [];
    const isOurs = (anchor: ProofAnchor) =>
      anchor.kind === "evm" && anchor[name]?.toLowerCase() === expected.toLowerCase();
    const ok = anchors.some(isOurs);
    const detail = ok
      ? `the ${name} is the expected ${expected}`
      : `no anchor has the expected ${name} ${expected}`;
    return [{ name, outcome: ok ? "pass" : "fail", detail }];
  };
  return [...compare("submitter", submitter), ...compare("contract", contract)];
}

function bestState(anchors: readonly ProofAnchor[]): ProofState {
  return anchors.reduce<ProofState>((best, { state }) => RANK[state] > RANK[best] ? state : best, "pending");
}
