import type { ExitCode } from "../core/errors.ts";
import type { ProofState } from "./proof.ts";

/**
 * How far verification got, and so what the answer rests on.
 * `none`: it failed · `L0`: the file alone · `L1`: one RPC endpoint confirmed the anchor's event, its block hash and the contract's
 * code · `L2`: as many as the quorum asks did, and showed that block to be final.
 */
export type Level = "none" | "L0" | "L1" | "L2";

/** How far the file alone leads: to the checkpoint that the log signed, or on to the hash of a block. */
export type Reach = "none" | "checkpoint" | "block";

/** One step of the ladder. */
export interface Check {
  /** Such as `inclusion`. Stable; made for programs. */
  readonly name: string;
  /**
   * `unknown`: could not tell, as an endpoint did not answer, no longer knows, or others contradict it; never read it as a failure.
   * `skipped`: there is nothing to check, and the anchor stays at the level it has without.
   */
  readonly outcome: "pass" | "fail" | "unknown" | "skipped";
  /** One sentence for people: what was compared, or what is wrong. */
  readonly detail: string;
  /** Position in the proof's `anchors` of the one it is about. */
  readonly anchor?: number;
  /** Name of the endpoint whose word it is; absent for what follows from the file. */
  readonly endpoint?: string;
}

/** What became of one anchor. */
export interface AnchorStanding {
  /** Position in the proof's `anchors`. */
  readonly anchor: number;
  /**
   * `claimed`: it holds in itself, and nobody was asked · `confirmed`: by an endpoint, or by a quorum where they differ ·
   * `denied`: endpoints say that it is not on their chain, as after a reorganisation: it does not count ·
   * `unknown`: nobody could tell, or endpoints differ without a quorum · `invalid`: it contradicts itself or the record.
   */
  readonly outcome: "claimed" | "confirmed" | "denied" | "unknown" | "invalid";
  /** How far it got; `none` where it is invalid or denied. */
  readonly level: Level;
  /** How far the file alone leads; `none` where it is invalid. */
  readonly reach: Reach;
  /** What it may be said to have reached: of a confirmed one `final` only where that was seen, else what the file claims. */
  readonly state: ProofState;
  /** Names of the endpoints that confirmed it. */
  readonly confirmedBy: readonly string[];
}

/** The answer of `verifyProof`. */
export interface Verdict {
  /** The answer is not `invalid`. What could not be told does not count as failed: look at `answer`. */
  readonly ok: boolean;
  /**
   * `valid` · `pending`: valid, but not anchored yet · `unknown`: it holds in itself, and the endpoints that were asked about it could
   * not tell or contradict each other · `invalid`.
   */
  readonly answer: "valid" | "pending" | "unknown" | "invalid";
  /** How far it got, by its best anchor; `none` where it is invalid. */
  readonly level: Level;
  /** How far the file alone leads, by that anchor. */
  readonly reach: Reach;
  /** Of the best anchor that counts. At L0 what the proof claims; above only where it was confirmed, and `final` only where that was seen. */
  readonly state: ProofState;
  /** Position of the best anchor, the one that level and state are of; absent where none counts. */
  readonly best?: number;
  /** What became of each anchor, in their order. */
  readonly anchors: readonly AnchorStanding[];
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
  /** What the answer rests on, in sentences; empty where it is invalid. */
  readonly restsOn: readonly string[];
  /** What it does not say, in sentences. */
  readonly notProven: readonly string[];
}

const EXIT_CODES = { valid: 0, invalid: 1, pending: 3, unknown: 4 } as const;

/**
 * The exit code for a verdict: 0 yes, 1 no, 3 valid but not anchored yet, 4 could not tell. Once an anchor is confirmed, it does
 * not matter what could not be told about another.
 */
export function verdictExitCode({ answer }: Pick<Verdict, "answer">): 0 | ExitCode {
  return EXIT_CODES[answer];
}
