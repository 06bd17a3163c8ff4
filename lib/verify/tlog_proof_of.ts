import { parseCheckpointNote } from "../core/checkpoint_note.ts";
import { UsageError } from "../core/errors.ts";
import type { Proof, ProofAnchor } from "./proof.ts";
import type { TlogProof } from "./tlog_proof.ts";

/** Which checkpoint to take, and what to send along. */
export interface TlogProofOfOptions {
  /** The anchor over that size. @default the one whose checkpoint has most signatures, of those the first */
  readonly size?: bigint;
  /** Send the record along as extra data. @default false */
  readonly hasRecord?: boolean;
}

/** A tlog-proof with what there is to say of its checkpoint. */
export interface ExportedTlogProof extends TlogProof {
  /** Leaves that the checkpoint covers. */
  readonly size: bigint;
  /** Names on its signature lines, the log's and those of witnesses. Nobody has verified them. */
  readonly signers: readonly string[];
}

/**
 * A proof as a C2SP tlog-proof: what a log can prove by itself. A tlog-proof holds one checkpoint, and none of what a chain says.
 *
 * @throws {UsageError} where the proof has no anchor, or none over that size
 * @throws {PotError} where a checkpoint in it is none
 */
export function tlogProofOf(
  { record, index, anchors }: Proof,
  { size, hasRecord = false }: TlogProofOfOptions = {},
): ExportedTlogProof {
  const candidates = anchors.filter((anchor) => size === undefined || anchor.size === size)
    .map((anchor) => ({ anchor, signatures: parseCheckpointNote(anchor.checkpoint).signatures }));
  const [best] = candidates.toSorted((a, b) => b.signatures.length - a.signatures.length);
  if (best === undefined) throw noAnchor(anchors, size);
  const { anchor, signatures } = best;
  return {
    index,
    path: anchor.path,
    checkpoint: anchor.checkpoint,
    ...(hasRecord ? { extra: record } : {}),
    size: anchor.size,
    signers: [...new Set(signatures.map(({ name }) => name))],
  };
}

function noAnchor(anchors: readonly ProofAnchor[], size: bigint | undefined): UsageError {
  return new UsageError(
    size === undefined
      ? "Cannot export the proof as it has no checkpoint"
      : "Cannot export the proof as it has no anchor over that size",
    {
      facts: size === undefined
        ? []
        : [`size: ${size}`, `it has: ${anchors.map((anchor) => anchor.size).join(", ")}`],
      hint: "write the proof again with: pot prove <id>",
    },
  );
}
