import { X509Certificate } from "node:crypto";
import type { TokenStore } from "../lib/access/token_store.ts";
import type { Clock } from "../lib/core/clock.ts";
import { PotError } from "../lib/core/errors.ts";
import type { FileLayer } from "../lib/io/file_layer.ts";
import { readCertificateExpiry } from "../lib/io/read_certificate_expiry.ts";
import type { Config } from "../lib/runtime/config.ts";
import type { Expiry } from "./checks/expiry_check.ts";

/** Where to look for what expires. */
export interface ListExpiriesDeps {
  readonly config: Pick<Config, "evm" | "caFile">;
  readonly tokens: Pick<TokenStore, "list">;
  readonly files: Pick<FileLayer, "read">;
  readonly clock: Pick<Clock, "now">;
  /** @default readCertificateExpiry */
  readonly readExpiry?: typeof readCertificateExpiry;
}

/** Certificates are looked at once in so long. */
const LOOK_MS = 6 * 3_600_000;
/** Of a token that expired longer ago than this, nobody needs to hear any more. */
const FORGET_MS = 7 * 86_400_000;

/** Everything with a known end: access tokens, certificates of the endpoints, and certificate authorities that are pinned. */
export function createExpiries(
  { config: { evm, caFile }, tokens, files, clock, readExpiry = readCertificateExpiry }: ListExpiriesDeps,
): (options: { readonly signal: AbortSignal }) => Promise<readonly Expiry[]> {
  const servers = (evm?.rpcUrls ?? []).map((url, index) => ({
    url: new URL(url),
    name: `endpoint-${index + 1}`,
  }))
    .filter(({ url }) => url.protocol === "https:" || url.protocol === "wss:");
  const known = new Map<string, Expiry>();
  let lookedAtMs = -Infinity;

  /** What does not answer is the endpoints' check to tell; the date that was seen last stays. */
  async function lookAtServers(signal: AbortSignal): Promise<void> {
    if (clock.now() - lookedAtMs < LOOK_MS) return;
    lookedAtMs = clock.now();
    await Promise.all(servers.map(async ({ url: { hostname, port }, name }) => {
      try {
        const atMs = await readExpiry({ hostname, signal, ...(port === "" ? {} : { port: Number(port) }) });
        known.set(name, { name: `certificate of ${name}`, atMs });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PotError)) throw error;
      }
    }));
  }

  return async ({ signal }) => {
    await lookAtServers(signal);
    return [...await ofTokens(), ...known.values(), ...await authorities()];
  };

  /** One of each name: that which holds longest. What is over is told as such, so that its alert ends. */
  async function ofTokens(): Promise<readonly Expiry[]> {
    const longest = new Map<string, Expiry>();
    for (const { name: token, expiresAt, revokedAt } of await tokens.list()) {
      const name = `token ${token}`;
      const atMs = Date.parse(expiresAt);
      const over = revokedAt !== undefined
        ? "it was revoked"
        : atMs < clock.now() - FORGET_MS
        ? "it expired long ago, and nobody renewed it"
        : undefined;
      const before = longest.get(name);
      const isBetter = before === undefined || (before.over !== undefined && over === undefined) ||
        (before.over === undefined) === (over === undefined) && atMs > before.atMs;
      if (isBetter) longest.set(name, { name, atMs, ...(over === undefined ? {} : { over }) });
    }
    return [...longest.values()];
  }

  async function authorities(): Promise<readonly Expiry[]> {
    const bytes = caFile === undefined ? undefined : await files.read(caFile);
    if (bytes === undefined) return [];
    const pems = new TextDecoder().decode(bytes).match(PEM) ?? [];
    return pems.map((pem, index) => ({
      name: `pinned certificate ${index + 1}`,
      atMs: Date.parse(new X509Certificate(pem).validTo),
    }));
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
