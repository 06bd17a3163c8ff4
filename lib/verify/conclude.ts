import { isIncluded } from "./check_anchor.ts";
import type { Anchor, ProofState } from "./proof.ts";
import { describeLadder, type LadderOptions } from "./describe_ladder.ts";
import type { Check, Reach, Verdict } from "./verdict.ts";
import type { SetFindings, Standing } from "./verify_anchors.ts";

/** By whom and where an anchor is expected to be. */
export interface ExpectedPlace {
  /** The address that must have anchored, `0x` and 40 hex characters. */
  readonly submitter?: string;
  /** The contract it must have anchored in, as `submitter`. */
  readonly contract?: string;
}

const STATE_RANK: Readonly<Record<ProofState, number>> = {
  pending: 0,
  local: 1,
  anchored: 2,
  confirmed: 3,
  final: 4,
};
const LEVEL_RANK = { none: 0, L0: 1, L1: 2, L2: 3 } as const;
const REACH_RANK: Readonly<Record<Reach, number>> = { none: 0, checkpoint: 1, block: 2 };

/** Whether an anchor is where it is expected, in words; one that is in no block yet can only claim so. */
export function checkExpectedPlace(anchors: readonly Anchor[], place: ExpectedPlace): readonly Check[] {
  const compare = (name: "submitter" | "contract", expected: ExpectedPlace): readonly Check[] => {
    const value = place[name];
    if (value === undefined) return [];
    const ok = anchors.some((anchor) => isExpected(anchor, expected));
    const detail = ok
      ? `the ${name} is the expected ${value}`
      : `no anchor has the expected ${name} ${value}`;
    return [{ name, outcome: ok ? "pass" : "fail", detail }];
  };
  const { submitter, contract } = place;
  const whose = submitter === undefined ? {} : { submitter };
  // In one and the same anchor.
  return [
    ...compare("submitter", whose),
    ...compare("contract", contract === undefined ? whose : { ...whose, contract }),
  ];
}

/** What a verdict is made of. */
export interface Conclusion {
  readonly anchors: readonly Anchor[];
  /** Of the record and its way to each anchor, and of what was expected. */
  readonly checks: readonly Check[];
  /** Of the anchors. */
  readonly findings: SetFindings;
}

/**
 * The verdict from what was found. What a file says against itself makes it invalid. An anchor that endpoints deny does not count;
 * where none is left that does, the answer is no. The best of those that count gives level and state.
 */
export function conclude(
  { anchors, checks, findings }: Conclusion,
  options: ExpectedPlace & LadderOptions,
): Verdict {
  const all = [...checks, ...findings.checks];
  const standings = markBroken(findings.standings, checks);
  const isBroken = checks.some(({ outcome }) => outcome === "fail") ||
    standings.some(({ outcome }) => outcome === "invalid");
  const counting = isBroken
    ? []
    : standings.filter(({ anchor, outcome }) =>
      outcome !== "denied" && isExpected(anchors[anchor]!, options)
    );
  const best = bestOf(counting, anchors);
  const shown = standings.map(({ knowsTransaction: _, ...standing }) => standing);
  if (best === undefined) {
    const claimed = bestOf(standings.filter(({ anchor }) => isExpected(anchors[anchor]!, options)), anchors);
    return {
      ok: false,
      answer: "invalid",
      level: "none",
      reach: "none",
      state: claimed?.state ?? "pending",
      anchors: shown,
      checks: all,
      restsOn: [],
      notProven: [],
    };
  }
  const { level, reach, state, anchor } = best;
  // A claim about a chain that nobody was asked about does not make up for one that was found wanting.
  const isClaim = isIncluded(anchors[anchor]!) && standings.some(({ outcome }) => outcome === "denied");
  const isUnknown = best.outcome !== "confirmed" &&
    (isClaim || counting.some(({ outcome }) => outcome === "unknown"));
  return {
    ok: true,
    answer: isUnknown ? "unknown" : state === "pending" ? "pending" : "valid",
    level,
    reach,
    state,
    best: anchor,
    anchors: shown,
    checks: all,
    ...describeLadder(anchors[anchor]!, best, options),
  };
}

/** An anchor that the record does not lead to is as invalid as one that contradicts itself. */
function markBroken(standings: readonly Standing[], checks: readonly Check[]): readonly Standing[] {
  const broken = new Set(checks.filter(({ outcome }) => outcome === "fail").map(({ anchor }) => anchor));
  return standings.map((standing) =>
    broken.has(standing.anchor) ? { ...standing, outcome: "invalid", level: "none", reach: "none" } : standing
  );
}

function isExpected(anchor: Anchor, { submitter, contract }: ExpectedPlace): boolean {
  if (submitter === undefined && contract === undefined) return true;
  const isSame = (given: string | undefined, expected: string | undefined) =>
    expected === undefined || given?.toLowerCase() === expected.toLowerCase();
  return isIncluded(anchor) && isSame(anchor.submitter, submitter) && isSame(anchor.contract, contract);
}

/** By what was confirmed, then by what it is, how far the file leads, and the state; of equals the first. */
function bestOf(standings: readonly Standing[], anchors: readonly Anchor[]): Standing | undefined {
  const ranks = ({ level, reach, state, anchor }: Standing): readonly number[] => [
    LEVEL_RANK[level],
    isIncluded(anchors[anchor]!) ? 2 : anchors[anchor]!.kind === "local" ? 1 : 0,
    REACH_RANK[reach],
    STATE_RANK[state],
  ];
  return standings.reduce<Standing | undefined>((best, standing) => {
    if (best === undefined) return standing;
    const [mine, theirs] = [ranks(standing), ranks(best)];
    const at = mine.findIndex((rank, i) => rank !== theirs[i]);
    return at >= 0 && mine[at]! > theirs[at]! ? standing : best;
  }, undefined);
}
