import type { ChainClient } from "./chain_client.ts";
import type { EndpointPoolOptions } from "./endpoint_pool.ts";
import type { FollowingClientOptions } from "./following_client.ts";
import { createFallbackClient } from "./fallback_client.ts";
import { createLocalClient, type LocalClientOptions } from "./local_client.ts";

/** Which client, and what each needs. */
export type ChainClientOptions =
  | { readonly chain: "local"; readonly local: LocalClientOptions }
  | {
    readonly chain: "evm";
    /** `local`: the ledger takes what no endpoint can. */
    readonly fallback: "none" | "local";
    readonly evm: EvmChainOptions;
    readonly local: LocalClientOptions;
  };

/** An {@linkcode EvmClientOptions} with the endpoints' URLs in place of the pool. */
export type EvmChainOptions =
  & Omit<FollowingClientOptions, "endpoints">
  & Omit<EndpointPoolOptions, "clock">;

/**
 * Makes the client that the options ask for. viem is loaded for an EVM chain only. Nothing is asked of an endpoint yet.
 *
 * @throws UsageError when a URL or the contract's address is malformed.
 */
export async function createChainClient(options: ChainClientOptions): Promise<ChainClient> {
  if (options.chain === "local") return createLocalClient(options.local);
  const [{ createFollowingClient }, { createEndpointPool }] = await Promise.all([
    import("./following_client.ts"),
    import("./endpoint_pool.ts"),
  ]);
  const {
    urls,
    chainId,
    fetch,
    timeoutMs,
    rounds,
    selection,
    requestsPerSecond,
    onUntrusted,
    onCall,
    onFailure,
    ...rest
  } = options.evm;
  const endpoints = createEndpointPool({
    urls,
    chainId,
    clock: rest.clock,
    ...(fetch && { fetch }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(rounds !== undefined && { rounds }),
    ...(selection !== undefined && { selection }),
    ...(requestsPerSecond !== undefined && { requestsPerSecond }),
    ...(onUntrusted && { onUntrusted }),
    ...(onCall && { onCall }),
    ...(onFailure && { onFailure }),
  });
  const primary = createFollowingClient({ ...rest, endpoints });
  return options.fallback === "local"
    ? createFallbackClient(primary, createLocalClient(options.local))
    : primary;
}
