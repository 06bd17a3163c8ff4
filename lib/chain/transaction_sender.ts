import type { JournalEntry } from "./journal_entry.ts";

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
  /** Whether that key was signed before (or is about to be) and has not come to nothing for good. Asks the journal only. */
  has(key: string): boolean;
  /** The hashes of every form signed under that key that has not failed, oldest first. Asks the journal only. */
  triedHashes(key: string): readonly `0x${string}`[];
  /** Resolves once the transaction is in a canonical block at `confirmations` depth (1 = just mined); throws when it reverted. */
  send(request: SendRequest, options?: SendOptions): Promise<MinedTransaction>;
  /** One look at the chain for everything that is not final: what moved is written down, what is stuck is helped along. */
  tick(): Promise<void>;
  /** Signs the waiting transaction of that key once more, for at least 12.5 % more fees, under the caps. */
  speedUp(key: string): Promise<JournalEntry>;
  /** Lets a no-op take the nonce of the waiting transaction of that key; whichever is mined first counts. */
  cancel(key: string): Promise<JournalEntry>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

export interface SendRequest {
  /** Names this transaction for ever within the journal. */
  readonly key: string;
  /** What it is for, for people who read the journal; a verb phrase that completes "Cannot …", such as `anchor`. No secrets. */
  readonly purpose: string;
  /** `undefined` deploys a contract. */
  readonly to?: `0x${string}`;
  readonly data: `0x${string}`;
  /** Requests with the same shape need the same gas within the margin, so that one estimate serves them all. @default estimated by itself */
  readonly shape?: string;
  /** How many records it is for. @default 0 */
  readonly records?: number;
  /** Until then it waits while the network fee is above `deferAboveWei`; after it, it pays up to the cap. Milliseconds since the Unix epoch. @default waits for ever */
  readonly deadlineMs?: number;
  /** Sent along. @default none */
  readonly valueWei?: bigint;
  /** Sends along, in place of `valueWei`, all that the account has beyond this transaction's gas and this much. */
  readonly sweepLeavingWei?: bigint;
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
  /** What some networks charge beside gas, in wei, such as the parent chain's share on the OP stack. */
  readonly extraFeeWei?: bigint;
  /** It took its nonce and cost its gas without effect. */
  readonly isReverted?: true;
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
