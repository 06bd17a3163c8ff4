import type { Clock } from "../core/clock.ts";
import { type ChainFailure, classifyFailure } from "./chain_error.ts";
import type { JsonRpcEndpoint, RpcCall, RpcOutcome } from "./json_rpc_endpoint.ts";
import { createTokenBucket } from "./token_bucket.ts";

/** What is known of one endpoint of a pool. */
export interface EndpointHealth {
  /** The redacted URL. */
  readonly endpoint: string;
  /**
   * `unknown`: not asked yet · `ok` · `resting`: failed a moment ago, asked last · `open`: failed again and again, or asked for time,
   * and is not asked for a while · `quarantined`: serves another chain.
   */
  readonly state: "unknown" | "ok" | "resting" | "open" | "quarantined";
  /** As it said last. */
  readonly chainId?: bigint;
  /** The highest block that it named. */
  readonly headNumber?: bigint;
  /** When that number last grew, in milliseconds since the Unix epoch. */
  readonly headGrewAtMs?: number;
  /** Smoothed over its answers, in milliseconds. */
  readonly latencyMs?: number;
  /** Sent so far, a batch counting as one. */
  readonly requests: number;
  /** Requests that it did not answer properly. */
  readonly failures: number;
}

/** One endpoint of a pool: what it is asked, and what is made of how it answers. */
export interface PoolMember {
  readonly name: string;
  health(): EndpointHealth;
  /** It is known to serve another chain, and the time to ask again has not come. */
  isQuarantined(): boolean;
  /** Failed again and again, or asked for time, and the time for a probe has not come. */
  isOpen(): boolean;
  /** Failed a moment ago, or has no request to spare now. */
  isResting(): boolean;
  /** Chain id first, where that is not known; `failure` where it cannot be asked now. Rejects with the signal's reason only. */
  callMany(
    calls: readonly RpcCall[],
    signal: AbortSignal | undefined,
  ): Promise<readonly RpcOutcome[] | MemberFailure>;
}

/** Why a member could not be asked at all. */
export interface MemberFailure {
  readonly failure: ChainFailure;
}

export interface PoolMemberOptions {
  readonly chainId: number;
  readonly clock: Clock;
  /** @default no limit */
  readonly requestsPerSecond?: number | undefined;
  /** Told each time that it could not show who it is. @default nobody is told */
  readonly onUntrusted?: ((failure: ChainFailure) => void) | undefined;
  /** Told of each call that is made, a batch being several. @default nobody */
  readonly onCall?: ((endpoint: string, method: string) => void) | undefined;
  /** Told of each request that it did not answer properly. @default nobody */
  readonly onFailure?: ((endpoint: string) => void) | undefined;
}

/** How long an endpoint that just failed is asked last. */
const REST_MS = 30_000;
/** Failures in a row after which it is not asked any more for a while. */
const FAILURES_TO_OPEN = 5;
const FIRST_OPEN_MS = 15_000;
const LONGEST_OPEN_MS = 300_000;
const QUARANTINE_MS = 60_000;
const WRONG_CHAIN: ChainFailure = { kind: "bad-answer", isRetryable: true, detail: "serves another chain" };
/** Weight of the newest answer in the smoothed latency. */
const LATENCY_WEIGHT = 0.2;

export function createPoolMember(
  endpoint: JsonRpcEndpoint,
  options: PoolMemberOptions,
): PoolMember {
  const { chainId, clock, requestsPerSecond } = options;
  const { onUntrusted = () => {}, onCall = () => {}, onFailure = () => {} } = options;
  const bucket = requestsPerSecond === undefined ? undefined : createTokenBucket(requestsPerSecond, clock);
  const expected = BigInt(chainId);
  let seenChainId: bigint | undefined;
  let quarantinedUntilMs = 0;
  let restUntilMs = 0;
  let openUntilMs = 0;
  let failuresInRow = 0;
  let headNumber: bigint | undefined;
  let headGrewAtMs: number | undefined;
  let latencyMs: number | undefined;
  let requests = 0;
  let failures = 0;

  const isQuarantined = () =>
    seenChainId !== undefined && seenChainId !== expected && clock.now() < quarantinedUntilMs;
  const isOpen = () => clock.now() < openUntilMs;
  const isResting = () => clock.now() < restUntilMs || (bucket?.waitMs() ?? 0) > 0;

  function noteChainId(value: unknown): boolean {
    if (typeof value !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(value)) return false;
    seenChainId = BigInt(value);
    if (seenChainId !== expected) quarantinedUntilMs = clock.now() + QUARANTINE_MS;
    return true;
  }

  function noteHead(value: unknown): void {
    if (typeof value !== "string" || !/^0x[0-9a-f]{1,16}$/i.test(value)) return;
    const number = BigInt(value);
    if (headNumber !== undefined && number <= headNumber) return;
    headNumber = number;
    headGrewAtMs = clock.now();
  }

  /** Learns from an answer, whoever wanted it. */
  function observe({ method, params }: RpcCall, outcome: RpcOutcome): void {
    if (!outcome.ok) return;
    if (method === "eth_chainId") noteChainId(outcome.result);
    if (method === "eth_blockNumber") noteHead(outcome.result);
    if (method === "eth_getBlockByNumber" && params[0] === "latest") {
      noteHead((outcome.result as { readonly number?: unknown } | null)?.number);
    }
  }

  function noteFailure(failure: ChainFailure): void {
    failures++;
    failuresInRow++;
    onFailure(endpoint.name);
    const nowMs = clock.now();
    const askedMs = failure.isRetryable ? failure.retryAfterMs ?? 0 : 0;
    restUntilMs = nowMs + Math.max(REST_MS, Math.min(askedMs, LONGEST_OPEN_MS));
    openUntilMs = Math.max(openUntilMs, nowMs + Math.min(askedMs, LONGEST_OPEN_MS));
    if (failure.kind === "untrusted") {
      openUntilMs = nowMs + LONGEST_OPEN_MS;
      seenChainId = undefined;
      onUntrusted(failure);
    }
    if (failuresInRow < FAILURES_TO_OPEN || failure.kind === "untrusted") return;
    openUntilMs = nowMs + Math.min(FIRST_OPEN_MS * 2 ** (failuresInRow - FAILURES_TO_OPEN), LONGEST_OPEN_MS);
    // What comes back may be another node: the probe asks for its chain first.
    seenChainId = undefined;
  }

  function noteSuccess(tookMs: number): void {
    failuresInRow = 0;
    restUntilMs = 0;
    openUntilMs = 0;
    latencyMs = latencyMs === undefined ? tookMs : latencyMs + LATENCY_WEIGHT * (tookMs - latencyMs);
  }

  async function ask(
    calls: readonly RpcCall[],
    signal: AbortSignal | undefined,
  ): Promise<readonly RpcOutcome[]> {
    await bucket?.take({ ...(signal && { signal }) });
    requests++;
    for (const { method } of calls) onCall(endpoint.name, method);
    const startMs = performance.now();
    const outcomes = await endpoint.callMany(calls, { ...(signal && { signal }) });
    for (const [at, call] of calls.entries()) observe(call, outcomes[at]!);
    const failed = outcomes.find((outcome) => !outcome.ok && outcome.failure.isRetryable);
    if (failed !== undefined && !failed.ok) noteFailure(failed.failure);
    else noteSuccess(performance.now() - startMs);
    return outcomes;
  }

  /** Asks for the chain id where it is not known, or where the quarantine is over. */
  async function checkChain(signal: AbortSignal | undefined): Promise<MemberFailure | undefined> {
    if (seenChainId === expected) return undefined;
    const [outcome] = await ask([{ method: "eth_chainId", params: [] }], signal);
    if (outcome!.ok && noteChainId(outcome!.result)) return undefined;
    const failure = outcome!.ok
      ? classifyFailure({ from: "body", contentType: null, text: "" })
      : outcome!.failure;
    return { failure };
  }

  return {
    name: endpoint.name,
    isQuarantined,
    isOpen,
    isResting,
    health: () => ({
      endpoint: endpoint.name,
      state: isQuarantined()
        ? "quarantined"
        : isOpen()
        ? "open"
        : isResting()
        ? "resting"
        : requests === 0
        ? "unknown"
        : "ok",
      ...(seenChainId !== undefined && { chainId: seenChainId }),
      ...(headNumber !== undefined && { headNumber }),
      ...(headGrewAtMs !== undefined && { headGrewAtMs }),
      ...(latencyMs !== undefined && { latencyMs }),
      requests,
      failures,
    }),
    async callMany(calls, signal) {
      const unchecked = await checkChain(signal);
      if (unchecked !== undefined) return unchecked;
      if (isQuarantined()) return { failure: WRONG_CHAIN };
      const outcomes = await ask(calls, signal);
      // The answers beside a wrong chain id are of that chain.
      return isQuarantined() ? { failure: WRONG_CHAIN } : outcomes;
    },
  };
}
