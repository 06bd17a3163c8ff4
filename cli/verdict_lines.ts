import type { ProofAnchor } from "../lib/verify/proof.ts";
import type { AnchorStanding, Check, Verdict } from "../lib/verify/verdict.ts";

const MARK: Readonly<Record<Check["outcome"], string>> = { pass: "✓", fail: "✗", unknown: "?", skipped: "–" };

const ANSWER: Readonly<Record<Verdict["answer"], string>> = {
  invalid: "INVALID",
  unknown: "could not tell",
  pending: "valid, but pending: not anchored yet",
  valid: "valid",
};

const OUTCOME: Readonly<Record<AnchorStanding["outcome"], string>> = {
  claimed: "nobody was asked",
  confirmed: "endpoints confirm it",
  denied: "denied, does not count",
  unknown: "could not tell",
  invalid: "contradicts itself or the record",
};

/** What the proof is about: the record as far as it can be read, its place in the log, and the anchors that the verdict is over. */
export interface VerdictSubject {
  readonly about: Readonly<Record<string, unknown>> | undefined;
  readonly index: bigint;
  readonly anchors: readonly Pick<ProofAnchor, "chainId" | "size">[];
}

/** The answer as a person reads it: the verdict, each step of the ladder by anchor, what it rests on, and what is not proven. */
export function verdictLines(verdict: Verdict, { about, index, anchors }: VerdictSubject): readonly string[] {
  const { ok, answer, level, state, checks, restsOn, notProven } = verdict;
  const what = about === undefined ? [] : [
    `record ${index}: ${about["kind"]} of run ${about["runId"]}${
      about["step"] === undefined ? "" : `, step ${about["step"]}`
    }, recorded ${about["recordedAt"]}`,
  ];
  return [
    `${ANSWER[answer]}${ok ? ` (level ${level}, ${state})` : ""}`,
    ...what,
    ...checks.filter(({ anchor }) => anchor === undefined).map(checkLine),
    ...verdict.anchors.flatMap((standing) => [
      anchorLine(standing, { verdict, anchor: anchors[standing.anchor]! }),
      ...checks.filter(({ anchor }) => anchor === standing.anchor).map(checkLine),
    ]),
    ...restsOn.map((line) => `  · rests on: ${line}`),
    ...notProven.map((line) => `  · not proven: ${line}`),
  ];
}

function checkLine({ name, outcome, detail }: Check): string {
  return `  ${MARK[outcome]} ${name.padEnd(10)} ${detail}`;
}

interface AnchorContext {
  readonly verdict: Verdict;
  readonly anchor: Pick<ProofAnchor, "chainId" | "size">;
}

function anchorLine(standing: AnchorStanding, { verdict, anchor }: AnchorContext): string {
  const { anchor: position, outcome, level, reach, state } = standing;
  const where = anchor.chainId === undefined ? "" : ` on ${anchor.chainId}`;
  const title = `anchor ${position + 1} of ${verdict.anchors.length}${where}, size ${anchor.size}`;
  if (level === "none") return `${title}: ${OUTCOME[outcome]}`;
  const leads = reach === "block" ? "the block's hash" : "the signed checkpoint";
  const best = verdict.best === position && verdict.anchors.length > 1 ? "; the best one" : "";
  const asked = outcome === "claimed" ? "" : `, ${OUTCOME[outcome]}`;
  return `${title}: ${level}, ${state}${asked}; the file leads to ${leads}${best}`;
}
