import { holdEnvironment } from "./hold_environment.ts";
import { privateKeyToAccount, sign } from "viem/accounts";
/** As in a JSON Web Key: RFC 7515 §2. */
function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** One request that arrived. */
export interface AzureRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly hasToken: boolean;
}

/** A secret or a key as the vault keeps one. */
export interface AzureItem {
  /** A secret's text, or a key's 32 bytes as hex with `0x`. */
  readonly value: string;
  readonly version: string;
  readonly isDisabled?: boolean;
  /** Unix seconds. */
  readonly expiresAt?: number;
  readonly notBefore?: number;
  /** Of a key. @default P-256K */
  readonly curve?: string;
  /** @default sign and verify */
  readonly operations?: readonly string[];
}

/** What the services do in place of their work. */
export interface AzureMood {
  /** Why nobody may read, sign or both. */
  readonly forbidden?: { readonly get?: string; readonly sign?: string };
  readonly hasManagedIdentity?: boolean;
  /** What the vault says that a token must be for. @default https://vault.azure.net */
  readonly resource?: string;
  /** Says no to every token. */
  readonly refusesTokens?: boolean;
  /** Signs with this key instead. */
  readonly signsWith?: `0x${string}`;
}

/** Microsoft Entra ID and one Key Vault, as they are at the wire, and the metadata service of a machine in Azure. */
export interface AzureServer extends AsyncDisposable {
  readonly vaultUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Takes requests for their real names to the server. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly requests: readonly AzureRequest[];
  readonly secrets: Map<string, readonly AzureItem[]>;
  readonly keys: Map<string, readonly AzureItem[]>;
  /** Seconds that a new token lasts. */
  tokenSeconds: number;
  mood: AzureMood;
  /** Answers given once, in order, by the one it names in place of its own. */
  readonly instead: {
    readonly by: "login" | "vault" | "imds";
    readonly answer: () => Response | Promise<Response>;
  }[];
}

const VAULT_HOST = "pot-tests.vault.azure.net";
const LOGIN_HOST = "login.microsoftonline.com";
const IMDS_HOST = "169.254.169.254";
/** The order of secp256k1's group. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Starts one on a free loopback port. */
export function startAzureServer(): AzureServer {
  const tenantId = crypto.randomUUID();
  const clientId = crypto.randomUUID();
  const clientSecret = `planted~${crypto.randomUUID()}`;
  const tokens = new Map<string, { readonly resource: string; readonly until: number }>();
  const requests: AzureRequest[] = [];

  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const url = new URL(request.url);
    const host = request.headers.get("x-test-host")!;
    requests.push({
      method: request.method,
      host,
      path: url.pathname,
      hasToken: request.headers.has("authorization"),
    });
    const body = await request.text();
    const by = host === LOGIN_HOST ? "login" : host === IMDS_HOST ? "imds" : "vault";
    if (server.instead[0]?.by === by) return await server.instead.shift()!.answer();
    if (by === "login") return logIn(request, url, body);
    if (by === "imds") return identify(request, url);
    return await openVault(request, url, body);
  });

  function issue(resource: string): string {
    const token = `eyJ0eXAiOiJKV1QifQ.${crypto.randomUUID()}.planted`;
    tokens.set(token, { resource, until: Date.now() + server.tokenSeconds * 1_000 });
    return token;
  }

  function logIn(request: Request, url: URL, body: string): Response {
    const [, tenant, endpoint] = url.pathname.split("/") as [string, string, string];
    if (endpoint !== "oauth2" || !url.pathname.endsWith("/oauth2/v2.0/token") || request.method !== "POST") {
      return entraError(404, "invalid_request", 900144);
    }
    const type = request.headers.get("content-type") ?? "";
    if (!type.startsWith("application/x-www-form-urlencoded")) {
      return entraError(400, "invalid_request", 900144);
    }
    const form = new URLSearchParams(body);
    if (tenant !== tenantId) return entraError(400, "invalid_request", 90002);
    if (form.get("grant_type") !== "client_credentials") {
      return entraError(400, "unsupported_grant_type", 70003);
    }
    if (form.get("client_id") !== clientId) return entraError(400, "unauthorized_client", 700016);
    if (form.get("client_secret") !== clientSecret) return entraError(401, "invalid_client", 7000215);
    const [, resource] = /^(https:\/\/[^ ]+)\/\.default$/.exec(form.get("scope") ?? "") ?? [];
    if (resource === undefined) return entraError(400, "invalid_scope", 70011);
    return Response.json({
      token_type: "Bearer",
      expires_in: server.tokenSeconds,
      ext_expires_in: server.tokenSeconds,
      access_token: issue(resource),
    });
  }

  function entraError(status: number, error: string, code: number): Response {
    const trace = crypto.randomUUID();
    return Response.json({
      error,
      // The real one names application and tenant here.
      error_description: `AADSTS${code}: planted ${clientSecret} for ${clientId}. Trace ID: ${trace}`,
      error_codes: [code],
      timestamp: new Date().toISOString(),
      trace_id: trace,
      correlation_id: crypto.randomUUID(),
      error_uri: `https://${LOGIN_HOST}/error?code=${code}`,
    }, { status });
  }

  function identify(request: Request, url: URL): Response {
    if (server.mood.hasManagedIdentity !== true) throw new Error("unreachable by design");
    if (request.headers.get("metadata") !== "true") {
      return Response.json({
        error: "invalid_request",
        error_description: "Required metadata header not specified",
      }, {
        status: 400,
      });
    }
    if (url.pathname !== "/metadata/identity/oauth2/token" || !url.searchParams.has("api-version")) {
      return Response.json({ error: "invalid_request" }, { status: 400 });
    }
    const resource = url.searchParams.get("resource")!;
    return Response.json({
      access_token: issue(resource),
      client_id: clientId,
      expires_in: String(server.tokenSeconds),
      expires_on: String(Math.floor(Date.now() / 1_000) + server.tokenSeconds),
      resource,
      token_type: "Bearer",
    });
  }

  async function openVault(request: Request, url: URL, body: string): Promise<Response> {
    const { resource = "https://vault.azure.net" } = server.mood;
    const [, token] = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
    const known = token === undefined ? undefined : tokens.get(token);
    const challenge = `Bearer authorization="https://${LOGIN_HOST}/${tenantId}", resource="${resource}"`;
    if (
      known === undefined || known.resource !== resource || known.until < Date.now() ||
      server.mood.refusesTokens
    ) {
      const reason = token === undefined ? "" : `, error="invalid_token"`;
      const code = token === undefined
        ? "AKV10000: Request is missing a Bearer or PoP token."
        : "AKV10022: planted";
      return vaultError(401, "Unauthorized", code, { "www-authenticate": `${challenge}${reason}` });
    }
    if (!/^(?:7\.\d|20\d\d-\d\d-\d\d)$/.test(url.searchParams.get("api-version") ?? "")) {
      return vaultError(400, "BadParameter", "The api-version query parameter is required");
    }
    const [, kind, name = "", version = "", action] = url.pathname.split("/");
    const { forbidden } = server.mood;
    const isSigning = action === "sign";
    const inner = isSigning ? forbidden?.sign : forbidden?.get;
    if (inner !== undefined) return forbid(inner);
    const items = (kind === "secrets" ? server.secrets : server.keys).get(name) ?? [];
    const item = version === "" ? items.at(-1) : items.find((one) => one.version === version);
    if (item === undefined) {
      return vaultError(
        404,
        kind === "secrets" ? "SecretNotFound" : "KeyNotFound",
        `A ${kind === "secrets" ? "secret" : "key"} with (name/id) ${name} was not found in this key vault.`,
      );
    }
    const attributes = {
      enabled: item.isDisabled !== true,
      created: 1_790_000_000,
      updated: 1_790_000_000,
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: 90,
      ...(item.expiresAt === undefined ? {} : { exp: item.expiresAt }),
      ...(item.notBefore === undefined ? {} : { nbf: item.notBefore }),
    };
    const id = `https://${VAULT_HOST}/${kind}/${name}/${item.version}`;
    if (kind === "secrets" && request.method === "GET") {
      if (item.isDisabled) return forbid("SecretDisabled");
      return Response.json({ value: item.value, id, attributes, tags: {} });
    }
    const { curve = "P-256K", operations = ["sign", "verify"] } = item;
    const { publicKey } = privateKeyToAccount(item.value as `0x${string}`);
    if (kind === "keys" && request.method === "GET") {
      const point = Uint8Array.fromHex(publicKey.slice(4));
      const key = {
        kid: id,
        kty: "EC",
        key_ops: operations,
        crv: curve,
        x: toBase64Url(point.subarray(0, 32)),
        y: toBase64Url(point.subarray(32)),
      };
      return Response.json({ key, attributes, tags: {} });
    }
    if (kind !== "keys" || !isSigning || request.method !== "POST") {
      return vaultError(405, "BadParameter", "method");
    }
    return await signDigest(item, id, request, body);
  }

  async function signDigest(item: AzureItem, kid: string, request: Request, body: string): Promise<Response> {
    if (item.isDisabled) return forbid("KeyDisabled");
    if (request.headers.get("content-type") !== "application/json") {
      return vaultError(415, "UnsupportedMediaType", "content type");
    }
    const { alg, value } = JSON.parse(body) as { readonly alg: string; readonly value: string };
    const digest = Uint8Array.fromBase64(value, { alphabet: "base64url" });
    if (alg !== "ES256K" || digest.length !== 32 || value.includes("=")) {
      return vaultError(400, "BadParameter", "Property value has invalid value");
    }
    const { r, s } = await sign({
      hash: `0x${digest.toHex()}`,
      privateKey: server.mood.signsWith ?? item.value as `0x${string}`,
    });
    // The real one answers either of the two that are valid.
    const other = digest[0]! % 2 === 0 ? ORDER - BigInt(s) : BigInt(s);
    const signature = Uint8Array.fromHex(r.slice(2).padStart(64, "0") + other.toString(16).padStart(64, "0"));
    return Response.json({ kid, value: toBase64Url(signature) });
  }

  function forbid(inner: string): Response {
    return Response.json({
      error: {
        code: "Forbidden",
        message: `Caller is not authorized. appid=${clientId};planted ${clientSecret}`,
        innererror: { code: inner },
      },
    }, { status: 403 });
  }

  function vaultError(
    status: number,
    code: string,
    message: string,
    headers: Record<string, string> = {},
  ): Response {
    return Response.json({ error: { code, message } }, { status, headers });
  }

  const server: AzureServer = {
    vaultUrl: `https://${VAULT_HOST}`,
    tenantId,
    clientId,
    clientSecret,
    requests,
    secrets: new Map(),
    keys: new Map(),
    tokenSeconds: 3_599,
    mood: {},
    instead: [],
    async fetch(url, init) {
      const { host, pathname, search } = new URL(url);
      const isAbsent = host === IMDS_HOST && server.mood.hasManagedIdentity !== true;
      if (isAbsent || ![VAULT_HOST, LOGIN_HOST, IMDS_HOST].includes(host)) {
        throw new TypeError(`error sending request for url (${url}): no such host`);
      }
      const headers = { ...init.headers as Record<string, string>, "x-test-host": host };
      return await fetch(`http://127.0.0.1:${listener.addr.port}${pathname}${search}`, { ...init, headers });
    },
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
  return server;
}

/** Sets what Azure's SDK reads in the environment; disposing of it puts back what was there. */
export function azureEnvironment(
  { tenantId, clientId, clientSecret }: Partial<Pick<AzureServer, "tenantId" | "clientId" | "clientSecret">>,
): Disposable {
  return holdEnvironment({
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
    // No command line tool of this machine is asked.
    AZURE_TOKEN_CREDENTIALS: "prod",
  });
}
