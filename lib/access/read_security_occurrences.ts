import type { Occurrence } from "../core/observation.ts";
import type { FileLayer } from "../io/file_layer.ts";
import {
  compareContract,
  type NotedContract,
  OWN_ACTION_MS,
  type OwnAction,
  type WatchedContract,
} from "./contract_watch.ts";
import { type RpcCalls, type RpcNotes, watchRpcCalls } from "./rpc_watch.ts";
import type { TrailLine } from "./trail_line.ts";
import { type RecentFailure, trailOccurrences } from "./trail_occurrences.ts";
import { readTrailNews, type TrailNews, type TrailPlace } from "./trail_tail.ts";

/** What one look leaves for the next: plain JSON, for a `StateStore`. */
export interface SecurityState {
  readonly schema: "pot-security/1";
  readonly trail: TrailPlace;
  readonly failures: readonly RecentFailure[];
  readonly actions: readonly OwnAction[];
  readonly contract?: NotedContract;
  readonly contractLookedAtMs?: number;
  readonly rpc: RpcNotes;
}

/** Where unusual activity shows. */
export interface SecuritySources {
  /** The home folder, for its audit trail. */
  readonly home: string;
  readonly files: FileLayer;
  /** Daemons with home folders of their own take turns over one state, as where the log is in PostgreSQL. @default false */
  readonly isShared?: boolean;
  /** What the contract says of itself now; asked every five minutes. A throw leaves what was noted. @default no contract is watched */
  readonly contract?: (options: { readonly signal: AbortSignal }) => Promise<WatchedContract | undefined>;
  /** What this process has asked of its endpoints. @default not watched */
  readonly rpcCalls?: () => readonly RpcCalls[];
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** What one look came to. */
export interface SecurityNews {
  /** Each has an id that it keeps, so that whoever is told it twice can tell. */
  readonly occurrences: readonly Occurrence[];
  readonly state: SecurityState;
}

const CONTRACT_EVERY_MS = 5 * 60_000;
/** Older lines are history: whoever begins to watch is not paged for it. */
const TOLD_MS = 24 * 3_600_000;

const START: SecurityState = {
  schema: "pot-security/1",
  trail: { offset: 0, lastAtMs: 0 },
  failures: [],
  actions: [],
  rpc: {},
};

/**
 * What is new and unusual since `before`: refused permissions and failed authentications in the audit trail, bursts of them, a trail
 * that became shorter; a contract that changed without a command of ours; RPC calls out of their pattern. Foreign use of the key is
 * told by the sender's own event `foreign-transaction`.
 */
export async function readSecurityOccurrences(
  sources: SecuritySources,
  before: SecurityState = START,
): Promise<SecurityNews> {
  const { home, files, nowMs, rpcCalls, isShared } = sources;
  const news = await readTrailNews(home, { files, place: before.trail, isShared });
  const lines = news.lines.filter(({ at }) => Date.parse(at) > nowMs - TOLD_MS);
  const told = trailOccurrences(lines, news.isOther ? [] : before.failures);
  const actions = [...before.actions, ...ownActions(news.lines)]
    .filter(({ atMs }) => atMs > nowMs - OWN_ACTION_MS);
  const contract = await lookAtContract(sources, { ...before, actions });
  // Another process has counted those.
  const rpc = watchRpcCalls(news.isOther ? {} : before.rpc, rpcCalls?.() ?? [], nowMs);
  return {
    occurrences: [
      ...(news.isCut ? [trailCut(news, before.trail, nowMs)] : []),
      ...told.occurrences,
      ...contract.occurrences,
      ...rpc.occurrences,
    ],
    state: {
      schema: "pot-security/1",
      trail: news.place,
      failures: told.recent,
      actions,
      ...contract.state,
      rpc: rpc.notes,
    },
  };
}

/** The state in a document's bytes; `undefined` for what is none, as after a version that kept another. */
export function parseSecurityState(bytes: Uint8Array): SecurityState | undefined {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as SecurityState;
    const isState = value.schema === START.schema && Number.isSafeInteger(value.trail.offset) &&
      Array.isArray(value.failures) && Array.isArray(value.actions) && typeof value.rpc === "object";
    return isState ? value : undefined;
  } catch {
    return undefined;
  }
}

function ownActions(lines: readonly TrailLine[]): OwnAction[] {
  return lines.filter(({ verb, outcome }) =>
    outcome === "allowed" && (verb.startsWith("contract.") || verb === "keys.rotate")
  ).map(({ verb, at }) => ({ verb, atMs: Date.parse(at) }));
}

async function lookAtContract(
  { contract, nowMs, signal }: SecuritySources,
  { contract: noted, contractLookedAtMs = 0, actions }: SecurityState,
): Promise<{
  readonly occurrences: readonly Occurrence[];
  readonly state: Pick<SecurityState, "contract" | "contractLookedAtMs">;
}> {
  const unchanged = {
    ...(noted === undefined ? {} : { contract: noted }),
    ...(contractLookedAtMs === 0 ? {} : { contractLookedAtMs }),
  };
  if (contract === undefined || nowMs - contractLookedAtMs < CONTRACT_EVERY_MS) {
    return { occurrences: [], state: unchanged };
  }
  // Whether it can be reached is what the health job looks at.
  const found = await contract({ signal }).catch(() => undefined);
  signal.throwIfAborted();
  if (found === undefined) return { occurrences: [], state: unchanged };
  const compared = compareContract(noted, found, { actions, nowMs });
  return {
    occurrences: compared.occurrences,
    state: { contract: compared.noted, contractLookedAtMs: nowMs },
  };
}

function trailCut({ place }: TrailNews, before: TrailPlace, nowMs: number): Occurrence {
  return {
    id: `access-trail-cut:${before.offset}:${before.lastAtMs}`,
    name: "access-trail-cut",
    detail: place.offset < before.offset
      ? `the access trail was ${before.offset} bytes long and is ${place.offset}: run pot log audit`
      : "the access trail begins with another line than before: run pot log audit",
    atMs: nowMs,
  };
}
