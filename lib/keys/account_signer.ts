import type { TransactionSigner } from "../core/signer.ts";
import { toViemTransaction } from "./to_viem_transaction.ts";

/**
 * A signer that holds a private key in memory. viem is loaded here, so that reading commands never pay for it.
 *
 * @throws {RangeError} when those 32 bytes are no key of secp256k1
 */
export async function createAccountSigner(privateKey: `0x${string}`): Promise<TransactionSigner> {
  const { privateKeyToAccount } = await import("viem/accounts");
  const account = accountOf(() => privateKeyToAccount(privateKey));
  return {
    address: account.address,
    signTransaction: (transaction) => account.signTransaction(toViemTransaction(transaction)),
  };
}

function accountOf<Account>(make: () => Account): Account {
  try {
    return make();
  } catch {
    // The cause would hold the key.
    throw new RangeError("no private key of secp256k1");
  }
}
