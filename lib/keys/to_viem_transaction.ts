import type { TransactionSerializable } from "viem";
import type { UnsignedTransaction } from "../core/signer.ts";

/** The same transaction as viem serialises it, with only the fields of its type. */
export function toViemTransaction(transaction: UnsignedTransaction): TransactionSerializable {
  const { type, gasPrice, maxFeePerGas, maxPriorityFeePerGas, ...common } = transaction;
  if (type === "legacy") return { ...common, type, ...(gasPrice === undefined ? {} : { gasPrice }) };
  return {
    ...common,
    type,
    ...(maxFeePerGas === undefined ? {} : { maxFeePerGas }),
    ...(maxPriorityFeePerGas === undefined ? {} : { maxPriorityFeePerGas }),
  };
}
