import { checkHeadNote, type NoteTrust } from "./check_head_note.ts";
import type { IncludedAnchor } from "./check_evm_anchors.ts";
import type { Anchor } from "./proof.ts";
import type { Check, Reach } from "./verdict.ts";
import { verifyReceiptProof } from "./verify_receipt_proof.ts";

/** What an anchor shows by itself. */
export interface AnchorFindings {
  readonly checks: readonly Check[];
  /** `none` where it contradicts itself. */
  readonly reach: Reach;
}

/** Whether that anchor says where it stands on its chain. */
export function isIncluded(anchor: Anchor): anchor is IncludedAnchor {
  return anchor.kind === "evm" && anchor.inclusion !== undefined;
}

/**
 * L0 of one anchor, whatever records it covers: the head is signed, and where the receipt was captured, the event leads to the
 * hash of its block.
 */
export async function checkAnchor(anchor: Anchor, trust: NoteTrust): Promise<AnchorFindings> {
  const note = await checkHeadNote(anchor, trust);
  const placed = isPlaced(anchor) ? [] : [misplaced(anchor)];
  const receipt = isIncluded(anchor) ? checkReceipt(anchor) : [];
  const checks = [note, ...placed, ...receipt];
  const isBroken = checks.some(({ outcome }) => outcome === "fail");
  const isInBlock = receipt.some(({ outcome }) => outcome === "pass");
  return { checks, reach: isBroken ? "none" : isInBlock ? "block" : "checkpoint" };
}

function isPlaced(anchor: Anchor): boolean {
  return anchor.kind === "local" || (anchor.state === "pending") === (anchor.inclusion === undefined);
}

function misplaced(anchor: Anchor): Check {
  const where = isIncluded(anchor) ? "where" : "not where";
  return { name: "anchor", outcome: "fail", detail: `an anchor says ${anchor.state} but ${where}` };
}

function checkReceipt(anchor: IncludedAnchor): readonly Check[] {
  const { inclusion } = anchor;
  const { receiptProof, blockNumber, transactionIndex } = inclusion;
  if (receiptProof === undefined) return [];
  if (receiptProof === "unavailable") {
    return [{ name: "receipt", outcome: "skipped", detail: "receipt proof unavailable on this chain" }];
  }
  const verdict = verifyReceiptProof(receiptProof, anchor);
  if (!verdict.ok) return [{ name: verdict.step, outcome: "fail", detail: verdict.reason }];
  const nodes = receiptProof.path.length;
  const details = [
    [
      "event",
      `${anchor.submitter} anchored size ${anchor.size} and this root: event ${inclusion.logIndex} of the receipt`,
    ],
    [
      "receipt",
      `it is receipt ${transactionIndex} under the header's receipts root (${nodes} ${
        nodes === 1 ? "node" : "nodes"
      })`,
    ],
    [
      "header",
      `the header is that of block ${blockNumber} of ${
        isoTime(inclusion.blockTime)
      }: it hashes to ${inclusion.blockHash}`,
    ],
  ] as const;
  return details.map(([name, detail]) => ({ name, outcome: "pass", detail }));
}

/** A second as text; one that no date can show as its number. */
export function isoTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1_000);
  return Number.isNaN(date.getTime()) ? `Unix second ${unixSeconds}` : date.toISOString();
}
