import type { LogHead, SignedHead } from "../core/log_head.ts";
import type { ReceiptProof } from "../verify/proof.ts";

/**
 * Where hashes and log heads are kept beyond our own disk: an EVM contract, or the local ledger.
 *
 * An implementation MUST:
 * - be idempotent by `key`: the same key never stores or anchors twice, also across a crash and a restart;
 * - throw `UnreachableError` (and nothing else) when it could not tell whether the chain took a write;
 * - never report success for what did not reach it.
 */
export interface ChainClient extends AsyncDisposable {
  /** What this client writes to; `evm` also where it falls back to the ledger. */
  readonly kind: "evm" | "local";
  /** CAIP-2, such as `eip155:137`; `local:<origin>` for the ledger. */
  readonly chainId: string;

  /** Stores a hash (64 lowercase hex characters) with metadata (at most 2 048 bytes of UTF-8). */
  storeHash(hash: string, metadata: string, options?: WriteOptions): Promise<StoredHash>;
  /** What was stored under that id, or `undefined`. */
  retrieveHash(transactionId: string, options?: StoredHashOptions): Promise<StoredHash | undefined>;
  /** Whether exactly that hash is stored under that id; false for an unknown id. */
  verifyHash(hash: string, transactionId: string, options?: StoredHashOptions): Promise<boolean>;

  /** Commits a log head. Waits until it is in a block (and as deep as the network's policy asks, with `waitForConfirmations`). */
  anchor(head: SignedHead, options?: AnchorOptions): Promise<AnchorFacts>;
  /**
   * What became of an anchor of exactly that head that was begun earlier, also by a process that died since; `undefined` where none
   * was. Never sends anything.
   */
  findAnchor(head: SignedHead, options?: ReadOptions): Promise<AnchorFacts | undefined>;
  /**
   * The newest facts about an anchor made earlier: deeper, final, or gone from the chain. Never sends anything. From the moment it is
   * confirmed the facts hold its receipt and block header, as far as an endpoint still has them.
   */
  refresh(facts: AnchorFacts, options?: RefreshOptions): Promise<AnchorFacts>;
  /** One look at everything that was sent and is not final: what a reorganisation threw out is sent again, what is stuck is helped along. */
  settle(options?: ReadOptions): Promise<void>;
  /**
   * The contracts that this client's took the place of, or that took its place, itself among them, EIP-55: what is anchored in one of
   * them is anchored. Absent where contracts have no such links.
   */
  lineage?(options?: ReadOptions): Promise<readonly string[]>;
  /** Whether writes could go through now, part by part; what fails is part of the answer. */
  health(options?: ReadOptions): Promise<ChainHealth>;
}

/** What every call that waits takes. */
export interface ReadOptions {
  /** Ends the wait with its reason; a transaction that was sent by then stays sent. */
  readonly signal?: AbortSignal;
}

/** What a read of one stored hash takes. */
export interface StoredHashOptions extends ReadOptions {
  /** The contract that holds it, where a retired one's successor took the write. @default the configured one */
  readonly contract?: string;
}

/** What a write takes beside its content. */
export interface WriteOptions extends ReadOptions {
  /** Names this write for ever; a second write under the same key answers with the first one's result. @default a fresh random key */
  readonly key?: string;
}

/** How long an anchor is waited for. */
export interface AnchorOptions extends ReadOptions {
  /** Whether to wait for the policy's depth, not only for the first block. @default true */
  readonly waitForConfirmations?: boolean;
  /** How many records it covers that no earlier one did; for the books. @default 0 */
  readonly records?: number;
  /** Awaited once nothing speaks against the anchor, before anything is signed: from then on it may reach the chain. @default nothing */
  readonly onSending?: () => Promise<void>;
  /** Until then it may be put off while gas is dear. Milliseconds since the Unix epoch. @default put off without end */
  readonly deadlineMs?: number;
}

/** What a look at an earlier anchor takes. */
export interface RefreshOptions extends ReadOptions {
  /** What it must commit to. @default any head of its submitter */
  readonly head?: LogHead;
  /** Try again to capture a receipt that was unavailable. @default false */
  readonly retryUnavailable?: boolean;
}

/** A hash as the contract gives it back. */
export interface StoredHash {
  /** A uint256 in decimal (EVM) or a UUID v4 (local ledger). */
  readonly transactionId: string;
  /** 64 lowercase hex characters. */
  readonly hash: string;
  /** As it was given, at most 2 048 bytes of UTF-8. */
  readonly metadata: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The block that holds it; for the ledger its line, from 1. */
  readonly blockNumber: bigint;
  /** An EIP-55 address, or `local:<origin>`. */
  readonly submitter: string;
  /** Known to the writer only. */
  readonly transactionHash?: string;
  /** Gas units, known to the writer only. */
  readonly gasUsed?: bigint;
  /** The contract that took it, EIP-55; known to the writer only. Ids count from 1 in each. */
  readonly contract?: string;
  /** How far what was read can be trusted; known to the reader only. One that is not final may have been reorganised away since. */
  readonly asOf?: {
    readonly isFinal: boolean;
    /** Milliseconds since the Unix epoch. */
    readonly readAtMs: number;
  };
}

/** How far an anchor has come. `local` never counts as anchored on a chain. */
export type AnchorState = "pending" | "anchored" | "confirmed" | "final" | "local";

/** Everything known about one anchor, enough to write it into a proof. */
export type AnchorFacts = EvmAnchorFacts | LocalAnchorFacts;

/** What is known of a head that was anchored with the contract. */
export interface EvmAnchorFacts {
  /** Tells the two kinds of facts apart. */
  readonly kind: "evm";
  /** In no block of the canonical chain, in one, as deep as the policy asks, or finalized. */
  readonly state: "pending" | "anchored" | "confirmed" | "final";
  /** CAIP-2. */
  readonly chainId: string;
  /** The ProofOfTraining contract, EIP-55. */
  readonly contract: string;
  /** keccak256 of the contract's code, `0x` and 64 hex characters. */
  readonly codeHash: string;
  /** The account that anchors, EIP-55. */
  readonly submitter: string;
  /** Every hash ever tried for this anchor, oldest first; the last one is the mined one unless the state is pending. */
  readonly transactionHashes: readonly string[];
  /** Present unless the state is pending. */
  readonly inclusion?: EvmInclusion;
}

/** Where an anchor's transaction stands on its chain, and what it cost. */
export interface EvmInclusion {
  /** The one that was mined, `0x` and 64 lowercase hex characters. */
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
  /** Gas units of the whole transaction. */
  readonly gasUsed: bigint;
  /** Paid for each of those units, in wei. */
  readonly effectiveGasPriceWei: bigint;
  /** Captured once the anchor is confirmed; `"unavailable"` where this chain's receipts cannot be proven. */
  readonly receiptProof?: ReceiptProof | "unavailable";
}

/** What is known of a head in the local ledger. */
export interface LocalAnchorFacts {
  /** Tells the two kinds of facts apart. */
  readonly kind: "local";
  /** Never anything else: a ledger is no chain. */
  readonly state: "local";
  /** `local:<origin>`. */
  readonly chainId: string;
  /** UUID v4 of the ledger's line. */
  readonly transactionId: string;
  /** `local:<origin>`, as `chainId`. */
  readonly submitter: string;
  /** The ledger's line, from 1. */
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** Whether a chain takes writes, and why not. */
export interface ChainHealth {
  /** Every check is `ok`. */
  readonly isHealthy: boolean;
  /** One line each, such as `contract: no code at 0x…`. */
  readonly checks: readonly HealthCheck[];
}

/** One part of a chain's health. */
export interface HealthCheck {
  /** Which part, such as `contract`. */
  readonly name: string;
  /** Nothing is wrong with it. */
  readonly ok: boolean;
  /** What was seen, or what is wrong, in words and without secrets. */
  readonly detail: string;
  /** Not ok only because nobody answered: nothing is known to be wrong. */
  readonly isUnreachable?: true;
}
