/** One version of a secret. */
export interface VaultVersion {
  readonly data: Readonly<Record<string, unknown>>;
  /** RFC 3339. */
  readonly deletedAt?: string;
  readonly isDestroyed?: boolean;
}

/** One request that arrived, without its body. */
export interface VaultServerRequest {
  readonly method: string;
  readonly path: string;
  readonly namespace: string;
}

/** What state the server is in. */
export interface VaultState {
  readonly isSealed?: boolean;
  readonly isUninitialized?: boolean;
  /** A standby that forwards nothing sends everybody here. */
  readonly activeNode?: string;
  /** Answers with this in place of its work. */
  readonly instead?: (path: string) => Response | Promise<Response> | undefined;
}

/** HashiCorp Vault's HTTP API, as far as reading a secret goes: tokens, AppRole, namespaces, seal, KV version 2. */
export interface VaultServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly VaultServerRequest[];
  /** By `namespace|mount|path`; the root namespace is empty. */
  readonly secrets: Map<string, readonly VaultVersion[]>;
  /** By `namespace|mount`. */
  readonly mounts: Map<string, 1 | 2>;
  readonly roleId: string;
  readonly secretId: string;
  /** What the AppRole gives. @default service */
  tokenType: "service" | "batch";
  state: VaultState;
  /** Tokens that are in force. */
  tokens(): readonly string[];
  /** A token of a namespace; without `mayRead` it has no policy but the default one. */
  issue(
    options?: { readonly namespace?: string; readonly mayRead?: boolean; readonly isExpired?: boolean },
  ): string;
}

interface Token {
  readonly namespace: string;
  readonly mayRead: boolean;
  readonly isExpired: boolean;
}

/** Starts one on a free loopback port, with the store `secret` in the root namespace. */
export function startVaultServer(
  { namespace: home = "" }: { readonly namespace?: string } = {},
): VaultServer {
  const tokens = new Map<string, Token>();
  const requests: VaultServerRequest[] = [];

  const listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname: path } = new URL(request.url);
    const { method, headers } = request;
    const namespace = (headers.get("x-vault-namespace") ?? "").replace(/\/$/, "");
    requests.push({ method, path, namespace });
    const body = await request.text();
    const { isSealed = false, isUninitialized = false, activeNode, instead } = server.state;
    const special = await instead?.(path);
    if (special !== undefined) return special;
    if (path === "/v1/sys/seal-status" && method === "GET") {
      return Response.json({
        type: "shamir",
        initialized: !isUninitialized,
        sealed: isSealed,
        t: 3,
        n: 5,
        progress: 0,
      });
    }
    if (isSealed || isUninitialized) return errors(503, ["Vault is sealed"]);
    if (activeNode !== undefined) {
      return new Response(null, { status: 307, headers: { location: `${activeNode}${path}` } });
    }
    if (headers.get("x-vault-request") !== "true") return errors(412, ["missing header"]);
    if (path === "/v1/auth/approle/login" && method === "POST") return logIn(namespace, headers, body);
    const given = headers.get("x-vault-token") ?? "";
    const token = tokens.get(given);
    // A token is looked up before any path is.
    if (token === undefined || token.isExpired || token.namespace !== namespace) {
      return errors(403, ["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]);
    }
    if (path === "/v1/auth/token/lookup-self" && method === "GET") {
      return Response.json(
        envelope({ data: { id: given, policies: ["default"], type: "service", ttl: 3_600 } }),
      );
    }
    if (path === "/v1/auth/token/revoke-self" && method === "POST") {
      tokens.delete(given);
      return new Response(null, { status: 204 });
    }
    if (method !== "GET") return errors(405, []);
    return read(path.slice("/v1/".length), namespace, token);
  });

  function logIn(namespace: string, headers: Headers, body: string): Response {
    if (namespace !== home) return noHandler("auth/approle/login");
    if (!(headers.get("content-type") ?? "").startsWith("application/json")) {
      return errors(400, ["error parsing JSON"]);
    }
    const { role_id, secret_id, ...more } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    if (Object.keys(more).length > 0 || role_id !== server.roleId || secret_id !== server.secretId) {
      return errors(400, ["invalid role or secret ID"]);
    }
    const client_token = server.issue({ namespace });
    const auth = {
      client_token,
      accessor: crypto.randomUUID(),
      policies: ["default", "pot"],
      token_policies: ["default", "pot"],
      lease_duration: 1_200,
      renewable: true,
      entity_id: crypto.randomUUID(),
      token_type: server.tokenType,
      orphan: true,
    };
    return Response.json(envelope({ auth }));
  }

  function read(path: string, namespace: string, { mayRead }: Token): Response {
    const mount = [...server.mounts].map(([key]) => key.split("|") as [string, string]).find((
      [space, name],
    ) => space === namespace && path.startsWith(`${name}/`))?.[1];
    if (mount === undefined) return noHandler(path);
    if (!mayRead) return errors(403, ["1 error occurred:\n\t* permission denied\n\n"]);
    const rest = path.slice(mount.length + 1);
    if (server.mounts.get(`${namespace}|${mount}`) === 1) {
      const [data] = server.secrets.get(`${namespace}|${mount}|${rest}`) ?? [];
      return data === undefined ? errors(404, []) : Response.json(envelope({ data: data.data }));
    }
    if (!rest.startsWith("data/")) return errors(404, []);
    const versions = server.secrets.get(`${namespace}|${mount}|${decodeURIComponent(rest.slice(5))}`);
    const version = versions?.at(-1);
    if (versions === undefined || version === undefined) return errors(404, []);
    const { deletedAt = "", isDestroyed = false, data } = version;
    const isGone = isDestroyed || deletedAt !== "";
    const metadata = {
      created_time: "2026-11-01T10:00:00.000000001Z",
      custom_metadata: null,
      deletion_time: deletedAt,
      destroyed: isDestroyed,
      version: versions.length,
    };
    return Response.json(envelope({ data: { data: isGone ? null : data, metadata } }), {
      status: isGone ? 404 : 200,
    });
  }

  const server: VaultServer = {
    url: `http://127.0.0.1:${listener.addr.port}`,
    requests,
    secrets: new Map(),
    mounts: new Map([[`${home}|secret`, 2]]),
    roleId: crypto.randomUUID(),
    secretId: `planted-${crypto.randomUUID()}`,
    tokenType: "service",
    state: {},
    tokens: () => [...tokens.keys()],
    issue({ namespace = home, mayRead = true, isExpired = false } = {}) {
      const token = `hvs.planted${crypto.randomUUID().replaceAll("-", "")}`;
      tokens.set(token, { namespace, mayRead, isExpired });
      return token;
    },
    [Symbol.asyncDispose]: () => listener.shutdown(),
  };
  return server;
}

function envelope(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    request_id: crypto.randomUUID(),
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data: null,
    wrap_info: null,
    warnings: null,
    auth: null,
    mount_type: "kv",
    ...fields,
  };
}

function errors(status: number, messages: readonly string[]): Response {
  return Response.json({ errors: messages }, { status });
}

function noHandler(path: string): Response {
  return errors(404, [`no handler for route "${path}". route entry not found.`]);
}
