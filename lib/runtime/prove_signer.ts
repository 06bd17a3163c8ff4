import { PotError } from "../core/errors.ts";
import type { TransactionSigner } from "../core/signer.ts";

/** No account ever comes to this nonce. */
const UNREACHABLE_NONCE = 2 ** 52;

/**
 * Lets a signer sign a transaction that no chain can ever take (its nonce is out of reach, and it pays next to nothing), and
 * checks whose signature that is. Opening a key that is held elsewhere does not prove that it signs.
 *
 * @throws {PotError} when it does not sign, or signs as another account.
 */
export async function proveSigner(
  signer: TransactionSigner,
  { chainId, signal }: { readonly chainId: number; readonly signal?: AbortSignal },
): Promise<void> {
  const raw = await signer.signTransaction({
    type: "eip1559",
    chainId,
    nonce: UNREACHABLE_NONCE,
    gas: 21_000n,
    to: signer.address,
    value: 0n,
    // A node refuses to sign for none at all.
    maxFeePerGas: 1n,
    maxPriorityFeePerGas: 0n,
  }, { ...(signal && { signal }) });
  const signed = await recoverSender(raw).catch(() => undefined);
  if (signed?.toLowerCase() === signer.address.toLowerCase()) return;
  throw new PotError("Cannot use the key as what it signs is not of its account", {
    facts: [`account: ${signer.address}`, `signature of: ${signed ?? "nobody"}`],
    hint: "check the key source: it answers with the signature of another key",
  });
}

/** Whose signature a signed transaction carries. */
async function recoverSender(raw: `0x${string}`): Promise<string | undefined> {
  const { keccak256, parseTransaction, recoverAddress, serializeTransaction } = await import("viem/utils");
  const { r, s, v: _v, yParity, ...unsigned } = parseTransaction(raw);
  if (r === undefined || s === undefined || yParity === undefined) return undefined;
  const hash = keccak256(serializeTransaction(unsigned as Parameters<typeof serializeTransaction>[0]));
  return await recoverAddress({ hash, signature: { r, s, yParity } });
}
