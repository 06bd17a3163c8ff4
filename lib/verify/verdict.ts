import type { ExitCode } from "../core/errors.ts";
import type { ProofState } from "./proof.ts";

/**
 * How far verification got, and so what the answer rests on.
 * `none`: it failed · `L0`: the file alone · `L1`: one RPC endpoint confirmed the anchor's event, its block hash and the contract's code.
 */
export type Level = "none" | "L0" | "L1";

/** One step of the ladder. */
export interface Check {
  /** Such as `inclusion`. Stable; made for programs. */
  readonly name: string;
  /** `unknown`: could not tell, as an endpoint did not answer or no longer knows. Never read it as a failure. */
  readonly outcome: "pass" | "fail" | "unknown";
  /** One sentence for people: what was compared, or what is wrong. */
  readonly detail: string;
}

/** The answer of `verifyProof`. */
export interface Verdict {
  /** No check failed. What could not be told does not count as failed: look at `level` and `checks`. */
  readonly ok: boolean;
  /** How far it got; `none` where a check failed. */
  readonly level: Level;
  /** Of the best anchor that counts. At L0 what the proof claims; at L1 of an anchor that was confirmed, and `final` only where that was seen. */
  readonly state: ProofState;
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
}

/**
 * The exit code for a verdict: 1 invalid, 4 could not tell, 3 valid but not anchored yet, 0 yes. Once an endpoint has confirmed
 * an anchor (L1), it does not matter what another could not answer.
 */
export function verdictExitCode({ ok, level, state, checks }: Verdict): 0 | ExitCode {
  if (!ok) return 1;
  if (level !== "L1" && checks.some(({ outcome }) => outcome === "unknown")) return 4;
  return state === "pending" ? 3 : 0;
}
