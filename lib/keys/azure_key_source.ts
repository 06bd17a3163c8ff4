import { UsageError } from "../core/errors.ts";
import type { HttpFetch } from "../io/http_request.ts";
import { loadPackage } from "../io/load_package.ts";
import { createDigestSigner } from "./digest_signer.ts";
import type { KeySource } from "./key_source.ts";
import { openAzure } from "./open_azure.ts";

/** Which key of Azure Key Vault signs. */
export interface AzureKeyOptions {
  /** Scheme, host and port, such as `https://example.vault.azure.net`. */
  readonly vaultUrl: string;
  /** The key's name. */
  readonly key: string;
  /** 32 hex characters. @default the newest when the source is opened; that one signs until it is opened again */
  readonly version?: string;
  /** For one exchange, and for one signature. @default 30 000 */
  readonly timeoutMs?: number;
  /** Sends the requests. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** Milliseconds since 1970, to see whether the key has expired. @default Date.now */
  readonly now?: () => number;
}

/**
 * A key of Azure Key Vault or Managed HSM that never leaves it: each transaction's hash goes there and comes back signed. It must be of
 * the curve P-256K, which is secp256k1, and allowed to sign. Azure's own SDK is loaded by `open`, and finds its credentials in the
 * environment.
 *
 * `open` and signing throw a UsageError where credentials or key are not there or not allowed, and an UnreachableError where nobody
 * answers or the vault is too busy.
 */
export function createAzureKeyKeySource(
  { vaultUrl, key: name, version, timeoutMs = 30_000, fetch, now = Date.now }: AzureKeyOptions,
): KeySource {
  const source = `azure-key ${[vaultUrl, name, ...(version === undefined ? [] : [version])].join("/")}`;
  const refuse = (reason: string, hint: string) =>
    new UsageError(`Cannot sign as the vault's key ${reason}`, { facts: [`source: ${source}`], hint });
  return {
    description: source,
    async open({ signal = new AbortController().signal } = {}) {
      signal.throwIfAborted();
      const { CryptographyClient, KeyClient } = await loadPackage("azure-keys");
      const { credential, clientOptions, ask } = await openAzure({
        timeoutMs,
        ...(fetch === undefined ? {} : { fetch }),
        question: {
          source,
          vaultHost: new URL(vaultUrl).host,
          subject: "key",
          role: "Key Vault Crypto User",
          permission: "keys/get and keys/sign",
        },
      });
      const keys = new KeyClient(vaultUrl, credential, { ...clientOptions });
      const found = await ask(
        signal,
        () => keys.getKey(name, { abortSignal: signal, ...(version === undefined ? {} : { version }) }),
      );
      const { key, keyOperations = [], properties: { enabled, notBefore, expiresOn } } = found;
      if (key?.crv !== "P-256K" || key.x === undefined || key.y === undefined) {
        throw refuse(
          "is not of the curve P-256K",
          "name a key that was made with: az keyvault key create --curve P-256K",
        );
      }
      if (!keyOperations.includes("sign")) {
        throw refuse("is not allowed to sign", "allow the operation sign on it");
      }
      requireUsable();
      const client = new CryptographyClient(found, credential, { ...clientOptions });
      return await createDigestSigner({
        publicKey: new Uint8Array([4, ...key.x, ...key.y]),
        timeoutMs,
        async signDigest(digest, { signal }) {
          requireUsable();
          const { result } = await ask(signal, () => client.sign("ES256K", digest, { abortSignal: signal }));
          return { r: result.subarray(0, 32), s: result.subarray(32) };
        },
      });

      function requireUsable(): void {
        if (enabled === false) throw refuse("is disabled", "enable it in the vault, or name another version");
        if (expiresOn !== undefined && expiresOn.getTime() <= now()) {
          throw refuse(`expired at ${expiresOn.toISOString()}`, "make a new version of it, or move its date");
        }
        if (notBefore !== undefined && notBefore.getTime() > now()) {
          throw refuse(`is not valid before ${notBefore.toISOString()}`, "wait, or move its date");
        }
      }
    },
  };
}
