import { chunks, rotate } from "../core/parts_of.ts";
import type { Clock } from "../core/clock.ts";
import { UsageError } from "../core/errors.ts";
import {
  chainErrorOf,
  type ChainFailure,
  type DefiniteFailure,
  type EndpointFailure,
  unreachableError,
} from "./chain_error.ts";
import type { Fetch } from "./http_endpoint.ts";
import { createJsonRpcEndpoint, type RpcCall, type RpcOutcome } from "./json_rpc_endpoint.ts";
import { createPoolMember, type EndpointHealth, type MemberFailure, type PoolMember } from "./pool_member.ts";
import { roundPauseMs } from "./round_pause.ts";

/**
 * All endpoints of one chain. The one owner of read retries; a broadcast is never retried here, as the sender decides
 * that from its journal.
 */
export interface EndpointPool {
  /** EIP-155; what every endpoint has to serve. */
  readonly chainId: number;
  /** Redacted URLs, in order of preference. */
  readonly endpointNames: readonly string[];
  /** What is known of each, in the same order. Asks nobody. */
  health(): readonly EndpointHealth[];
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
  /** Its answer, or why there is none. */
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
  /** In order of preference; HTTPS or WSS, loopback excepted. */
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
  /**
   * `health`: the healthy and quick first, among equals in order of preference · `round-robin`: the healthy, each in its turn.
   * @default "health"
   */
  readonly selection?: "health" | "round-robin";
  /** So many requests a second to each endpoint, a batch counting as one. @default no limit */
  readonly requestsPerSecond?: number;
  /**
   * Told of an endpoint that could not show who it is (a certificate that is not accepted), although others may have answered in its
   * place. Such an endpoint is not asked again within one read. @default nobody is told
   */
  readonly onUntrusted?: (failure: EndpointFailure) => void;
  /** Told of each call that is made, with the endpoint's name; for a meter. @default nobody */
  readonly onCall?: (endpoint: string, method: string) => void;
  /** Told of each request without a proper answer, with the endpoint's name; for a meter. @default nobody */
  readonly onFailure?: (endpoint: string) => void;
}

/** How long slower endpoints may take to accept once one has. */
const BROADCAST_GRACE_MS = 1_000;
/** Calls in one request; providers allow 100 to 1 000. */
const MAX_BATCH = 100;
/** An endpoint that many blocks behind another one knows too little of an account's nonces. */
const MAX_HEAD_LAG = 3n;
/** Below this, differences in latency decide nothing. */
const QUICK_MS = 50;

/**
 * Makes the pool. Nothing is asked yet: each endpoint's chain id is checked before its first use, after it was gone for a while, and
 * whenever it is asked for; one that serves another chain is left out until it is asked again a minute later.
 *
 * @throws UsageError when there is no URL, or one is malformed, or neither HTTPS nor WSS.
 */
export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const { urls, chainId, clock, fetch = globalThis.fetch, timeoutMs = 10_000, rounds = 3 } = options;
  const { selection = "health", requestsPerSecond, onUntrusted, onCall, onFailure } = options;
  if (urls.length === 0) {
    throw new UsageError("Cannot reach the chain as no RPC endpoint is configured", {
      hint: "set RPC_URL or POT_RPC_URLS",
    });
  }
  const members = urls.map((url) => {
    const endpoint = createJsonRpcEndpoint(url, { fetch, timeoutMs });
    const tell = (failure: ChainFailure) => onUntrusted?.({ endpoint: endpoint.name, failure });
    return createPoolMember(endpoint, {
      chainId,
      clock,
      requestsPerSecond,
      onUntrusted: tell,
      onCall,
      onFailure,
    });
  });
  let turn = 0;

  function throwIfAllWrong(): void {
    if (!members.every((member) => member.isQuarantined())) return;
    throw new UsageError(
      `Cannot use the chain as every RPC endpoint serves another one than chain id ${chainId}`,
      {
        facts: members.map((member) =>
          `${member.name}: chain id ${member.health().chainId}, expected ${chainId}`
        ),
        hint: "set CHAIN_ID (or the network) and RPC_URL to the same chain",
      },
    );
  }

  /** Behind another one, as far as is known. */
  function isLaggard(member: PoolMember): boolean {
    // Who does not answer any more may have lied, and must not stop the others.
    const current = members.filter((other) => !other.isQuarantined() && !other.isOpen());
    const heads = current.map((other) => other.health().headNumber ?? 0n);
    const best = heads.reduce((most, head) => (head > most ? head : most), 0n);
    return (member.health().headNumber ?? best) + MAX_HEAD_LAG < best;
  }

  /** The healthy first: the quick before the slow and, among equals, in order of preference; or each in its turn. */
  function inOrder(needsNonce: boolean): readonly PoolMember[] {
    const rank = (member: PoolMember) => (member.isResting() ? 2 : 0) + (isLaggard(member) ? 1 : 0);
    const turned = selection === "round-robin" ? rotate(members, turn++) : members;
    const usable = turned.filter((member) => !member.isQuarantined());
    const closed = usable.filter((member) => !member.isOpen());
    const asked = closed.length > 0 ? closed : usable;
    const current = needsNonce ? asked.filter((member) => !isLaggard(member)) : asked;
    const slowness = (member: PoolMember) => selection === "round-robin" ? 0 : slownessOf(member);
    // Array.prototype.sort keeps the order of equals.
    return [...current.length > 0 ? current : asked].sort((a, b) =>
      rank(a) - rank(b) || slowness(a) - slowness(b)
    );
  }

  /** All calls to one of these after another, in this order, until one has understood every one of them. */
  async function ask(
    calls: readonly RpcCall[],
    { signal, isHopeless = () => false }: PoolReadOptions,
    candidates: () => readonly PoolMember[] = () => inOrder(calls.some(isAboutNonces)),
  ): Promise<readonly DefiniteOutcome[]> {
    let failures = new Map<string, EndpointFailure>();
    const untrusted = new Map<string, EndpointFailure>();
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await clock.sleep(roundPauseMs(round, failures.values()), { ...(signal && { signal }) });
      failures = new Map(untrusted);
      let refused: readonly DefiniteOutcome[] | undefined;
      const trusted = candidates().filter(({ name }) => !untrusted.has(name));
      if (trusted.length === 0) break;
      for (const member of trusted) {
        const answered = await askOne(member, calls, signal);
        if ("failure" in answered) {
          const failed = { endpoint: member.name, failure: answered.failure };
          failures.set(member.name, failed);
          if (answered.failure.kind === "untrusted") untrusted.set(member.name, failed);
          continue;
        }
        if (!answered.outcomes.some(isTooMuch)) return answered.outcomes;
        // How much is too much differs from endpoint to endpoint; there is nothing wrong with this one.
        refused ??= answered.outcomes;
      }
      throwIfAllWrong();
      if (refused !== undefined) return refused;
      if (failures.size === untrusted.size) break;
      if ([...failures.values()].some(({ failure }) => isHopeless(failure))) break;
    }
    throw unreachableError("read from the chain", [...failures.values()]);
  }

  async function askOne(
    member: PoolMember,
    calls: readonly RpcCall[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly outcomes: readonly DefiniteOutcome[] } | MemberFailure> {
    const found: DefiniteOutcome[] = [];
    for (const [, batch] of chunks(calls, MAX_BATCH)) {
      const outcomes = await member.callMany(batch, signal);
      if ("failure" in outcomes) return outcomes;
      for (const outcome of outcomes) {
        if (outcome.ok) found.push(outcome);
        else if (outcome.failure.isRetryable) return { failure: outcome.failure };
        else found.push({ ok: false, endpoint: member.name, failure: outcome.failure });
      }
    }
    // What it was just asked for may have shown that it lags.
    const lags = calls.some(isAboutNonces) && isLaggard(member) && members.length > 1;
    return lags ? { failure: BEHIND } : { outcomes: found };
  }

  const readFrom =
    (candidates?: () => readonly PoolMember[]): EndpointPool["read"] =>
    async (method, params = [], options = {}) => {
      const [outcome] = await ask([{ method, params }], options, candidates);
      if (outcome!.ok) return outcome!.result;
      throw chainErrorOf(`read ${method}`, outcome!);
    };

  return {
    chainId,
    endpointNames: members.map(({ name }) => name),
    health: () => members.map((member) => member.health()),
    read: readFrom(),
    each: () => inOrder(false).map((member) => ({ read: readFrom(() => [member]) })),
    readMany: (calls, options = {}) => ask(calls, options),

    async readAll(method, params = [], { signal } = {}) {
      const answers = await Promise.all(members.map(async (member): Promise<EndpointAnswer | undefined> => {
        const endpoint = member.name;
        if (member.isQuarantined()) return undefined;
        if (member.isOpen()) return { endpoint, outcome: { ok: false, failure: GONE } };
        const outcomes = await member.callMany([{ method, params }], signal);
        if (!("failure" in outcomes)) return { endpoint, outcome: outcomes[0]! };
        return member.isQuarantined()
          ? undefined
          : { endpoint, outcome: { ok: false, failure: outcomes.failure } };
      }));
      throwIfAllWrong();
      return answers.filter((answer) => answer !== undefined);
    },

    async broadcast(rawTransactions, { signal } = {}) {
      const late = new AbortController();
      const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
      const outcomes = rawTransactions.map(() => ({ isAccepted: false, failures: [] as EndpointFailure[] }));
      let grace: ReturnType<typeof setTimeout> | undefined;
      const hand = async (member: PoolMember) => {
        for (const [from, batch] of chunks(rawTransactions, MAX_BATCH)) {
          const calls = batch.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] }));
          const said = await member.callMany(calls, either);
          for (const at of batch.keys()) {
            const answer = "failure" in said ? { ok: false as const, failure: said.failure } : said[at]!;
            const outcome = outcomes[from + at]!;
            if (answer.ok || answer.failure.kind === "already-known") outcome.isAccepted = true;
            else if (!member.isQuarantined()) {
              outcome.failures.push({ endpoint: member.name, failure: answer.failure });
            }
          }
        }
      };
      await Promise.all(
        members.filter((member) => !member.isQuarantined()).map(async (member) => {
          try {
            await hand(member);
            // The slower ones may still take it, but nobody waits long for them.
            if (outcomes.every(({ isAccepted }) => isAccepted)) {
              grace ??= setTimeout(() => late.abort(), BROADCAST_GRACE_MS);
            }
          } catch {
            // Only an abort ends here: the caller's, rethrown below, or the end of the grace.
          }
        }),
      );
      clearTimeout(grace);
      signal?.throwIfAborted();
      throwIfAllWrong();
      return outcomes;
    },
  };
}

const BEHIND: ChainFailure = { kind: "behind", isRetryable: true, detail: "is behind the other endpoints" };
const GONE: ChainFailure = { kind: "unreachable", isRetryable: true, detail: "failed again and again" };

function isAboutNonces({ method }: RpcCall): boolean {
  return method === "eth_getTransactionCount";
}

/** 0 for the quick and the unknown, one more for each doubling of the latency. */
function slownessOf(member: PoolMember): number {
  const { latencyMs = 0 } = member.health();
  return Math.max(0, Math.ceil(Math.log2(Math.max(latencyMs, 1) / QUICK_MS)));
}

function isTooMuch(outcome: DefiniteOutcome): boolean {
  return !outcome.ok && outcome.failure.kind === "too-much";
}
