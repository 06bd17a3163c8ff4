import type { LogHead, SignedHead } from "../core/log_head.ts";
import type { LeafRange } from "../core/merkle/proof_ranges.ts";

/**
 * One append-only Merkle log (RFC 6962, SHA-256) of records.
 *
 * An implementation MUST:
 * - resolve `append` only once the record survives a power cut;
 * - keep one leaf per event key, however often and from however many processes it is submitted;
 * - call `build` with the leaf hash of the run's previous record, inside the same critical section that appends;
 * - never change or drop a leaf: for sizes m ≤ n, the root at m is consistent with the root at n;
 * - answer reads for every size it has ever signed.
 */
export interface Log extends AsyncDisposable {
  /** The origin line of this log's checkpoints. */
  readonly origin: string;
  /** C2SP verifier keys of everyone who signed for this log, newest first, as they are now: any process may rotate them. */
  verifierKeys(): Promise<readonly string[]>;

  /** Appends a record, or answers with the first record of the same event key (`isDuplicate`). */
  append(draft: LogDraft, options?: { readonly signal?: AbortSignal }): Promise<AppendResult>;
  /** Number of durable records. */
  size(): Promise<bigint>;
  /** Signs and publishes a checkpoint over everything appended so far; `undefined` for an empty log. The same size gives the same note, unless `sign` is given. */
  checkpoint(options?: CheckpointOptions): Promise<SignedHead | undefined>;
  /** The published checkpoint, without making a new one. */
  publishedCheckpoint(): Promise<SignedHead | undefined>;
  /**
   * Adds the signatures of a note to the published checkpoint, such as cosignatures of witnesses; verify them first. It keeps them
   * until a larger size is published. Answers what is published now; `undefined` where that is over another text.
   */
  addSignatures(note: string): Promise<SignedHead | undefined>;
  /** The head at a published size. */
  headAt(size: bigint): Promise<LogHead>;

  /** The record's bytes at `index`, or `undefined` past the end. */
  entry(index: bigint): Promise<Uint8Array | undefined>;
  /** The bytes of the records from `from` up to, and without, `to`, in order; ends early where the log does. Keeps few at a time in memory. */
  entries(from: bigint, to: bigint): AsyncIterable<Uint8Array>;
  /** Where a record stands, by id (64 lowercase hex characters). */
  find(id: string): Promise<bigint | undefined>;
  /** Audit path of the leaf at `index` in the tree of the first `size` leaves (RFC 6962 §2.1.1), leaf to root. `size` is at most the published one. */
  inclusionPath(index: bigint, size: bigint): Promise<readonly Uint8Array[]>;
  /** Consistency proof between two published sizes (RFC 6962 §2.1.2). */
  consistencyPath(oldSize: bigint, newSize: bigint): Promise<readonly Uint8Array[]>;
  /** The hashes of those subtrees, in order. Each MUST be a node of the tree of some published size. */
  subtreeHashes(ranges: readonly LeafRange[]): Promise<readonly Uint8Array[]>;

  /** Every run with its record count and first and last index, in order of first appearance. */
  runs(): Promise<readonly RunSummary[]>;
  /** Indices of one run's records, in order. */
  runIndices(runId: string): Promise<readonly bigint[]>;
}

/**
 * Makes the signed checkpoint note over a head, inside the critical section that publishes it. `published` is the
 * checkpoint that it follows, if any: a signer may refuse to follow what it does not know.
 */
export type SignHead = (head: LogHead, published: SignedHead | undefined) => Promise<string>;

/** How a checkpoint is made. */
export interface CheckpointOptions {
  /** Ends the wait for others who make one. */
  readonly signal?: AbortSignal;
  /**
   * Signs instead of the log's own signer, also over a size that has a note already: the new note then takes its
   * place. So a key hands over to the next. @default the log's own, for a size that has no note yet
   */
  readonly sign?: SignHead;
}

/** A record about to be appended. */
export interface LogDraft {
  /** The run whose records `previous` links. */
  readonly runId: string;
  /** 32 bytes; equal keys are the same event. */
  readonly eventKey: Uint8Array;
  /** The record's canonical bytes (1 to 65 535), given the id of the run's previous record, if any. Pure; called at most once. */
  build(previous: string | undefined): Uint8Array;
}

/** Where a record stands. */
export interface AppendResult {
  /** The leaf hash, 64 lowercase hex characters. */
  readonly id: string;
  /** Position of its leaf, from 0. */
  readonly index: bigint;
  /** True when an earlier record has the same event key; `id` and `index` are then that record's. */
  readonly isDuplicate: boolean;
}

/** What the log holds of one run. */
export interface RunSummary {
  /** As its records say. */
  readonly runId: string;
  /** At least 1. */
  readonly recordCount: number;
  /** Position of its first record in the log, from 0. */
  readonly firstIndex: bigint;
  /** Position of its newest record in the log, from 0. */
  readonly lastIndex: bigint;
}
