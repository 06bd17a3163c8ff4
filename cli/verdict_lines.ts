import type { Check, Verdict } from "../lib/verify/verdict.ts";

const MARK: Readonly<Record<Check["outcome"], string>> = { pass: "✓", fail: "✗", unknown: "?" };

/** What the proof is about: the record as far as it can be read, and its place in the log. */
export interface VerdictSubject {
  readonly about: Readonly<Record<string, unknown>> | undefined;
  readonly index: bigint;
}

/** The answer as a person reads it: the verdict, each step of the ladder, and what it rests on. */
export function verdictLines(
  { ok, level, state, checks }: Verdict,
  { about, index }: VerdictSubject,
): readonly string[] {
  const isUnknown = level !== "L1" && checks.some(({ outcome }) => outcome === "unknown");
  const answer = !ok
    ? "INVALID"
    : isUnknown
    ? "could not tell"
    : state === "pending"
    ? "valid, but pending: not anchored yet"
    : "valid";
  const what = about === undefined ? [] : [
    `record ${index}: ${about["kind"]} of run ${about["runId"]}${
      about["step"] === undefined ? "" : `, step ${about["step"]}`
    }, recorded ${about["recordedAt"]}`,
  ];
  return [
    `${answer}${ok ? ` (level ${level}, ${state})` : ""}`,
    ...what,
    ...checks.map(({ name, outcome, detail }) => `  ${MARK[outcome]} ${name.padEnd(10)} ${detail}`),
    ...(ok ? restsOn(level, state).map((line) => `  · ${line}`) : []),
  ];
}

/** What the answer rests on, and what it does not say. */
function restsOn(level: Verdict["level"], state: Verdict["state"]): readonly string[] {
  const base = "not proven: that the training was honest; only that these bytes were recorded, in this place";
  if (level === "L1") return ["rests on: the endpoints asked, for the block being on the chain", base];
  const claim = state === "pending" || state === "local"
    ? `rests on: the log's signature; ${state === "local" ? "a local ledger is no chain" : "no anchor yet"}`
    : "rests on: the log's signature; the anchor is what the file claims, checked only with --rpc";
  return [claim, base];
}
