/** The fields of an unsigned transaction that a signer is shown; `type` decides which fee fields count. */
export interface UnsignedTransaction {
  /** `eip1559` uses the two `max…` fees, `legacy` uses `gasPrice`. */
  readonly type: "eip1559" | "legacy";
  /** EIP-155. */
  readonly chainId: number;
  /** How many transactions the account sent before this one. */
  readonly nonce: number;
  /** Limit, in units of gas. */
  readonly gas: bigint;
  /** `undefined` deploys a contract. */
  readonly to?: `0x${string}`;
  /** In wei. @default none */
  readonly value?: bigint;
  /** The call, or the creation code and its arguments. */
  readonly data?: `0x${string}`;
  /** The most to pay for a unit of gas, base fee included, in wei. */
  readonly maxFeePerGas?: bigint;
  /** The most to pay on top of the base fee, in wei. */
  readonly maxPriorityFeePerGas?: bigint;
  /** What to pay for a unit of gas, in wei. */
  readonly gasPrice?: bigint;
}

/** Signs transactions for one account. The key stays behind this interface. */
export interface TransactionSigner {
  /** EIP-55 checksummed. */
  readonly address: `0x${string}`;
  /**
   * The signed transaction, RLP-encoded, ready for `eth_sendRawTransaction`. The signal ends the wait where the key is held elsewhere:
   * what it takes there, such as a person's time, is for nothing then.
   */
  signTransaction(
    transaction: UnsignedTransaction,
    options?: { readonly signal?: AbortSignal },
  ): Promise<`0x${string}`>;
}
