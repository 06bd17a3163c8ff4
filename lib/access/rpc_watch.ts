import type { Occurrence } from "../core/observation.ts";
import { comparePattern } from "../core/robust_rate.ts";

/** What a process has asked of one endpoint since it started. */
export interface RpcCalls {
  /** The endpoint's name; never its URL with a key. */
  readonly endpoint: string;
  /** How often, by method. */
  readonly calls: Readonly<Record<string, number>>;
}

/** What was seen of one endpoint. */
export interface NotedCalls {
  readonly calls: Readonly<Record<string, number>>;
  readonly atMs: number;
  /** Calls a minute, from look to look, oldest first. */
  readonly rates: readonly number[];
}

/** By endpoint. */
export type RpcNotes = Readonly<Record<string, NotedCalls>>;

/** Every method that this program calls; any other one was called by something else in its process. */
export const EXPECTED_METHODS: ReadonlySet<string> = new Set([
  "eth_accounts",
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_estimateGas",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockReceipts",
  "eth_getCode",
  "eth_getLogs",
  "eth_getStorageAt",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "eth_sendRawTransaction",
]);

/** Four hours at a look a minute. */
const KEPT_RATES = 240;
/** With fewer looks nothing is usual yet. */
const LEAST_LOOKS = 30;
/** So many calls a minute more than usual are nothing. */
const LEAST_DIFFERENCE = 60;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A shorter time between two looks says little about a rate. */
const SHORTEST_MS = 10_000;

/**
 * Holds what was asked of each endpoint against its usual rate: far more calls a minute than usual (`rpc-rate-unusual`, once an
 * hour and endpoint), or a method that this program never calls (`rpc-method-unexpected`). A process that was started anew counts
 * from nothing.
 */
export function watchRpcCalls(
  notes: RpcNotes,
  seen: readonly RpcCalls[],
  nowMs: number,
): { readonly occurrences: readonly Occurrence[]; readonly notes: RpcNotes } {
  const occurrences: Occurrence[] = [];
  const next: Record<string, NotedCalls> = { ...notes };
  for (const { endpoint, calls } of seen) {
    const noted = Object.hasOwn(notes, endpoint) ? notes[endpoint] : undefined;
    for (const method of Object.keys(calls)) {
      const isNew = !EXPECTED_METHODS.has(method) && !Object.hasOwn(noted?.calls ?? {}, method);
      if (isNew) occurrences.push(unexpectedMethod(endpoint, method, nowMs));
    }
    if (noted === undefined) {
      next[endpoint] = { calls, atMs: nowMs, rates: [] };
      continue;
    }
    const elapsedMs = nowMs - noted.atMs;
    if (elapsedMs < SHORTEST_MS) continue;
    const isRestarted = total(calls) < total(noted.calls);
    const rate = (total(calls) - (isRestarted ? 0 : total(noted.calls))) * MINUTE_MS / elapsedMs;
    const { isOut, median } = comparePattern(noted.rates, rate, {
      leastHistory: LEAST_LOOKS,
      leastDifference: LEAST_DIFFERENCE,
    });
    if (isOut) occurrences.push(unusualRate(endpoint, { rate, median, nowMs }));
    next[endpoint] = { calls, atMs: nowMs, rates: [...noted.rates, round(rate)].slice(-KEPT_RATES) };
  }
  return { occurrences, notes: next };
}

function unexpectedMethod(endpoint: string, method: string, nowMs: number): Occurrence {
  const shown = method.slice(0, 60);
  return {
    id: `rpc-method-unexpected:${endpoint}:${shown}`,
    name: "rpc-method-unexpected",
    subject: shown,
    detail: `${shown} was called at ${endpoint}, which this program never does`,
    atMs: nowMs,
  };
}

function unusualRate(
  endpoint: string,
  { rate, median, nowMs }: { readonly rate: number; readonly median: number; readonly nowMs: number },
): Occurrence {
  return {
    id: `rpc-rate-unusual:${endpoint}:${Math.floor(nowMs / HOUR_MS)}`,
    name: "rpc-rate-unusual",
    subject: endpoint,
    detail: `${Math.round(rate)} calls a minute at ${endpoint}, usual are ${Math.round(median)}`,
    atMs: nowMs,
  };
}

function total(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function round(rate: number): number {
  return Math.round(rate * 10) / 10;
}
