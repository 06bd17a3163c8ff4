import type { PinnedBlock } from "../chain/pin_block.ts";
import type { RebuildFinding } from "./check_evidence.ts";

/** What one account has in one contract, as far as it agrees. */
export interface SubmitterCounts {
  /** EIP-55. */
  readonly submitter: string;
  readonly hashCount: number;
  readonly anchorCount: number;
}

/** What was read of one contract. */
export interface ContractReport {
  /** EIP-55. */
  readonly contract: string;
  readonly codeHash: string;
  /** By account; what does not agree is not counted. */
  readonly submitters: readonly SubmitterCounts[];
  /** Everything that agrees, line by line. */
  readonly recoveredFile: string;
}

/** A file that was written, or was there already with the same content. */
export interface WrittenFile {
  readonly path: string;
  readonly what: "recovered" | "anchors" | "stored hashes";
  /** Hashes and anchors in it. */
  readonly count: number;
}

/** What came of a rebuild. */
export interface RebuildReport {
  /** CAIP-2. */
  readonly chainId: string;
  /** All is as it was at this block. */
  readonly block: PinnedBlock;
  /** Oldest first: the contracts before the configured one, then that. */
  readonly contracts: readonly ContractReport[];
  /** Whose anchors and stored hashes went into the home's files. */
  readonly submitters: readonly string[];
  readonly files: readonly WrittenFile[];
  /** At most {@linkcode MAX_FINDINGS}. */
  readonly findings: readonly RebuildFinding[];
  /** How many there are of each. */
  readonly findingCounts: Readonly<Record<RebuildFinding["severity"], number>>;
  /** What no chain can give back, in words. */
  readonly notRestored: readonly string[];
}

/** Findings that are listed; a hostile endpoint could make up any number. */
export const MAX_FINDINGS = 1_000;

/** Gathers findings, and counts those that are too many to keep. */
export function collectFindings() {
  const findings: RebuildFinding[] = [];
  const findingCounts = { mismatch: 0, note: 0 };
  return {
    findings,
    findingCounts,
    add(finding: RebuildFinding): void {
      findingCounts[finding.severity]++;
      if (findings.length < MAX_FINDINGS) findings.push(finding);
    },
  };
}

/** What was never on the chain, whether or not the log itself survived. */
export function listNotRestored({ hasLog }: { readonly hasLog: boolean }): readonly string[] {
  return [
    ...(hasLog ? [] : [
      "the records themselves (names, metrics, salts) and their order in the log: the chain has only their hashes",
      "the log's tiles, its index of runs and events, and with them every proof that was not written before",
      "the log key and the signed checkpoints: without the old key nobody can sign for this log",
      "the manifests of recorded folders",
    ]),
    "signatures of witnesses on earlier checkpoints",
    "transactions that were replaced before they were mined, and the journal's signed bytes: the sender starts from the account's nonce on the chain",
    "what only the local ledger held: provenance_records.jsonl is a file of its own",
    "anchors in other contracts and on other chains: rebuild from each of them, with --out",
  ];
}
