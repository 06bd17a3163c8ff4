import type { EndpointAnswer, EndpointFindings } from "./check_evm_anchors.ts";
import type { AnchorStanding, Check } from "./verdict.ts";

/** What the endpoints of an anchor's chain say together. */
export interface Weighed {
  readonly outcome: Extract<AnchorStanding["outcome"], "confirmed" | "denied" | "unknown">;
  readonly level: "L0" | "L1" | "L2";
  /** Endpoints that confirmed it. */
  readonly confirmedBy: readonly string[];
  /** As many as the quorum asks showed the block to be final. */
  readonly isFinalByQuorum: boolean;
  /** At least one did. */
  readonly isSeenFinal: boolean;
  /** At least one confirmed the hash of the transaction. */
  readonly knowsTransaction: boolean;
  /** How many agree; only where several were asked. */
  readonly check?: Check;
}

/** Whose word counts, and how many of them. */
export interface WeighOptions {
  /** How many must agree. @default more than half of those asked, at least 2 */
  readonly quorum?: number;
}

/**
 * Weighs what the endpoints of one chain answered about one anchor.
 *
 * A "no" or a "yes" that another endpoint contradicts needs a quorum, and so does a "no" beside one that could not tell. A "yes" that
 * nobody contradicts is L1, unless a quorum was asked for by number: then it needs that many.
 */
export function weighAnswers(
  position: number,
  findings: readonly EndpointFindings[],
  { quorum }: WeighOptions,
): Weighed {
  const asked = findings.length;
  const needed = quorum ?? Math.max(2, Math.floor(asked / 2) + 1);
  const said = findings.map(({ endpoint, answers }) => ({
    endpoint,
    ...(answers.find((answer) => answer.position === position) ?? NO_ANSWER),
  }));
  const yes = said.filter(({ says }) => says === "yes");
  const no = said.filter(({ says }) => says === "no").length;
  const hasYesQuorum = yes.length >= needed;
  // One endpoint alone is the whole of those asked: nobody could contradict it.
  const hasNoQuorum = no >= Math.min(needed, asked);
  const isConfirmed = hasYesQuorum
    ? !(hasNoQuorum && no > 0)
    : yes.length > 0 && no === 0 && quorum === undefined;
  const isDenied = no > 0 && hasNoQuorum && !hasYesQuorum;
  const isFinalByQuorum = isConfirmed && yes.filter(({ isFinal }) => isFinal).length >= needed;
  const outcome = isConfirmed ? "confirmed" : isDenied ? "denied" : "unknown";
  return {
    outcome,
    level: isFinalByQuorum ? "L2" : isConfirmed ? "L1" : "L0",
    confirmedBy: isConfirmed ? yes.map(({ endpoint }) => endpoint) : [],
    isFinalByQuorum,
    isSeenFinal: isConfirmed && yes.some(({ isFinal }) => isFinal),
    knowsTransaction: yes.some((answer) => answer.knowsTransaction),
    ...(asked < 2
      ? {}
      : { check: quorumCheck({ position, asked, yes: yes.length, no, needed, outcome, isFinalByQuorum }) }),
  };
}

const NO_ANSWER: Omit<EndpointAnswer, "position"> = {
  says: "unknown",
  isFinal: false,
  knowsTransaction: false,
};

interface Count {
  readonly position: number;
  readonly asked: number;
  readonly yes: number;
  readonly no: number;
  readonly needed: number;
  readonly outcome: Weighed["outcome"];
  readonly isFinalByQuorum: boolean;
}

function quorumCheck({ position, asked, yes, no, needed, outcome, isFinalByQuorum }: Count): Check {
  const unsaid = asked - yes - no;
  const votes = `of ${asked} endpoints ${yes} say yes, ${no} say no, ${unsaid} could not tell`;
  const detail = outcome === "confirmed"
    ? isFinalByQuorum
      ? `${votes}: at least ${needed} agree, and on them the block is final`
      : yes >= needed
      ? `${votes}: at least ${needed} agree, but not that the block is final`
      : `${votes}: nobody says no, but ${needed} would have to agree for L2`
    : outcome === "denied"
    ? `${votes}: the anchor does not count`
    : `${votes}: ${Math.min(needed, asked)} would have to agree`;
  const passed = { confirmed: "pass", denied: "fail", unknown: "unknown" } as const;
  return { name: "quorum", outcome: passed[outcome], detail, anchor: position };
}
