/** The fields of an unsigned transaction that a signer is shown; `type` decides which fee fields count. */
export interface UnsignedTransaction {
  readonly type: "eip1559" | "legacy";
  readonly chainId: number;
  readonly nonce: number;
  readonly gas: bigint;
  /** `undefined` deploys a contract. */
  readonly to?: `0x${string}`;
  readonly value?: bigint;
  readonly data?: `0x${string}`;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly gasPrice?: bigint;
}

/** Signs transactions for one account. The key stays behind this interface. */
export interface TransactionSigner {
  /** EIP-55 checksummed. */
  readonly address: `0x${string}`;
  /** The signed transaction, RLP-encoded, ready for `eth_sendRawTransaction`. */
  signTransaction(transaction: UnsignedTransaction): Promise<`0x${string}`>;
}
