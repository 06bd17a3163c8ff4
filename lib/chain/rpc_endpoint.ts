import { UnreachableError } from "../core/errors.ts";
import type { RpcEndpoint } from "../verify/rpc_endpoint.ts";
import type { Fetch } from "./http_endpoint.ts";
import { createJsonRpcEndpoint } from "./json_rpc_endpoint.ts";

/** How an endpoint is asked. */
export interface RpcEndpointOptions {
  /** Makes the requests. @default globalThis.fetch */
  readonly fetch?: Fetch;
  /** For one request. @default 10_000 */
  readonly timeoutMs?: number;
}

/**
 * An endpoint as verification asks it: each question once, whatever chain it serves. What it does not answer properly is
 * "could not tell", never "no".
 *
 * @throws {UsageError} when the URL is none, or is neither HTTPS nor WSS (loopback excepted).
 */
export function createRpcEndpoint(
  url: string,
  { fetch = globalThis.fetch, timeoutMs = 10_000 }: RpcEndpointOptions = {},
): RpcEndpoint {
  const endpoint = createJsonRpcEndpoint(url, { fetch, timeoutMs });
  return {
    name: endpoint.name,
    async request(method, params, options) {
      const outcome = await endpoint.call(method, params, options);
      if (outcome.ok) return outcome.result;
      throw new UnreachableError(`Cannot ask ${endpoint.name} as it gave no proper answer`, {
        facts: [`method: ${method}`, `problem: ${outcome.failure.detail}`],
        hint: "try again later, give another --rpc, or verify with --offline",
      });
    },
  };
}
