import type { EvmAnchor, LocalAnchor } from "./proof.ts";

/** The format `pot-batch-proof/1` (`*.pot-proofs.json`). See docs/formats.md. */
export const BATCH_PROOF_SCHEMA = "pot-batch-proof/1";

/** Largest batch file that is read at all. */
export const MAX_BATCH_PROOF_BYTES: number = 64 * 1024 * 1024;

/** Most bytes that the records of a batch take together, each with a line's end. */
export const MAX_BATCH_RECORD_BYTES: number = 64 * 1024 * 1024;

/** Most records in a batch. */
export const MAX_BATCH_RECORDS = 250_000;

/** Most anchors in a batch. */
export const MAX_BATCH_ANCHORS = 256;

/**
 * The proofs of one run's records in one file: what they have in common stands there once. `extractProof` gives the proof of one of
 * them back.
 */
export interface BatchProof {
  /** Another value is another format. */
  readonly schema: typeof BATCH_PROOF_SCHEMA;
  /** At least one, in the order of the log. */
  readonly records: readonly BatchRecord[];
  /** C2SP verifier keys the log says it signs with, newest first. Compare with what its owner published. */
  readonly logKeys: readonly string[];
  /**
   * The hashes that, with those of the records, give the root of each anchor: 32 bytes each, no more of them than are needed, in the
   * order in which a walk from the roots to the records meets them.
   */
  readonly nodes: readonly Uint8Array[];
  /** Each covers the records before its size. Their sizes never descend. */
  readonly anchors: readonly (EvmAnchor | LocalAnchor)[];
}

/** One record of a batch. */
export interface BatchRecord {
  /** Position of its leaf in the log. */
  readonly index: bigint;
  /** The record's canonical bytes. */
  readonly bytes: Uint8Array;
}
