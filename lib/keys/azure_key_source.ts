import { UsageError } from "../core/errors.ts";
import type { HttpFetch } from "../io/http_request.ts";
import { loadPackage } from "../io/load_package.ts";
import { azureError, type AzureQuestion } from "./azure_error.ts";
import { createDigestSigner } from "./digest_signer.ts";
import type { KeySource } from "./key_source.ts";
import { openAzure } from "./open_azure.ts";

/** Which key of Azure Key Vault signs. */
export interface AzureKeyOptions {
  /** Scheme, host and port, such as `https://example.vault.azure.net`. */
  readonly vaultUrl: string;
  readonly key: string;
  /** 32 hex characters. @default the newest, chosen when the source is opened */
  readonly version?: string;
  /** For one exchange: opening takes three, a signature one, and two more when the token has run out. @default 30 000 */
  readonly timeoutMs?: number;
  /** @default globalThis.fetch */
  readonly fetch?: HttpFetch;
}

/**
 * A key of Azure Key Vault (or Managed HSM) that never leaves it: each transaction's hash is sent there and comes back signed. It must
 * be of the curve P-256K, which is secp256k1, and allowed to sign. Azure's own SDK is loaded by the first `open`, and finds its
 * credentials in the environment.
 *
 * `open` and signing throw a UsageError where the credentials or the key are not there or not allowed, and an UnreachableError where
 * nobody answers or the vault is too busy.
 */
export function createAzureKeyKeySource(
  { vaultUrl, key: name, version, timeoutMs = 30_000, fetch }: AzureKeyOptions,
): KeySource {
  const source = `azure-key ${[vaultUrl, name, ...(version === undefined ? [] : [version])].join("/")}`;
  const transport = { timeoutMs, ...(fetch === undefined ? {} : { fetch }) };
  const question: AzureQuestion = {
    source,
    vaultHost: new URL(vaultUrl).host,
    subject: "key",
    role: "Key Vault Crypto User",
    permission: "keys/get and keys/sign",
  };
  return {
    description: source,
    async open({ signal = new AbortController().signal } = {}) {
      signal.throwIfAborted();
      const { KeyClient, CryptographyClient } = await loadPackage("azure-keys");
      // Signing goes on after the opening, so each signature has exchanges and a signal of its own.
      let now = { signal };
      const azure = await openAzure({
        ...transport,
        get signal() {
          return now.signal;
        },
      });
      void now;
      throw new UsageError("");
    },
  };
}
