import { isIncluded, isoTime } from "./check_anchor.ts";
import type { IncludedAnchor } from "./check_evm_anchors.ts";
import type { Anchor } from "./proof.ts";
import type { Standing } from "./verify_anchors.ts";

/** What the reader brought along; what is missing rests on the file's word. */
export interface LadderOptions {
  /** Keys that the log's owner published were given. */
  readonly knowsLogKeys: boolean;
  /** The account that must have anchored was given. */
  readonly submitter?: string;
  /** The contract it must have anchored in was given. */
  readonly contract?: string;
}

/** What an answer rests on, and what it does not say. */
export interface Ladder {
  readonly restsOn: readonly string[];
  readonly notProven: readonly string[];
}

/** The words below a verdict, by its best anchor: what each level rests on, and what none of them proves. */
export function describeLadder(anchor: Anchor, standing: Standing, options: LadderOptions): Ladder {
  const key = options.knowsLogKeys
    ? "the signature of the log key that was given"
    : "the signature of a key that the file itself names: compare it with the published one (--log-key)";
  if (!isIncluded(anchor)) {
    const place = anchor.kind === "local"
      ? "the clock and the ledger of whoever recorded: a local ledger is no chain"
      : "no anchor yet";
    return { restsOn: [key, place], notProven: [WHEN_NOBODY_KNOWS, ...ALWAYS] };
  }
  return {
    restsOn: [key, ...restsOnChain(anchor, standing)],
    notProven: [when(anchor, standing), ...whose(anchor, options), ...ALWAYS],
  };
}

function restsOnChain(anchor: IncludedAnchor, standing: Standing): readonly string[] {
  const { level, reach, confirmedBy, state, knowsTransaction } = standing;
  const { inclusion, chainId, contract } = anchor;
  const transaction = knowsTransaction
    ? []
    : [`the file's word for the transaction's hash, ${inclusion.transactionHash}`];
  const hashing = reach === "block" ? ["hashing alone, from the record to the hash of that block"] : [];
  const depth = level === "L1" && state === "confirmed"
    ? ["the file's word for how deep the block was: confirmed is the writer's policy"]
    : [];
  switch (level) {
    case "L2":
      return [
        ...hashing,
        `${confirmedBy.join(", ")}, which agree on that block, that it is final, and the contract's code`,
        ...transaction,
      ];
    case "L1":
      return [
        ...hashing,
        `the word of ${
          confirmedBy.join(", ")
        } for the block being on ${chainId}, and for the contract's code`,
        ...depth,
        ...transaction,
      ];
    default:
      return reach === "block"
        ? [
          `hashing alone, from the record to block hash ${inclusion.blockHash}`,
          `the file's word that this is block ${inclusion.blockNumber} of ${chainId}, and that the contract ${contract} is ours: ask with --rpc, or look the hash up elsewhere`,
          ...transaction,
        ]
        : [
          `the file's word for the anchor, its block and its time on ${chainId}: ask with --rpc`,
        ];
  }
}

function when({ inclusion }: IncludedAnchor, { level, reach }: Standing): string {
  const time = isoTime(inclusion.blockTime);
  const by = level === "L1" || level === "L2"
    ? `when it happened: only that the record existed by ${time}, the time of the block`
    : reach === "block"
    ? `when it happened: only that the record existed by ${time}, if that block is on the chain`
    : `when it happened: ${time} is the file's word`;
  return `${by}; recordedAt is the recorder's clock`;
}

function whose({ submitter, contract }: IncludedAnchor, options: LadderOptions): readonly string[] {
  return [
    ...(options.submitter === undefined
      ? [`whose account ${submitter} is: compare it with the published one (--submitter)`]
      : []),
    // A foreign constructor can return our runtime code after it planted heads and emitted events (docs/security.md).
    ...(options.contract === undefined
      ? [
        `what contract ${contract} began with: a code hash does not show it, and who deployed it could have planted anchors of any account: compare the address with the published one (--contract)`,
      ]
      : []),
  ];
}

const WHEN_NOBODY_KNOWS = "when it happened: no block shows it, and recordedAt is the recorder's clock";

const ALWAYS: readonly string[] = [
  "order: the log has the record at this place, before all that come after it; not that things happened in that order",
  "completeness: other records may say otherwise, and what was never recorded leaves no trace",
  "that the training was honest: only that these bytes were recorded",
];
