import { UsageError } from "../core/errors.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { createAccountSigner } from "./account_signer.ts";

/** What to tell where a secret is no private key. */
export interface SecretOrigin {
  /** What holds it, for a sentence: `the parameter`. */
  readonly subject: string;
  /** `name: value` lines that say where it is. No secrets. */
  readonly facts: readonly string[];
}

/**
 * The signer of a private key that a secret store keeps: 32 bytes as hex, with or without `0x`; white space around it, such as the end
 * of the line it was stored with, does not count.
 *
 * @throws {UsageError} when it is anything else; nothing of it is shown
 */
export async function createSignerFromSecret(
  text: string,
  { subject, facts }: SecretOrigin,
): Promise<TransactionSigner> {
  const [, hex] = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim()) ?? [];
  try {
    if (hex !== undefined) return await createAccountSigner(`0x${hex}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new UsageError(`Cannot sign as ${subject} holds no private key`, {
    facts,
    hint: "store the account's key there: 64 hex characters, with or without 0x",
  });
}
