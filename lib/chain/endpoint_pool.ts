import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import {
  chainErrorOf,
  type ChainFailure,
  classifyFailure,
  type DefiniteFailure,
  type EndpointFailure,
  unreachableError,
} from "./chain_error.ts";
import {
  createHttpEndpoint,
  type Fetch,
  type HttpEndpoint,
  type RpcCall,
  type RpcOutcome,
} from "./http_endpoint.ts";

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
   * @throws ChainError when one answered with a definite error, such as a revert, or all that answered would not give that much.
   * @throws UsageError when every endpoint serves another chain.
   */
  read(
    method: string,
    params?: readonly unknown[],
    options?: PoolReadOptions,
  ): Promise<unknown>;
  /**
   * Each endpoint by itself, those that answered lately first: for answers that have to be checked before they are believed.
   * One that is known to serve another chain is left out.
   */
  each(): readonly Pick<EndpointPool, "read">[];
  /**
   * Makes several calls to one and the same endpoint; an outcome a call, in order, where a failure is always a definite one. Fails
   * over, and throws, as `read` does.
   */
  readMany(
    calls: readonly RpcCall[],
    options?: PoolCallOptions,
  ): Promise<readonly DefiniteOutcome[]>;
  /** Asks every endpoint of the right chain once; never throws for what one of them says. */
  readAll(
    method: string,
    params?: readonly unknown[],
    options?: PoolCallOptions,
  ): Promise<readonly EndpointAnswer[]>;
  /** Hands signed transactions to every endpoint, once. An outcome a transaction; "already known" counts as accepted. */
  broadcast(
    rawTransactions: readonly `0x${string}`[],
    options?: PoolCallOptions,
  ): Promise<readonly BroadcastOutcome[]>;
}

/** What an endpoint said to one call, once it was understood. */
export type DefiniteOutcome =
  | { readonly ok: true; readonly result: unknown }
  | {
    readonly ok: false;
    readonly endpoint: string;
    readonly failure: DefiniteFailure;
  };

/** What one of several endpoints said. */
export interface EndpointAnswer {
  /** Its redacted URL. */
  readonly endpoint: string;
  readonly outcome: RpcOutcome;
}

/** What every call of a pool takes. */
export interface PoolCallOptions {
  /** Ends the call with its reason. */
  readonly signal?: AbortSignal;
}

/** What a read takes beside its question. */
export interface PoolReadOptions extends PoolCallOptions {
  /** Failures after which asking the list again is no use, as the question seems too heavy. @default none */
  readonly isHopeless?: (failure: ChainFailure) => boolean;
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
/** Calls in one request; providers allow 100 to 1 000. */
const MAX_BATCH = 100;

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
  const {
    urls,
    chainId,
    clock,
    fetch = globalThis.fetch,
    timeoutMs = 10_000,
    rounds = 3,
  } = options;
  if (urls.length === 0) {
    throw new UsageError(
      "Cannot reach the chain as no RPC endpoint is configured",
      {
        hint: "set RPC_URL or POT_RPC_URLS",
      },
    );
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
    const outcome = await member.endpoint.call("eth_chainId", [], {
      ...(signal && { signal }),
    });
    if (
      outcome.ok && typeof outcome.result === "string" &&
      /^0x[0-9a-f]{1,16}$/i.test(outcome.result)
    ) {
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
    return [
      ...members.filter(isRested),
      ...members.filter((member) => !isRested(member)),
    ];
  };

  /** All calls to one of these after another, in this order, until one has understood every one of them. */
  async function ask(
    calls: readonly RpcCall[],
    { signal, isHopeless = () => false }: PoolReadOptions,
    candidates: () => readonly Member[] = inOrder,
  ): Promise<readonly DefiniteOutcome[]> {
    let failures = new Map<string, EndpointFailure>();
    for (let round = 0; round < rounds; round++) {
      if (round > 0) {
        await clock.sleep(pauseMs(round, failures), {
          ...(signal && { signal }),
        });
      }
      failures = new Map();
      let refused: readonly DefiniteOutcome[] | undefined;
      for (const member of candidates()) {
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
        const answered = await askOne(member, calls, signal);
        if ("failure" in answered) {
          note({ endpoint: name, failure: answered.failure });
          continue;
        }
        member.restUntilMs = 0;
        if (!answered.outcomes.some(isTooMuch)) return answered.outcomes;
        // How much is too much differs from endpoint to endpoint; there is nothing wrong with this one.
        refused ??= answered.outcomes;
      }
      throwIfAllWrong();
      if (refused !== undefined) return refused;
      if ([...failures.values()].some(({ failure }) => isHopeless(failure))) {
        break;
      }
    }
    throw unreachableError("read from the chain", [...failures.values()]);
  }

  async function askOne(
    { endpoint }: Member,
    calls: readonly RpcCall[],
    signal: AbortSignal | undefined,
  ): Promise<
    { readonly outcomes: readonly DefiniteOutcome[] } | {
      readonly failure: ChainFailure;
    }
  > {
    const found: DefiniteOutcome[] = [];
    for (const [, batch] of chunks(calls)) {
      for (
        const outcome of await endpoint.callMany(batch, {
          ...(signal && { signal }),
        })
      ) {
        if (outcome.ok) found.push(outcome);
        else if (outcome.failure.isRetryable) {
          return { failure: outcome.failure };
        } else {found.push({
            ok: false,
            endpoint: endpoint.name,
            failure: outcome.failure,
          });}
      }
    }
    return { outcomes: found };
  }

  const readFrom =
    (candidates: () => readonly Member[]): EndpointPool["read"] =>
    async (method, params = [], options = {}) => {
      const [outcome] = await ask([{ method, params }], options, candidates);
      if (outcome!.ok) return outcome!.result;
      throw chainErrorOf(`read ${method}`, outcome!);
    };

  return {
    chainId,
    endpointNames: members.map(({ endpoint }) => endpoint.name),

    read: readFrom(inOrder),
    each: () =>
      inOrder().filter((member) => !isWrong(member)).map((member) => ({
        read: readFrom(() => [member]),
      })),
    readMany: (calls, options = {}) => ask(calls, options),

    async readAll(method, params = [], { signal } = {}) {
      const answers = await Promise.all(
        members.map(async (member): Promise<EndpointAnswer | undefined> => {
          const { name } = member.endpoint;
          const unchecked = await check(member, signal);
          if (unchecked !== undefined) {
            return {
              endpoint: name,
              outcome: { ok: false, failure: unchecked.failure },
            };
          }
          if (isWrong(member)) return undefined;
          return {
            endpoint: name,
            outcome: await member.endpoint.call(method, params, {
              ...(signal && { signal }),
            }),
          };
        }),
      );
      throwIfAllWrong();
      return answers.filter((answer) => answer !== undefined);
    },

    async broadcast(rawTransactions, { signal } = {}) {
      const late = new AbortController();
      const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
      const outcomes = rawTransactions.map(() => ({
        isAccepted: false,
        failures: [] as EndpointFailure[],
      }));
      let grace: ReturnType<typeof setTimeout> | undefined;
      await Promise.all(members.map(async (member) => {
        const { name } = member.endpoint;
        try {
          const unchecked = await check(member, either);
          if (unchecked !== undefined) {
            for (const outcome of outcomes) outcome.failures.push(unchecked);
          }
          if (unchecked !== undefined || isWrong(member)) return;
          for (const [from, batch] of chunks(rawTransactions)) {
            const calls = batch.map((raw) => ({
              method: "eth_sendRawTransaction",
              params: [raw],
            }));
            const said = await member.endpoint.callMany(calls, {
              signal: either,
            });
            for (const [at, answer] of said.entries()) {
              const outcome = outcomes[from + at]!;
              if (answer.ok || answer.failure.kind === "already-known") {
                outcome.isAccepted = true;
              } else {outcome.failures.push({
                  endpoint: name,
                  failure: answer.failure,
                });}
            }
          }
          // The slower ones may still take it, but nobody waits long for them.
          if (outcomes.every(({ isAccepted }) => isAccepted)) {
            grace ??= setTimeout(() => late.abort(), BROADCAST_GRACE_MS);
          }
        } catch {
          // Only an abort ends here: the caller's, rethrown below, or the end of the grace.
        }
      }));
      clearTimeout(grace);
      signal?.throwIfAborted();
      throwIfAllWrong();
      return outcomes;
    },
  };
}

function isTooMuch(outcome: DefiniteOutcome): boolean {
  return !outcome.ok && outcome.failure.kind === "too-much";
}

/** Lists of at most {@linkcode MAX_BATCH}, with the position of their first. */
function chunks<T>(
  all: readonly T[],
): readonly (readonly [number, readonly T[]])[] {
  const found: (readonly [number, readonly T[]])[] = [];
  for (let at = 0; at < all.length; at += MAX_BATCH) {
    found.push([at, all.slice(at, at + MAX_BATCH)]);
  }
  return found;
}

/** Doubles from round to round, or as long as an endpoint asks with Retry-After, never above a bound. */
function pauseMs(
  round: number,
  failures: ReadonlyMap<string, EndpointFailure>,
): number {
  const asked = [...failures.values()].map(({ failure }) =>
    failure.isRetryable ? failure.retryAfterMs ?? 0 : 0
  );
  return Math.min(
    Math.max(FIRST_PAUSE_MS * 2 ** (round - 1), ...asked),
    LONGEST_PAUSE_MS,
  );
}
