import { toHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import { requireHandOvers } from "../core/log_keys.ts";
import { consistencyPathFromNodes } from "../core/merkle/stored_tree.ts";
import { verifyConsistency } from "../core/merkle/verify_consistency.ts";
import type { CommittedHead, HeadOutcome } from "../log/audit_heads.ts";
import type { AuditSource } from "../log/audit_source.ts";
import { createTileNodes } from "../log/tile_nodes.ts";
import { createTileReader, type TileReader } from "../log/tile_reader.ts";
import { anchoredWhere, type AuditedAnchor } from "./audit_anchors.ts";
import type { AuditContext } from "./audit_context.ts";
import type { LedgerHead } from "./audit_ledger.ts";
import { auditNote } from "./audit_note.ts";

/** A head that was signed, and where. */
export interface SignedCommitment extends CommittedHead {
  readonly where: string;
}

/** Every checkpoint that a log keeps, its note checked. */
export async function readCheckpoints(
  source: Pick<AuditSource, "checkpoints">,
  context: AuditContext,
): Promise<readonly SignedCommitment[]> {
  const heads: SignedCommitment[] = [];
  for await (const { where, note, beside } of source.checkpoints()) {
    context.signal?.throwIfAborted();
    const options = { where, code: "checkpoint-damaged", maySignEarlier: true } as const;
    const head = await auditNote(
      note,
      context,
      beside === undefined ? options : { ...options, head: beside },
    );
    if (head !== undefined) heads.push({ ...head, where });
  }
  return heads;
}

/** The heads by which each key of the log handed over to the next, the hand-overs checked. */
export async function readHandOvers(context: AuditContext): Promise<readonly SignedCommitment[]> {
  const { keys = [], findings } = context;
  try {
    await requireHandOvers(keys);
  } catch (error) {
    findings.add("log-keys-damaged", "log-keys.jsonl", (error as Error).message);
    return [];
  }
  const heads: SignedCommitment[] = [];
  for (const [i, { handOver }] of keys.entries()) {
    if (handOver === undefined) continue;
    const where = `log-keys.jsonl, hand-over to key ${i + 1}`;
    const head = await auditNote(handOver, context, { where, code: "log-keys-damaged" });
    if (head !== undefined) heads.push({ ...head, where });
  }
  return heads;
}

type Outcomes = ReadonlyMap<CommittedHead, HeadOutcome>;

/** Reports every signed head that the records do not give. */
export function reportSigned(
  heads: readonly SignedCommitment[],
  outcomes: Outcomes,
  { findings }: AuditContext,
): void {
  for (const head of heads) {
    const problem = problemOf(head, outcomes);
    if (problem !== undefined) findings.add("checkpoint-differs", head.where, problem);
  }
}

/** Reports every head of the ledger that the records do not give. */
export function reportLedger(
  heads: readonly LedgerHead[],
  outcomes: Outcomes,
  { findings }: AuditContext,
): void {
  for (const head of heads) {
    const problem = problemOf(head, outcomes);
    if (problem !== undefined) findings.add("ledger-differs", head.where, problem);
  }
}

function problemOf(head: LogHead, outcomes: Outcomes): string | undefined {
  const outcome = outcomes.get(head);
  if (outcome === undefined || outcome.kind === "holds") return undefined;
  return outcome.kind === "beyond"
    ? `it covers ${head.size} records, the log has ${outcome.size}`
    : `size ${head.size}: it has root ${toHex(head.root)}, the records give ${toHex(outcome.derived)}`;
}

/** Reports every anchor that the records do not give, and between which sizes history was rewritten. */
export function reportAnchors(
  anchors: readonly AuditedAnchor[],
  outcomes: Outcomes,
  { findings }: AuditContext,
): void {
  let lastGood = 0n;
  for (const anchor of bySize(anchors)) {
    const { size, root, where } = anchor;
    const outcome = outcomes.get(anchor);
    if (outcome?.kind === "holds") lastGood = size > lastGood ? size : lastGood;
    if (outcome?.kind === "beyond") {
      findings.add(
        "anchor-beyond-log",
        where,
        `size ${size} was anchored ${anchoredWhere(anchor)}; the log has ${outcome.size} records`,
      );
    }
    if (outcome?.kind !== "differs") continue;
    findings.add(
      "anchor-differs",
      where,
      `history before leaf ${size} was rewritten after it was anchored ${anchoredWhere(anchor)}: root ${
        toHex(root)
      }, the records give ${toHex(outcome.derived)}${
        lastGood === 0n ? "" : `; the first ${lastGood} records are as they were anchored`
      }`,
    );
  }
}

/**
 * Proves from the stored tiles that each anchor extends the one before it, as the log would prove it to a stranger; answers
 * with how many proofs held. That both roots follow from the same records, which was checked before, says more; but only
 * these proofs can be handed out.
 */
export async function proveConsistency(
  anchors: readonly AuditedAnchor[],
  { source, outcomes }: { readonly source: AuditSource; readonly outcomes: Outcomes },
  { findings, signal }: AuditContext,
): Promise<number> {
  const nodeReader = createStoredTiles(source).nodeReader(source.publishedSize);
  // What the records contradict is told already, and has no proof.
  const sound = bySize(anchors).filter((anchor) =>
    outcomes.get(anchor)?.kind === "holds" && anchor.size <= BigInt(source.publishedSize)
  );
  let proofCount = 0;
  for (const [i, anchor] of sound.entries()) {
    signal?.throwIfAborted();
    const before = sound[i - 1];
    if (before === undefined || before.size === anchor.size) continue;
    const claim = { oldSize: before.size, oldRoot: before.root, newSize: anchor.size, newRoot: anchor.root };
    const path = await consistencyPathFromNodes(before.size, anchor.size, nodeReader).catch(() => undefined);
    if (path !== undefined && verifyConsistency({ ...claim, path })) proofCount++;
    else {
      const detail = path === undefined ? "a tile that it takes cannot be read" : "its proof does not hold";
      findings.add("anchors-inconsistent", `sizes ${before.size} and ${anchor.size}`, detail);
    }
  }
  return proofCount;
}

/** The tiles of a stored log, a few of them at hand. */
export function createStoredTiles(source: Pick<AuditSource, "readTile">): TileReader {
  return createTileReader(async (level, index, width) => {
    const hashes = await source.readTile({ level, index }, width);
    if (hashes === undefined) throw new RangeError(`No tile ${index} at level ${level}`);
    return createTileNodes(hashes);
  });
}

function bySize(anchors: readonly AuditedAnchor[]): readonly AuditedAnchor[] {
  return [...anchors].sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0));
}
