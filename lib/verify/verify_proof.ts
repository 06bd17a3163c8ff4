import { leafHash } from "../core/merkle/leaf_hash.ts";
import { verifyInclusion } from "../core/merkle/verify_inclusion.ts";
import { UsageError } from "../core/errors.ts";
import { parseVerifierKey } from "../core/note_key.ts";
import type { TrustedKey } from "./check_head_note.ts";
import { checkWitnesses, type WitnessPolicy } from "./check_witnesses.ts";
import { checkRecord } from "./check_record.ts";
import { checkExpectedPlace, conclude } from "./conclude.ts";
import type { Proof, ProofAnchor } from "./proof.ts";
import type { RpcEndpoint } from "./rpc_endpoint.ts";
import type { Check, Verdict } from "./verdict.ts";
import { askAboutAnchors, checkAnchors } from "./verify_anchors.ts";

/** What to hold a proof against beside itself. */
export interface VerifyOptions {
  /** SHA-256 of the artifact at hand, 64 lowercase hex characters: must be the record's. */
  readonly artifactDigest?: string;
  /** Endpoints to ask for L1 and L2. All must serve the chain of one of the proof's anchors. @default none: offline */
  readonly endpoints?: readonly RpcEndpoint[];
  /**
   * How many endpoints of a chain must agree for L2, from 2. Given, an anchor that fewer confirm is not confirmed.
   *
   * @default more than half of those of the chain, at least 2; one alone gives L1
   */
  readonly quorum?: number;
  /** The log key its owner published; without it, the proof's own `logKeys` are used and the verdict says so. */
  readonly logKey?: string;
  /**
   * In its place: the set of keys that the log's owner published, each good for its sizes only. Of a key alone, leave
   * `to` out and let `from` be 0.
   */
  readonly logKeys?: readonly TrustedKey[];
  /** The address that must have anchored. */
  readonly submitter?: string;
  /** The contract it must have anchored in. */
  readonly contract?: string;
  /** Witnesses that must have cosigned a checkpoint of the proof. @default none */
  readonly witnesses?: WitnessPolicy;
  /** Ends the wait for endpoints with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Climbs the verification ladder: record → leaf → path → root → signed checkpoint → `Anchored` event → receipt → block hash (L0, as
 * far as the file leads), and with endpoints → block on the chain, contract's code (L1) → their quorum, finality (L2).
 *
 * Every anchor must hold in itself. One that endpoints deny does not count, and the best of those that do gives level and state. Where
 * a submitter or a contract is expected, only anchors of theirs count.
 *
 * An invalid proof is a verdict, not an exception.
 *
 * @throws {UsageError} when an endpoint serves a chain that no anchor of the proof is on, an option is malformed, or the record is of
 * a version that is not known.
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
  const { endpoints = [], quorum, signal } = options;
  const trusted = trustedKeys(options);
  const checks = [
    ...checkRecord(proof.record, options),
    ...checkExpectedPlace(proof.anchors, options),
    ...await checkWitnesses(proof.anchors, options),
    ...checkPaths(proof),
  ];
  const byItself = await checkAnchors(proof, trusted === undefined ? {} : { trusted });
  const expectations = { ...options, knowsLogKeys: trusted !== undefined };
  const isBroken = [...checks, ...byItself.checks].some(({ outcome }) => outcome === "fail");
  const findings = isBroken ? byItself : await askAboutAnchors(proof, byItself, {
    endpoints,
    ...(quorum === undefined ? {} : { quorum }),
    ...(signal === undefined ? {} : { signal }),
  });
  return conclude({ anchors: proof.anchors, checks, findings }, expectations);
}

/**
 * A mistyped expectation must not read as an invalid proof.
 *
 * @throws {UsageError} naming the option
 */
export function requireOptions(options: VerifyOptions): void {
  const { artifactDigest, logKey, logKeys, submitter, contract } = options;
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
  requireQuorum(options);
}

function requireQuorum({ quorum, endpoints = [] }: VerifyOptions): void {
  if (quorum === undefined) return;
  if (Number.isSafeInteger(quorum) && quorum >= 2 && quorum <= endpoints.length) return;
  throw new UsageError(
    "Cannot verify the proof as the quorum must be from 2 to the number of endpoints",
    {
      facts: [`quorum: ${quorum}`, `endpoints: ${endpoints.length}`],
      hint: "name more endpoints with --rpc, each another one, or leave --quorum out",
    },
  );
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/** Whose signatures count; `undefined`: those of any key that the file names. */
export function trustedKeys({ logKey, logKeys }: VerifyOptions): readonly TrustedKey[] | undefined {
  return logKey === undefined ? logKeys : [{ verifierKey: logKey, from: 0n }];
}

/** Whether the record leads to each anchor's root. */
function checkPaths(proof: Proof): readonly Check[] {
  if (proof.anchors.length === 0) {
    const detail = "the proof holds no anchor and no checkpoint, so it binds the record to nothing";
    return [{ name: "anchor", outcome: "fail", detail }];
  }
  const leaf = leafHash(proof.record);
  return proof.anchors.map((anchor, position) => checkPath({ leaf, index: proof.index, anchor, position }));
}

interface PathCheck {
  readonly leaf: Uint8Array;
  readonly index: bigint;
  readonly anchor: ProofAnchor;
  readonly position: number;
}

function checkPath({ leaf, index, anchor, position }: PathCheck): Check {
  const { size, root, path } = anchor;
  const isInTree = verifyInclusion({ leafHash: leaf, index, size, path, root });
  const nodes = `${path.length} ${path.length === 1 ? "node" : "nodes"}`;
  const detail = isInTree
    ? `leaf ${index} is in the tree of ${size} ${size === 1n ? "leaf" : "leaves"} (${nodes} to the root)`
    : `the path does not lead from this record to the root over ${size} leaves`;
  return { name: "inclusion", outcome: isInTree ? "pass" : "fail", detail, anchor: position };
}
