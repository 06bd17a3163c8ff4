import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { ManifestFile } from "../core/manifest.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { parseRecord } from "../core/parse_record.ts";
import type { TrainingRecord } from "../core/record.ts";
import type { Proof, ProofAnchor } from "./proof.ts";

/** `_type` of an in-toto Statement, version 1. */
export const IN_TOTO_STATEMENT_TYPE = "https://in-toto.io/Statement/v1";

/** `predicateType` of what this package says about a subject. A name, not an address. See docs/formats.md. */
export const TRAINING_RECORD_PREDICATE_TYPE = "https://jsr.io/@pot/ops/training-record/v1";

/** Cannot be the path of a file in a manifest, as none begins with `./`. */
const MANIFEST_SUBJECT = "./pot-manifest.json";

/** One artifact that a statement is about. */
export interface InTotoSubject {
  /** Unique within the statement: a file's name, or its path below the folder. */
  readonly name: string;
  /** 64 lowercase hex characters. */
  readonly digest: { readonly sha256: string };
}

/** Where a head that covers the record was anchored. Absent fields are not known (yet); wide integers are decimal strings. */
export interface InTotoAnchor {
  /** On a chain, or in a local ledger. */
  readonly kind: ProofAnchor["kind"];
  /** As far as the proof's writer saw it come. */
  readonly state: ProofAnchor["state"];
  /** Leaves the anchored head covers. */
  readonly size: string;
  /** 64 lowercase hex characters. */
  readonly root: string;
  /** CAIP-2, or `local:<origin>`. */
  readonly chainId?: string;
  /** `0x` and 40 hex characters. */
  readonly contract?: string;
  /** The account that anchored, or `local:<origin>`. */
  readonly submitter?: string;
  /** `0x` and 64 hex characters. */
  readonly transactionHash?: string;
  /** UUID v4 of a local ledger's line. */
  readonly transactionId?: string;
  /** Height of the block, or line of the ledger. */
  readonly blockNumber?: string;
  /** `0x` and 64 hex characters. */
  readonly blockHash?: string;
  /** When the block, or the ledger's line, was made: RFC 3339, UTC. */
  readonly anchoredAt?: string;
}

/** What the statement says of its subjects. */
export interface TrainingRecordPredicate {
  /** The record's leaf hash, 64 lowercase hex characters. */
  readonly id: string;
  /** Position in the log. */
  readonly index: string;
  /** Its canonical JSON (RFC 8785) is the bytes that `id` is the leaf hash of. */
  readonly record: TrainingRecord;
  /** In the proof's order. */
  readonly anchors: readonly InTotoAnchor[];
}

/** An in-toto Statement v1 about a training checkpoint. */
export interface InTotoStatement {
  /** The statement's own format. */
  readonly _type: typeof IN_TOTO_STATEMENT_TYPE;
  /** What it is about, matched by digest. */
  readonly subject: readonly InTotoSubject[];
  /** The format of `predicate`. */
  readonly predicateType: typeof TRAINING_RECORD_PREDICATE_TYPE;
  /** What it says. */
  readonly predicate: TrainingRecordPredicate;
}

/**
 * The record of a proof as an in-toto Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md), unsigned: for tools that wrap
 * and carry attestations. It says where the record was anchored; the proof is what shows it.
 *
 * @param options.files a directory's files as its manifest lists them. Their digests are subjects, and so is the manifest's.
 * @throws {UsageError} where the record names no artifact, as a statement is about something
 * @throws {PotError} where the proof's record is malformed
 */
export function inTotoStatement(
  { record: bytes, index, anchors }: Pick<Proof, "record" | "index" | "anchors">,
  { files = [] }: { readonly files?: readonly ManifestFile[] } = {},
): InTotoStatement {
  const record = parseRecord(bytes);
  const { artifact } = record;
  if (artifact === undefined) {
    throw new UsageError("Cannot export the record as it names no artifact, and a statement is about one", {
      facts: [`kind: ${record.kind}`],
      hint: "export the training checkpoint's record instead",
    });
  }
  const whole: InTotoSubject = {
    name: artifact.kind === "directory" ? MANIFEST_SUBJECT : artifact.name ?? "_",
    digest: { sha256: artifact.digest },
  };
  return {
    _type: IN_TOTO_STATEMENT_TYPE,
    subject: [whole, ...files.map(({ path, digest }) => ({ name: path, digest: { sha256: digest } }))],
    predicateType: TRAINING_RECORD_PREDICATE_TYPE,
    predicate: {
      id: toHex(leafHash(bytes)),
      index: String(index),
      record,
      anchors: anchors.map(coordinates),
    },
  };
}

function coordinates(anchor: ProofAnchor): InTotoAnchor {
  const { kind, state, size, root } = anchor;
  const head = { kind, state, size: String(size), root: toHex(root) };
  if (anchor.kind === "local") {
    const { chainId, submitter, transactionId, blockNumber, timestamp } = anchor;
    const line = { chainId, submitter, transactionId, blockNumber: String(blockNumber) };
    return { ...head, ...line, anchoredAt: toTime(timestamp) };
  }
  const { chainId, contract, submitter, inclusion } = anchor;
  return {
    ...head,
    ...(chainId !== undefined && { chainId }),
    ...(contract !== undefined && { contract }),
    ...(submitter !== undefined && { submitter }),
    ...(inclusion !== undefined && {
      transactionHash: inclusion.transactionHash,
      blockNumber: String(inclusion.blockNumber),
      blockHash: inclusion.blockHash,
      anchoredAt: toTime(inclusion.blockTime),
    }),
  };
}

function toTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString();
}
