import { checkAnchor, isIncluded } from "./check_anchor.ts";
import { type AskedAnchor, checkEvmAnchors, type EndpointFindings } from "./check_evm_anchors.ts";
import type { NoteTrust, TrustedKey } from "./check_head_note.ts";
import type { Anchor, ProofState } from "./proof.ts";
import type { RpcEndpoint } from "./rpc_endpoint.ts";
import type { AnchorStanding, Check } from "./verdict.ts";
import { weighAnswers, type Weighed } from "./weigh_answers.ts";

/** Anchors that share their log's keys: of one proof, or of a batch of records. */
export interface AnchorSet {
  readonly anchors: readonly Anchor[];
  /** The keys that the file itself names. */
  readonly logKeys: readonly string[];
}

/** What is known of a set of anchors, whatever records it covers. */
export interface SetFindings {
  readonly checks: readonly Check[];
  /** One for each anchor, in their order. */
  readonly standings: readonly Standing[];
}

/** An anchor's standing, and what its ladder says beside it. */
export interface Standing extends AnchorStanding {
  /** An endpoint confirmed the hash of the transaction, which neither receipt nor header holds. */
  readonly knowsTransaction: boolean;
}

/** L0 of each anchor: its signed head, and its receipt where that was captured. Asks nobody. */
export async function checkAnchors(
  { anchors, logKeys }: AnchorSet,
  { trusted }: { readonly trusted?: readonly TrustedKey[] } = {},
): Promise<SetFindings> {
  const trust: NoteTrust = { named: logKeys, ...(trusted === undefined ? {} : { trusted }) };
  const checks: Check[] = [];
  const standings: Standing[] = [];
  for (const [position, anchor] of anchors.entries()) {
    const found = await checkAnchor(anchor, trust);
    checks.push(...found.checks.map((check) => ({ ...check, anchor: position })));
    const holds = found.reach !== "none";
    standings.push({
      anchor: position,
      outcome: holds ? "claimed" : "invalid",
      level: holds ? "L0" : "none",
      reach: found.reach,
      state: anchor.state,
      confirmedBy: [],
      knowsTransaction: false,
    });
  }
  return { checks, standings };
}

/** Whom to ask, and how many must agree. */
export interface AskAnchorsOptions {
  readonly endpoints: readonly RpcEndpoint[];
  /** How many must agree. @default more than half of those of a chain, at least 2 */
  readonly quorum?: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * L1 and L2: asks every endpoint about the anchors of its chain, and weighs what they say. Anchors of a chain that no endpoint serves
 * stay as they are.
 *
 * @throws {UsageError} when an endpoint's chain is none of the anchors'.
 */
export async function askAboutAnchors(
  { anchors }: AnchorSet,
  { checks, standings }: SetFindings,
  { endpoints, quorum, signal }: AskAnchorsOptions,
): Promise<SetFindings> {
  const asked = standings.flatMap(({ anchor: position, reach }): readonly AskedAnchor[] => {
    const anchor = anchors[position]!;
    return isIncluded(anchor) ? [{ position, anchor, isProvenInBlock: reach === "block" }] : [];
  });
  if (asked.length === 0 || endpoints.length === 0) return { checks, standings };
  const options = { ...(signal === undefined ? {} : { signal }), wantsFinality: endpoints.length > 1 };
  const found = await settleAll(endpoints.map((endpoint) => checkEvmAnchors(asked, endpoint, options)));
  const weighed = new Map<number, Weighed>();
  for (const { position, anchor } of asked) {
    // One whose chain is not known might serve this one: it counts as one that could not tell.
    const ofChain = found.filter(({ chainId }) => chainId === undefined || chainId === anchor.chainId);
    if (ofChain.length === 0) continue;
    weighed.set(position, weighAnswers(position, ofChain, quorum === undefined ? {} : { quorum }));
  }
  return {
    checks: [
      ...checks,
      ...found.flatMap((findings) => findings.checks),
      ...[...weighed.values()].flatMap(({ check }) => check ?? []),
    ],
    standings: standings.map((standing) => settle(standing, weighed.get(standing.anchor))),
  };
}

function settle(standing: Standing, weighed: Weighed | undefined): Standing {
  if (weighed === undefined) return standing;
  const { outcome, level, confirmedBy, knowsTransaction } = weighed;
  const isDenied = outcome === "denied";
  return {
    ...standing,
    outcome,
    level: isDenied ? "none" : level,
    state: outcome === "confirmed" ? shownState(standing.state, weighed) : standing.state,
    confirmedBy,
    knowsTransaction,
  };
}

/** "final" has to be seen; "confirmed" is the policy of whoever anchored, which no endpoint knows. */
function shownState(claimed: ProofState, { isFinalByQuorum, isSeenFinal }: Weighed): ProofState {
  if (isFinalByQuorum) return "final";
  return claimed === "final" && !isSeenFinal ? "anchored" : claimed;
}

/** All of them, also where one fails, so that nothing goes on behind the caller's back. */
async function settleAll(asked: readonly Promise<EndpointFindings>[]): Promise<readonly EndpointFindings[]> {
  const outcomes = await Promise.allSettled(asked);
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}
