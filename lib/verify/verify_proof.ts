import { type PotError, UsageError } from "../core/errors.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { parseCheckpointNote, verifyCheckpointNote } from "../core/checkpoint_note.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { verifyInclusion } from "../core/merkle/verify_inclusion.ts";
import { type LogKey, mayVouchFor } from "../core/log_keys.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import { parseRecord } from "../core/parse_record.ts";
import type { TrainingRecord } from "../core/record.ts";
import { checkEvmAnchors, type IncludedAnchor } from "./check_evm_anchors.ts";
import type { Proof, ProofAnchor, ProofState } from "./proof.ts";
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
  /**
   * In its place: the set of keys that the log's owner published, each good for its sizes only. Of a key alone, leave
   * `to` out and let `from` be 0.
   */
  readonly logKeys?: readonly Pick<LogKey, "verifierKey" | "from" | "to">[];
  /** The address that must have anchored. */
  readonly submitter?: string;
  /** The contract it must have anchored in. */
  readonly contract?: string;
  /** Ends the wait for endpoints with its reason. */
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
 * block → contract code (L1). Every anchor in the proof must hold; the best one gives the state. Where a submitter or a contract is
 * expected, only anchors of theirs count.
 *
 * An invalid proof is a verdict, not an exception.
 *
 * @throws {UsageError} when an endpoint serves a chain that no anchor of the proof is on, or an option is malformed.
 * @throws the signal's reason, when it aborts.
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
  requireOptions(options);
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
  const counting = proof.anchors.filter((anchor) => isExpected(anchor, options));
  const state = bestState(counting);
  const isBroken = checks.some(({ outcome }) => outcome === "fail");
  if (isBroken || (options.endpoints ?? []).length === 0) {
    return { ok: !isBroken, level: isBroken ? "none" : "L0", state, checks };
  }
  return await climbToL1({ proof, options, checks, state, counting });
}

interface Climb {
  readonly proof: Proof;
  readonly options: VerifyOptions;
  readonly checks: readonly Check[];
  readonly state: ProofState;
  /** The anchors that may give the state. */
  readonly counting: readonly ProofAnchor[];
}

async function climbToL1({ proof, options, checks, state, counting }: Climb): Promise<Verdict> {
  const onChain = proof.anchors.filter(isIncluded);
  if (onChain.length === 0) return { ok: true, level: "L0", state, checks };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const asked = await Promise.allSettled(
    (options.endpoints ?? []).map((endpoint) => checkEvmAnchors(onChain, endpoint, signal)),
  );
  const found = asked.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
  const all = [...checks, ...found.flatMap((findings) => findings.checks)];
  if (all.some(({ outcome }) => outcome === "fail")) return { ok: false, level: "none", state, checks: all };
  const confirmed = found.flatMap((findings) => findings.confirmed)
    .filter(({ anchor }) => counting.includes(anchor));
  if (confirmed.length === 0) return { ok: true, level: "L0", state, checks: all };
  const shown = confirmed.map(({ anchor, isFinal }) => ({
    // "final" has to be seen; "confirmed" is the policy of whoever anchored, which no endpoint knows.
    state: anchor.state === "final" && !isFinal ? "anchored" : anchor.state,
  }));
  return { ok: true, level: "L1", state: bestState(shown), checks: all };
}

/** A mistyped expectation must not read as an invalid proof. */
function requireOptions({ artifactDigest, logKey, logKeys, submitter, contract }: VerifyOptions): void {
  const require = (what: string, value: string | undefined, pattern: RegExp, expected: string) => {
    if (value === undefined || pattern.test(value)) return;
    throw new UsageError(`Cannot verify the proof as the expected ${what} must be ${expected}`, {
      facts: [`${what}: ${JSON.stringify(value)?.slice(0, 80)}`],
    });
  };
  require("artifact digest", artifactDigest, /^[0-9a-f]{64}$/, "64 lowercase hex characters");
  require("submitter", submitter, ADDRESS, "0x and 40 hex characters");
  require("contract", contract, ADDRESS, "0x and 40 hex characters");
  if (logKey !== undefined) parseVerifierKey(logKey);
  for (const { verifierKey } of logKeys ?? []) parseVerifierKey(verifierKey);
  if (logKeys?.length === 0 || (logKey !== undefined && logKeys !== undefined)) {
    throw new UsageError("Cannot verify the proof as logKeys must hold a key, and go without logKey", {
      hint: "give the set that the log's owner published, or one key",
    });
  }
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

function isIncluded(anchor: ProofAnchor): anchor is IncludedAnchor {
  return anchor.kind === "evm" && anchor.inclusion !== undefined;
}

/** Whether that anchor is by whom and where it is expected to be; one that is in no block yet can only claim so. */
function isExpected(anchor: ProofAnchor, { submitter, contract }: VerifyOptions): boolean {
  if (submitter === undefined && contract === undefined) return true;
  const isSame = (given: string | undefined, expected: string | undefined) =>
    expected === undefined || given?.toLowerCase() === expected.toLowerCase();
  return isIncluded(anchor) && isSame(anchor.submitter, submitter) && isSame(anchor.contract, contract);
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
  const { size, root, path } = anchor;
  const isInTree = verifyInclusion({
    leafHash: leafHash(proof.record),
    index: proof.index,
    size,
    path,
    root,
  });
  const inclusion: Check = isInTree
    ? {
      name: "inclusion",
      outcome: "pass",
      detail: `leaf ${proof.index} is in the tree of ${size} leaves (${path.length} ${
        path.length === 1 ? "node" : "nodes"
      } to the root)`,
    }
    : {
      name: "inclusion",
      outcome: "fail",
      detail: `the path does not lead from this record to the root over ${size} leaves`,
    };
  const note = await checkNote({ proof, anchor, trusted: trustedKeys(options) });
  const isPlaced = anchor.kind === "local" ||
    (anchor.state === "pending") === (anchor.inclusion === undefined);
  if (isPlaced) return [inclusion, note];
  const detail = `an anchor says ${anchor.state} but ${
    anchor.inclusion === undefined ? "not where" : "where"
  }`;
  return [inclusion, note, { name: "anchor", outcome: "fail", detail }];
}

interface NoteCheck {
  readonly proof: Proof;
  readonly anchor: ProofAnchor;
  /** Whose signature counts; `undefined`: that of any key the proof names. */
  readonly trusted: readonly TrustedKey[] | undefined;
}

type TrustedKey = NonNullable<VerifyOptions["logKeys"]>[number];

function trustedKeys({ logKey, logKeys }: VerifyOptions): readonly TrustedKey[] | undefined {
  return logKey === undefined ? logKeys : [{ verifierKey: logKey, from: 0n }];
}

async function checkNote({ proof, anchor, trusted }: NoteCheck): Promise<Check> {
  const name = "checkpoint";
  const { size, root, checkpoint } = anchor;
  try {
    const note = parseCheckpointNote(checkpoint);
    if (note.size !== size || !equalBytes(note.root, root)) {
      return { name, outcome: "fail", detail: "the signed checkpoint is over another size or root" };
    }
    if (
      anchor.kind === "local" &&
      ![anchor.chainId, anchor.submitter].every((of) => of === `local:${note.origin}`)
    ) {
      return {
        name,
        outcome: "fail",
        detail: "the ledger's line is of another log than the signed checkpoint",
      };
    }
    const named = () => [...new Set(proof.logKeys)].map((verifierKey) => ({ verifierKey, from: 0n }));
    let outside: TrustedKey | undefined;
    for (const key of trusted ?? named()) {
      if (!await verifyCheckpointNote(checkpoint, key.verifierKey)) continue;
      if (!mayVouchFor(key, size)) {
        outside = key;
        continue;
      }
      const whose = trusted === undefined ? "a key that the proof itself names" : "the expected log key";
      return {
        name,
        outcome: "pass",
        detail: `${note.origin} signed size ${size} and this root, by ${whose}`,
      };
    }
    if (outside !== undefined) {
      const sizes = `from ${outside.from}${outside.to === undefined ? " on" : ` to ${outside.to}`}`;
      const detail =
        `the checkpoint over size ${size} is signed by a log key that is only good for sizes ${sizes}`;
      return { name, outcome: "fail", detail };
    }
    const whose = trusted === undefined ? "any key the proof names" : "the expected log key";
    return { name, outcome: "fail", detail: `the checkpoint is not signed by ${whose}` };
  } catch (error) {
    return { name, outcome: "fail", detail: (error as PotError).message };
  }
}

function checkExpectations(anchors: readonly ProofAnchor[], options: VerifyOptions): readonly Check[] {
  const compare = (name: "submitter" | "contract", expected: VerifyOptions): readonly Check[] => {
    const value = options[name];
    if (value === undefined) return [];
    const ok = anchors.some((anchor) => isExpected(anchor, expected));
    const detail = ok
      ? `the ${name} is the expected ${value}`
      : `no anchor has the expected ${name} ${value}`;
    return [{ name, outcome: ok ? "pass" : "fail", detail }];
  };
  const { submitter, contract } = options;
  const whose = submitter === undefined ? {} : { submitter };
  // In one and the same anchor.
  return [
    ...compare("submitter", whose),
    ...compare("contract", contract === undefined ? whose : { ...whose, contract }),
  ];
}

function bestState(anchors: readonly { readonly state: ProofState }[]): ProofState {
  return anchors.reduce<ProofState>((best, { state }) => RANK[state] > RANK[best] ? state : best, "pending");
}
