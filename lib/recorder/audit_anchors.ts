import type { EvmAnchorFacts } from "../chain/chain_client.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { LogHead } from "../core/log_head.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import { verifyReceiptProof } from "../verify/verify_receipt_proof.ts";
import { type Anchor, decodeAnchor } from "./anchor_line.ts";
import type { AuditContext } from "./audit_context.ts";
import { auditNote } from "./audit_note.ts";

/** What an audit keeps of an anchor: a few hundred bytes, without its note and its receipt. */
export interface AuditedAnchor extends LogHead {
  readonly where: string;
  readonly chainId: string;
  readonly submitter: string;
  readonly state: string;
  /** Of one in a contract. */
  readonly evm?: {
    /** Lowercase. */
    readonly contract: string;
    readonly codeHash: string;
    readonly transactionHash?: string;
    readonly blockNumber?: bigint;
    readonly blockHash?: string;
    /** Unix seconds. */
    readonly blockTime?: number;
  };
  /** Of one in the local ledger. */
  readonly local?: { readonly transactionId: string; readonly line: bigint; readonly timestamp: number };
}

export interface AuditAnchorsOptions {
  readonly path: string;
  /** Lines behind this offset are not looked at. */
  readonly end: number;
}

const FILE = "anchors.jsonl";

/** Checks every line of the anchor store by itself; answers with what is known of each anchor last, in the order of the lines. */
export async function auditAnchors(
  { path, end }: AuditAnchorsOptions,
  context: AuditContext,
): Promise<readonly AuditedAnchor[]> {
  const { files, findings, signal } = context;
  const anchors = new Map<string, AuditedAnchor>();
  const intern = createIntern();
  let lastSigned: string | undefined;
  for await (const { line, value, problem } of scanJsonLines(path, { files, end })) {
    signal?.throwIfAborted();
    const where = `${FILE}, line ${line}`;
    const anchor = problem === undefined ? read(value, where) : undefined;
    if (anchor === undefined) {
      findings.add("anchor-line-damaged", where, problem ?? "it is not an anchor");
      continue;
    }
    // The lines of one anchor, as it becomes deeper, have the same note.
    const signed = `${anchor.size} ${toHex(anchor.root)}\n${anchor.note}`;
    if (signed !== lastSigned) {
      await auditNote(anchor.note, context, { head: anchor, where, code: "anchor-line-damaged" });
    }
    lastSigned = signed;
    checkReceipt(anchor, where, context);
    const key = keyOf(anchor);
    const before = anchors.get(key);
    if (before !== undefined && !equalBytes(before.root, anchor.root)) {
      findings.add(
        "anchor-conflict",
        where,
        `size ${anchor.size}: root ${toHex(anchor.root)}, in ${before.where} ${toHex(before.root)}`,
      );
    }
    anchors.set(key, toAudited(anchor, where, intern));
  }
  return [...anchors.values()];
}

function read(value: unknown, where: string): Anchor | undefined {
  try {
    return decodeAnchor(value, where);
  } catch (error) {
    if (error instanceof PotError) return undefined;
    throw error;
  }
}

/** As the anchor store tells anchors apart. */
function keyOf({ size, facts }: Anchor): string {
  const contract = facts.kind === "evm" ? facts.contract.toLowerCase() : "";
  return `${facts.kind} ${facts.chainId} ${contract} ${size}`;
}

function checkReceipt({ size, root, facts }: Anchor, where: string, { findings }: AuditContext): void {
  if (facts.kind !== "evm" || facts.inclusion === undefined) return;
  const { contract, submitter, inclusion } = facts;
  const { receiptProof } = inclusion;
  if (receiptProof === undefined || receiptProof === "unavailable") return;
  const verdict = verifyReceiptProof(receiptProof, { contract, submitter, size, root, inclusion });
  if (!verdict.ok) {
    findings.add("receipt-proof-invalid", where, `size ${size}, ${verdict.step}: ${verdict.reason}`);
  }
}

function toAudited(
  { size, root, facts }: Anchor,
  where: string,
  intern: (text: string) => string,
): AuditedAnchor {
  const common = {
    size,
    root,
    where,
    chainId: intern(facts.chainId),
    submitter: intern(facts.submitter),
    state: intern(facts.state),
  };
  if (facts.kind === "evm") return { ...common, evm: toPlace(facts, intern) };
  const { transactionId, blockNumber, timestamp } = facts;
  return { ...common, local: { transactionId, line: blockNumber, timestamp } };
}

function toPlace({ contract, codeHash, inclusion }: EvmAnchorFacts, intern: (text: string) => string) {
  const place = { contract: intern(contract.toLowerCase()), codeHash: intern(codeHash) };
  if (inclusion === undefined) return place;
  const { transactionHash, blockNumber, blockHash, blockTime } = inclusion;
  return { ...place, transactionHash, blockNumber, blockHash, blockTime };
}

/** One copy of each text: every line has its own of the same few. */
function createIntern(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
}

/** When and where an anchor was made, in words. */
export function anchoredWhere({ evm, local, chainId }: AuditedAnchor): string {
  const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
  if (local !== undefined) return `at ${at(local.timestamp)} in the local ledger, line ${local.line}`;
  if (evm?.blockTime === undefined) return `on ${chainId}, in no block yet`;
  return `at ${at(evm.blockTime)} on ${chainId}, transaction ${evm.transactionHash}`;
}
