import { UsageError } from "../core/errors.ts";
import { isLoopback } from "../core/is_loopback.ts";
import { redactUrl } from "../core/redact.ts";
import { urlSecrets } from "../core/url_secrets.ts";
import type { ChainFailure } from "./chain_error.ts";
import { createHttpEndpoint, type Fetch } from "./http_endpoint.ts";
import { createWebSocketEndpoint } from "./websocket_endpoint.ts";

/** One JSON-RPC endpoint, over HTTP or WebSocket: one request, one answer, no retries (the pool owns those). */
export interface JsonRpcEndpoint {
  /** The redacted URL: safe in messages. */
  readonly name: string;
  /** What must never be shown of this endpoint's URL. */
  readonly secrets: readonly string[];
  /** Rejects only with the caller's abort reason; every other outcome is a value. */
  call(
    method: string,
    params: readonly unknown[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<RpcOutcome>;
  /**
   * Makes several calls in one request (JSON-RPC 2.0 §6), or one by one where the endpoint takes no batches. An outcome a
   * call, in order; rejects as `call` does.
   */
  callMany(
    calls: readonly RpcCall[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly RpcOutcome[]>;
}

/** One method with its parameters, in order. */
export interface RpcCall {
  /** Such as `eth_call`. */
  readonly method: string;
  /** As the method wants them. */
  readonly params: readonly unknown[];
}

/** The `result` member of an answer, or why there is none. */
export type RpcOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly failure: ChainFailure };

/** How an endpoint is asked. */
export interface JsonRpcEndpointOptions {
  /** Makes requests over HTTP. */
  readonly fetch: Fetch;
  /** For one request, answer included. */
  readonly timeoutMs: number;
}

/** What every kind of endpoint is made of. */
export interface EndpointParts {
  readonly target: URL;
  /** The redacted URL. */
  readonly name: string;
  readonly secrets: readonly string[];
}

/**
 * Makes an endpoint of a URL; nothing is asked yet.
 *
 * @throws UsageError when the URL is none, or neither HTTPS nor WSS (loopback excepted).
 */
export function createJsonRpcEndpoint(url: string, options: JsonRpcEndpointOptions): JsonRpcEndpoint {
  const target = parseEndpointUrl(url);
  const parts: EndpointParts = { target, name: redactUrl(url), secrets: urlSecrets(target) };
  return target.protocol.startsWith("http")
    ? createHttpEndpoint(parts, options)
    : createWebSocketEndpoint(parts, options);
}

function parseEndpointUrl(url: string): URL {
  if (!URL.canParse(url)) {
    throw new UsageError("Cannot use the RPC endpoint as its URL is malformed", {
      hint: "RPC_URL and POT_RPC_URLS take URLs such as https://rpc.example.org/key",
    });
  }
  const parsed = new URL(url);
  const { protocol, hostname } = parsed;
  if (protocol === "https:" || protocol === "wss:") return parsed;
  if ((protocol === "http:" || protocol === "ws:") && isLoopback(hostname)) return parsed;
  throw new UsageError("Cannot use the RPC endpoint as it is neither HTTPS nor WSS", {
    facts: [`endpoint: ${redactUrl(url)}`],
    hint:
      "use an https:// or wss:// URL; plain http:// and ws:// are for this machine only (localhost, 127.0.0.1, [::1])",
  });
}
