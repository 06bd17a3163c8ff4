import type { TransactionSigner } from "../core/signer.ts";

/**
 * Where the signing key lives. `open` reads it once, when it is needed, and hands out a signer; the key itself
 * never leaves the implementation, and no error, log or message of it holds the key.
 */
export interface KeySource {
  /** For people: `env PRIVATE_KEY`, never the key. */
  readonly description: string;
  /** A signer for the key's account. Rejects with a UsageError where there is no key, or what is there is none. */
  open(options?: { readonly signal?: AbortSignal }): Promise<TransactionSigner>;
}
