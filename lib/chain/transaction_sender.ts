/**
 * Sends transactions of one account so that none is lost and none is sent twice. Owns nonces, broadcast and waiting;
 * nothing else in the project retries a send.
 *
 * An implementation MUST:
 * - write the signed bytes to the journal, durably, before the first broadcast;
 * - answer a `key` it has seen (also before a restart) with that transaction, never with a second one;
 * - treat a time-out or a broken answer as unknown: look for the transaction's hashes before concluding anything;
 * - check chain id, fee cap and balance before signing.
 */
export interface TransactionSender extends AsyncDisposable {
  /** The account, EIP-55. */
  readonly address: `0x${string}`;
  /** Whether that key was signed before (or is about to be) and has not failed. Asks the journal only. */
  has(key: string): boolean;
  /** Resolves once the transaction is in a canonical block at `confirmations` depth (1 = just mined); throws when it reverted. */
  send(request: SendRequest, options?: SendOptions): Promise<MinedTransaction>;
}

export interface SendRequest {
  /** Names this transaction for ever within the journal. */
  readonly key: string;
  /** What it is for, for people who read the journal; a verb phrase that completes "Cannot …", such as `anchor`. No secrets. */
  readonly purpose: string;
  /** `undefined` deploys a contract. */
  readonly to?: `0x${string}`;
  readonly data: `0x${string}`;
}

export interface SendOptions {
  /** Blocks the transaction must be deep before this resolves. @default the sender's own setting */
  readonly confirmations?: number;
  readonly signal?: AbortSignal;
}

/** A transaction in a block of the canonical chain, as last seen. */
export interface MinedTransaction {
  readonly transactionHash: `0x${string}`;
  /** Every hash ever tried for this nonce, oldest first. */
  readonly transactionHashes: readonly `0x${string}`[];
  readonly transactionIndex: number;
  readonly blockNumber: bigint;
  readonly blockHash: `0x${string}`;
  /** Unix seconds. */
  readonly blockTime: number;
  readonly gasUsed: bigint;
  readonly effectiveGasPriceWei: bigint;
  /** Set when it deployed a contract. */
  readonly contractAddress?: `0x${string}`;
  /** In receipt order. */
  readonly logs: readonly TransactionLog[];
}

export interface TransactionLog {
  readonly address: `0x${string}`;
  readonly topics: readonly `0x${string}`[];
  readonly data: `0x${string}`;
}
