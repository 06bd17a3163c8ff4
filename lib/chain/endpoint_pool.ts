import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import { chainErrorOf, classifyFailure, type EndpointFailure, unreachableError } from "./chain_error.ts";
import { createHttpEndpoint, type Fetch, type HttpEndpoint } from "./http_endpoint.ts";

/**
 * All endpoints of one chain. The one owner of read retries; a broadcast is never retried here, as the sender decides
 * that from its journal.
 */
export interface EndpointPool {
  /** EIP-155; what every endpoint has to serve. */
  readonly chainId: number;
  /** Redacted URLs, in order of preference. */
  readonly endpointNames: readonly string[];
  /**
   * Asks the endpoints in order of preference until one answers; the whole list again, a bounded number of times.
   *
   * @throws UnreachableError when none answered.
   * @throws ChainError when one answered with a definite error, such as a revert.
   * @throws UsageError when every endpoint serves another chain.
   */
  read(method: string, params?: readonly unknown[], options?: PoolCallOptions): Promise<unknown>;
  /** Hands a signed transaction to every endpoint, once. "Already known" counts as accepted. */
  broadcast(rawTransaction: `0x${string}`, options?: PoolCallOptions): Promise<BroadcastOutcome>;
}

/** What every call of a pool takes. */
export interface PoolCallOptions {
  /** Ends the call with its reason. */
  readonly signal?: AbortSignal;
}

/** What the endpoints said to a signed transaction. Not accepted does not mean that none has it: look at the failures. */
export interface BroadcastOutcome {
  /** At least one endpoint has it. */
  readonly isAccepted: boolean;
  /** Why the others did not accept it; one of them may have it all the same. */
  readonly failures: readonly EndpointFailure[];
}

/** Which endpoints a pool asks, and how patiently. */
export interface EndpointPoolOptions {
  /** In order of preference; HTTPS, loopback excepted. */
  readonly urls: readonly string[];
  /** EIP-155; an endpoint of another chain is left out. */
  readonly chainId: number;
  /** For the pauses between rounds. */
  readonly clock: Clock;
  /** Makes the requests. @default globalThis.fetch */
  readonly fetch?: Fetch;
  /** For one request. @default 10_000 */
  readonly timeoutMs?: number;
  /** How often the whole list is asked before giving up. @default 3 */
  readonly rounds?: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** How long an endpoint that just failed is asked last. */
const REST_MS = 30_000;
/** How long slower endpoints may take to accept once one has. */
const BROADCAST_GRACE_MS = 1_000;

interface Member {
  readonly endpoint: HttpEndpoint;
  /** As seen when it was first asked. */
  seenChainId?: bigint;
  restUntilMs: number;
}

/**
 * Makes the pool. Nothing is asked yet: each endpoint's chain id is checked before its first use, and one that serves
 * another chain is left out.
 *
 * @throws UsageError when there is no URL, or one is malformed or not HTTPS.
 */
export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const { urls, chainId, clock, fetch = globalThis.fetch, timeoutMs = 10_000, rounds = 3 } = options;
  if (urls.length === 0) {
    throw new UsageError("Cannot reach the chain as no RPC endpoint is configured", {
      hint: "set RPC_URL or POT_RPC_URLS",
    });
  }
  const members: Member[] = urls.map((url) => ({
    endpoint: createHttpEndpoint(url, { fetch, timeoutMs }),
    restUntilMs: 0,
  }));

  const isWrong = ({ seenChainId }: Member) => seenChainId !== undefined && seenChainId !== BigInt(chainId);

  /** The reason why this member cannot be asked now, if any. */
  async function check(
    member: Member,
    signal: AbortSignal | undefined,
  ): Promise<EndpointFailure | undefined> {
    if (member.seenChainId !== undefined) return undefined;
    const outcome = await member.endpoint.call("eth_chainId", [], { ...(signal && { signal }) });
    if (outcome.ok && typeof outcome.result === "string" && /^0x[0-9a-f]{1,16}$/i.test(outcome.result)) {
      member.seenChainId = BigInt(outcome.result);
      return undefined;
    }
    const failure = outcome.ok
      ? classifyFailure({ from: "body", contentType: null, text: "" })
      : outcome.failure;
    return { endpoint: member.endpoint.name, failure };
  }

  function throwIfAllWrong(): void {
    if (!members.every(isWrong)) return;
    throw new UsageError(
      `Cannot use the chain as every RPC endpoint serves another one than chain id ${chainId}`,
      {
        facts: members.map(({ endpoint, seenChainId }) =>
          `${endpoint.name}: chain id ${seenChainId}, expected ${chainId}`
        ),
        hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
      },
    );
  }

  /** Preferred first; those that failed a moment ago last. */
  const inOrder = () => {
    const nowMs = clock.now();
    const isRested = (member: Member) => member.restUntilMs <= nowMs;
    return [...members.filter(isRested), ...members.filter((member) => !isRested(member))];
  };

  return {
    chainId,
    endpointNames: members.map(({ endpoint }) => endpoint.name),

    async read(method, params = [], { signal } = {}) {
      let failures = new Map<string, EndpointFailure>();
      for (let round = 0; round < rounds; round++) {
        if (round > 0) await clock.sleep(pauseMs(round, failures), { ...(signal && { signal }) });
        failures = new Map();
        for (const member of inOrder()) {
          const { name } = member.endpoint;
          const note = (failed: EndpointFailure) => {
            member.restUntilMs = clock.now() + REST_MS;
            failures.set(name, failed);
          };
          const unchecked = await check(member, signal);
          if (unchecked !== undefined) {
            note(unchecked);
            continue;
          }
          if (isWrong(member)) continue;
          const outcome = await member.endpoint.call(method, params, { ...(signal && { signal }) });
          if (outcome.ok) {
            member.restUntilMs = 0;
            return outcome.result;
          }
          const failed = { endpoint: name, failure: outcome.failure };
          if (!outcome.failure.isRetryable) {
            throw chainErrorOf(`read ${method}`, { endpoint: name, failure: outcome.failure });
          }
          note(failed);
        }
        throwIfAllWrong();
      }
      throw unreachableError("read from the chain", [...failures.values()]);
    },

    async broadcast(rawTransaction, { signal } = {}) {
      const late = new AbortController();
      const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
      const failures: EndpointFailure[] = [];
      let isAccepted = false;
      let grace: ReturnType<typeof setTimeout> | undefined;
      const accept = () => {
        isAccepted = true;
        grace ??= setTimeout(() => late.abort(), BROADCAST_GRACE_MS);
      };
      await Promise.all(members.map(async (member) => {
        try {
          const unchecked = await check(member, either);
          if (unchecked !== undefined) failures.push(unchecked);
          if (unchecked !== undefined || isWrong(member)) return;
          const outcome = await member.endpoint.call("eth_sendRawTransaction", [rawTransaction], {
            signal: either,
          });
          if (outcome.ok || outcome.failure.kind === "already-known") return accept();
          failures.push({ endpoint: member.endpoint.name, failure: outcome.failure });
        } catch {
          // Only an abort ends here: the caller's, rethrown below, or the end of the grace.
        }
      }));
      clearTimeout(grace);
      signal?.throwIfAborted();
      throwIfAllWrong();
      return { isAccepted, failures };
    },
  };
}

/** Doubles from round to round, or as long as an endpoint asks with Retry-After, never above a bound. */
function pauseMs(round: number, failures: ReadonlyMap<string, EndpointFailure>): number {
  const asked = [...failures.values()].map(({ failure }) =>
    failure.isRetryable ? failure.retryAfterMs ?? 0 : 0
  );
  return Math.min(Math.max(FIRST_PAUSE_MS * 2 ** (round - 1), ...asked), LONGEST_PAUSE_MS);
}
