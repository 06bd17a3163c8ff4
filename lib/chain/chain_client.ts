import type { SignedHead } from "../core/log_head.ts";

/**
 * Where hashes and log heads are kept beyond our own disk: an EVM contract, or the local ledger.
 *
 * An implementation MUST:
 * - be idempotent by `key`: the same key never stores or anchors twice, also across a crash and a restart;
 * - throw `UnreachableError` (and nothing else) when it could not tell whether the chain took a write;
 * - never report success for what did not reach it.
 */
export interface ChainClient extends AsyncDisposable {
  readonly kind: "evm" | "local";
  /** CAIP-2, such as `eip155:137`; `local:<origin>` for the ledger. */
  readonly chainId: string;

  /** Stores a hash (64 lowercase hex characters) with metadata (at most 2 048 bytes of UTF-8). */
  storeHash(hash: string, metadata: string, options?: WriteOptions): Promise<StoredHash>;
  /** What was stored under that id, or `undefined`. */
  retrieveHash(transactionId: string, options?: ReadOptions): Promise<StoredHash | undefined>;
  /** Whether exactly that hash is stored under that id; false for an unknown id. */
  verifyHash(hash: string, transactionId: string, options?: ReadOptions): Promise<boolean>;

  /** Commits a log head. Waits until it is in a block (and as deep as the network's policy asks, with `waitForConfirmations`). */
  anchor(head: SignedHead, options?: AnchorOptions): Promise<AnchorFacts>;
  /** The newest facts about an anchor made earlier: deeper, final, or gone from the chain. Never sends anything. */
  refresh(facts: AnchorFacts, options?: ReadOptions): Promise<AnchorFacts>;
  health(options?: ReadOptions): Promise<ChainHealth>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends ReadOptions {
  /** Names this write for ever; a second write under the same key answers with the first one's result. @default a fresh random key */
  readonly key?: string;
}

export interface AnchorOptions extends ReadOptions {
  /** @default true */
  readonly waitForConfirmations?: boolean;
}

/** A hash as the contract gives it back. */
export interface StoredHash {
  /** A uint256 in decimal (EVM) or a UUID v4 (local ledger). */
  readonly transactionId: string;
  readonly hash: string;
  readonly metadata: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly blockNumber: bigint;
  /** An EIP-55 address, or `local:<origin>`. */
  readonly submitter: string;
  /** Known to the writer only. */
  readonly transactionHash?: string;
  /** Gas units, known to the writer only. */
  readonly gasUsed?: bigint;
}

/** How far an anchor has come. `local` never counts as anchored on a chain. */
export type AnchorState = "pending" | "anchored" | "confirmed" | "final" | "local";

/** Everything known about one anchor, enough to write it into a proof. */
export type AnchorFacts = EvmAnchorFacts | LocalAnchorFacts;

export interface EvmAnchorFacts {
  readonly kind: "evm";
  readonly state: "pending" | "anchored" | "confirmed" | "final";
  /** CAIP-2. */
  readonly chainId: string;
  readonly contract: string;
  /** keccak256 of the contract's code, `0x` and 64 hex characters. */
  readonly codeHash: string;
  readonly submitter: string;
  /** Every hash ever tried for this anchor, oldest first; the last one is the mined one unless the state is pending. */
  readonly transactionHashes: readonly string[];
  /** Present unless the state is pending. */
  readonly inclusion?: EvmInclusion;
}

export interface EvmInclusion {
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  /** Unix seconds. */
  readonly blockTime: number;
  /** Position of the `Anchored` event within the receipt. */
  readonly logIndex: number;
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
}

export interface LocalAnchorFacts {
  readonly kind: "local";
  readonly state: "local";
  readonly chainId: string;
  readonly transactionId: string;
  readonly submitter: string;
  readonly blockNumber: bigint;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface ChainHealth {
  readonly isHealthy: boolean;
  /** One line each, such as `contract: no code at 0x…`. */
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}
