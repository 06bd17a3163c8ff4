import { createEndpointPool, type EndpointPool } from "../chain/endpoint_pool.ts";
import { refreshAnchor } from "../chain/evm_anchor.ts";
import { findNetworkByChainId } from "../chain/networks.ts";
import { createRpcEndpoint } from "../chain/rpc_endpoint.ts";
import { parseQuantity } from "../chain/rpc_values.ts";
import type { Clock } from "../core/clock.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import type { AskChain } from "../recorder/refresh_proof.ts";
import { systemClock } from "./system_clock.ts";

/** What is to be asked about. */
export interface OpenAnchorAskerOptions {
  /** CAIP-2 ids of the chains that are to be asked about; each URL must serve one of them. */
  readonly chainIds: readonly string[];
  /** For pauses between tries. @default the machine's clock */
  readonly clock?: Clock;
  /** Ends the wait with its reason, now and at each later question. */
  readonly signal?: AbortSignal;
}

/** Where no preset of the network says how deep an anchor must be. */
const CONFIRMATIONS = 12;

/**
 * Asks endpoints about the anchors of a proof, on as many chains as they serve: no log and no configuration is needed. An
 * anchor on a chain that none of them serves is left alone.
 *
 * @throws {UsageError} when a URL is malformed, or none serves one of the chains.
 * @throws {UnreachableError} when none answers.
 */
export async function openAnchorAsker(
  urls: readonly string[],
  { chainIds, clock = systemClock, signal }: OpenAnchorAskerOptions,
): Promise<AskChain> {
  const options = signal === undefined ? {} : { signal };
  const seen = await Promise.allSettled(
    urls.map(async (url) =>
      Number(parseQuantity(await createRpcEndpoint(url).request("eth_chainId", [], options), "chain id"))
    ),
  );
  signal?.throwIfAborted();
  const urlsOf = new Map<number, string[]>();
  for (const [i, outcome] of seen.entries()) {
    if (outcome.status === "rejected") {
      if (!(outcome.reason instanceof UnreachableError)) throw outcome.reason;
      continue;
    }
    urlsOf.set(outcome.value, [...urlsOf.get(outcome.value) ?? [], urls[i]!]);
  }
  const failed = seen.find((outcome) => outcome.status === "rejected");
  if (urlsOf.size === 0 && failed !== undefined) throw failed.reason;
  const served = [...urlsOf.keys()].map((chainId) => `eip155:${chainId}`);
  if (!served.some((chainId) => chainIds.includes(chainId))) {
    // A silent one may be of the right chain.
    if (failed !== undefined) throw failed.reason;
    throw new UsageError("Cannot upgrade the proof as no endpoint serves its chain", {
      facts: [`endpoints: ${served.join(", ")}`, `proof: ${chainIds.join(", ")}`],
      hint: "give --rpc an endpoint of the proof's chain, or upgrade with --offline",
    });
  }
  const pools = new Map<string, EndpointPool>(
    [...urlsOf].map((
      [chainId, of],
    ) => [`eip155:${chainId}`, createEndpointPool({ urls: of, chainId, clock })]),
  );
  return async (facts, head) => {
    const pool = pools.get(facts.chainId);
    if (pool === undefined) return undefined;
    const confirmations = findNetworkByChainId(pool.chainId)?.confirmations ?? CONFIRMATIONS;
    return await refreshAnchor(pool, facts, { head, confirmations, retryUnavailable: true, ...options });
  };
}
