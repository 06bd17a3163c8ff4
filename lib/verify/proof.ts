/** The proof format `pot-proof/1` (`*.pot-proof.json`). See docs/formats.md. */
export const PROOF_SCHEMA = "pot-proof/1";

/** Largest proof file that is read at all. */
export const MAX_PROOF_BYTES = 4 * 1024 * 1024;

/** Most keys that a proof names. */
export const MAX_LOG_KEYS = 64;

/** Largest block header in a proof: some chains keep their validators in it. */
export const MAX_BLOCK_HEADER_BYTES = 65_536;

/** Largest receipt in a proof. */
export const MAX_RECEIPT_BYTES = 262_144;

/** Most nodes between a receipt and its root: one a digit of the largest key, and the leaf. */
export const MAX_TRIE_PATH = 20;

/**
 * How far an anchor has come, as its proof claims. `local` is a mark of its own: a head in a local ledger, which never counts as
 * anchored on a chain.
 */
export type ProofState = "pending" | "anchored" | "confirmed" | "final" | "local";

/** Everything a stranger needs in order to check one record. */
export interface Proof {
  /** Another value is another format. */
  readonly schema: typeof PROOF_SCHEMA;
  /** The record's canonical bytes. */
  readonly record: Uint8Array;
  /** Position of its leaf in the log. */
  readonly index: bigint;
  /** C2SP verifier keys the log says it signs with, newest first. Compare with what its owner published. */
  readonly logKeys: readonly string[];
  /** Only grows; newest last. */
  readonly anchors: readonly ProofAnchor[];
}

/** A head that covers the record, and where it was anchored. */
export type ProofAnchor = EvmProofAnchor | LocalProofAnchor;

/** An anchor without the way of one record to it: what many records can share. */
export type Anchor = EvmAnchor | LocalAnchor;

/** A head that the log signed. */
export interface AnchorHead {
  /** Leaves the anchored head covers. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The C2SP signed note of that head. */
  readonly checkpoint: string;
}

/** What every anchor of a proof has: the head that covers the record, and the way from the record to it. */
export interface AnchoredHead extends AnchorHead {
  /** Audit path from the record's leaf to `root`, 32 bytes a node. */
  readonly path: readonly Uint8Array[];
}

/** A head that was anchored with the contract, and the record's way to it. */
export interface EvmProofAnchor extends AnchoredHead, EvmAnchor {}

/** A head that was anchored with the contract, or that is still to be. */
export interface EvmAnchor extends AnchorHead {
  /** Tells the two kinds of anchors apart. */
  readonly kind: "evm";
  /** As far as the proof's writer saw it come. */
  readonly state: "pending" | "anchored" | "confirmed" | "final";
  /** CAIP-2, such as `eip155:137`. Absent, like all below, where no transaction has been tried yet. */
  readonly chainId?: string;
  /** Lowercase or EIP-55, `0x` and 40 hex characters. */
  readonly contract?: string;
  /** keccak256 of the contract's code. */
  readonly codeHash?: string;
  /** The account that anchored, `0x` and 40 hex characters. */
  readonly submitter?: string;
  /** Every hash tried, oldest first. */
  readonly transactionHashes?: readonly string[];
  /** Present unless the state is pending. */
  readonly inclusion?: ProofInclusion;
}

/** Where the anchor's event stands on the chain. */
export interface ProofInclusion {
  /** One of `transactionHashes`: the one that was mined. */
  readonly transactionHash: string;
  /** Position in its block, from 0. */
  readonly transactionIndex: number;
  /** Height of its block. */
  readonly blockNumber: bigint;
  /** keccak256 of that block's header, `0x` and 64 lowercase hex characters. */
  readonly blockHash: string;
  /** Unix seconds. */
  readonly blockTime: number;
  /** Position of the `Anchored` event within the receipt. */
  readonly logIndex: number;
  /** Ties the event to `blockHash` without any node; absent until it was captured. */
  readonly receiptProof?: ReceiptProof | "unavailable";
}

/**
 * The way from the anchor's receipt to the hash of its block, by the receipts trie of the Ethereum yellow paper (§4.3, appendix D).
 * Captured when the anchor confirms, as nodes prune receipts. `"unavailable"` in its place: this chain's receipts do not hash to
 * the root in its headers, or its headers not to their hash, in a way that we know.
 */
export interface ReceiptProof {
  /** RLP of the block's header; its keccak256 is the block hash, and its field 5 the root of the receipts trie. */
  readonly header: Uint8Array;
  /** The receipt as it stands in the trie (EIP-2718: a type byte before the RLP, but for legacy transactions). */
  readonly receipt: Uint8Array;
  /** Nodes of the receipts trie, RLP each, from the root to the leaf that holds `receipt` under rlp(transactionIndex). */
  readonly path: readonly Uint8Array[];
}

/** A head in a local ledger, and the record's way to it. */
export interface LocalProofAnchor extends AnchoredHead, LocalAnchor {}

/** A head in a local ledger, which is no chain. */
export interface LocalAnchor extends AnchorHead {
  /** Tells the two kinds of anchors apart. */
  readonly kind: "local";
  /** Never anything else. */
  readonly state: "local";
  /** `local:<origin>`. */
  readonly chainId: string;
  /** UUID v4 of the ledger's line. */
  readonly transactionId: string;
  /** `local:<origin>`, as `chainId`. */
  readonly submitter: string;
  /** Line of the ledger, from 1. */
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly timestamp: number;
}
