import type { HttpFetch } from "../io/http_request.ts";
import { loadPackage } from "../io/load_package.ts";
import type { KeySource } from "./key_source.ts";
import { openAzure } from "./open_azure.ts";
import { createSignerFromSecret } from "./signer_from_secret.ts";

/** Which secret of Azure Key Vault holds the private key. */
export interface AzureSecretKeyOptions {
  /** Scheme, host and port, such as `https://example.vault.azure.net`. */
  readonly vaultUrl: string;
  /** The secret's name. @default blockchain-private-key */
  readonly secret?: string;
  /** 32 hex characters. @default the newest */
  readonly version?: string;
  /** For one exchange, of which opening takes three. @default 30 000 */
  readonly timeoutMs?: number;
  /** Sends the requests. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
}

/**
 * The key in a secret of Azure Key Vault: 64 hex characters, with or without `0x`. Azure's own SDK is loaded by `open`, and finds its
 * credentials in the environment (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, or a managed identity).
 *
 * `open` throws a UsageError where credentials, secret or key are not there or not allowed, and an UnreachableError where nobody
 * answers or the vault is too busy.
 */
export function createAzureSecretKeySource(
  { vaultUrl, secret = "blockchain-private-key", version, timeoutMs = 30_000, fetch }: AzureSecretKeyOptions,
): KeySource {
  const source = `azure-secret ${[vaultUrl, secret, ...(version === undefined ? [] : [version])].join("/")}`;
  return {
    description: source,
    async open({ signal = new AbortController().signal } = {}) {
      signal.throwIfAborted();
      const { SecretClient } = await loadPackage("azure-secrets");
      const { credential, clientOptions, ask } = await openAzure({
        timeoutMs,
        ...(fetch === undefined ? {} : { fetch }),
        question: {
          source,
          vaultHost: new URL(vaultUrl).host,
          subject: "secret",
          role: "Key Vault Secrets User",
          permission: "secrets/get",
        },
      });
      const client = new SecretClient(vaultUrl, credential, { ...clientOptions });
      const { value = "" } = await ask(signal, () =>
        client.getSecret(secret, {
          abortSignal: signal,
          ...(version === undefined ? {} : { version }),
        }));
      return await createSignerFromSecret(value, { subject: "the secret", facts: [`source: ${source}`] });
    },
  };
}
