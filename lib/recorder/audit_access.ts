import { join } from "node:path";
import { TRAIL_FILE } from "../access/audit_trail.ts";
import { parseTrailHead, TRAIL_HEAD_FILE, type TrailHead, verifyTrailHead } from "../access/trail_head.ts";
import { hashTrailLine, NO_PREVIOUS, parseTrailLine, type TrailLine } from "../access/trail_line.ts";
import { count } from "../core/count.ts";
import { scanJsonLines } from "../io/scan_json_lines.ts";
import type { AuditedAnchor } from "./audit_anchors.ts";
import type { AuditContext } from "./audit_context.ts";

export interface AuditAccessOptions {
  readonly home: string;
  /** What is noted as anchored; read before this is called, as a line is written before what it allows. */
  readonly anchors: readonly AuditedAnchor[];
}

/** Clocks of hosts differ: what is in a ledger so soon after the first line may be older than it. */
const SKEW_MS = 10 * 60_000;
/** What was sent before there was a trail may wait for as long until a block takes it. */
const WAITED_MS = 24 * 3_600_000;

/** What is remembered of a trail while it is read. */
interface Seen {
  lines: number;
  firstAtMs: number | undefined;
  /** Of the head's line. */
  hashAtHead: string | undefined;
  /** Something was done that only a home with a log's key does. */
  hasLog: boolean;
  /** Subjects of all that was allowed to be anchored. */
  readonly anchored: Set<string>;
  /** When anchors were last read back from the contract, whoever had sent them. */
  rebuiltAtMs: number;
}

/**
 * Checks the audit trail: every line, its binding to the one before, how far the log's key signed, and that it tells of the
 * anchors. Answers with the number of lines; 0 for no trail.
 */
export async function auditAccess(
  { home, anchors }: AuditAccessOptions,
  context: AuditContext,
): Promise<number> {
  const { files, findings } = context;
  // Before the lines: it is signed after them.
  const headBytes = await files.read(join(home, TRAIL_HEAD_FILE));
  const head = headBytes === undefined ? undefined : await readHead(headBytes, context);
  const seen = await readLines(join(home, TRAIL_FILE), head, context);
  if (head !== undefined && head.sequence > seen.lines) {
    const detail = `the log's key signed for ${head.sequence} lines, there are ${seen.lines}`;
    findings.add("access-cut", TRAIL_FILE, detail);
  } else if (head !== undefined && seen.hashAtHead !== head.hash) {
    const detail = `it has hash ${seen.hashAtHead ?? "none"}, the log's key signed ${head.hash}`;
    findings.add("access-head-differs", `${TRAIL_FILE}, line ${head.sequence}`, detail);
  }
  if (headBytes === undefined && seen.hasLog && context.keys !== undefined) {
    findings.add("access-cut", TRAIL_HEAD_FILE, "it is gone, so nothing says how far the trail reached");
  }
  compareWithAnchors(anchors, seen, context);
  return seen.lines;
}

async function readHead(bytes: Uint8Array, { keys, findings }: AuditContext): Promise<TrailHead | undefined> {
  const head = parseTrailHead(bytes);
  const isSound = head !== undefined && (keys === undefined || await verifyTrailHead(head, keys));
  if (isSound) return head;
  const detail = head === undefined ? "it is no signed head" : "it is signed by no key of this log";
  findings.add("access-head-forged", TRAIL_HEAD_FILE, detail);
  return undefined;
}

async function readLines(path: string, head: TrailHead | undefined, context: AuditContext): Promise<Seen> {
  const { files, findings, signal } = context;
  const seen: Seen = {
    lines: 0,
    firstAtMs: undefined,
    hashAtHead: undefined,
    hasLog: false,
    anchored: new Set(),
    rebuiltAtMs: 0,
  };
  /** Unknown behind a line that cannot be read. */
  let previous: string | undefined = NO_PREVIOUS;
  for await (const { line: number, value, problem } of scanJsonLines(path, { files })) {
    signal?.throwIfAborted();
    seen.lines = number;
    const where = `${TRAIL_FILE}, line ${number}`;
    const line = problem === undefined ? parseTrailLine(value) : undefined;
    if (line === undefined) {
      findings.add("access-line-damaged", where, problem ?? "it is none of ours");
      previous = undefined;
      continue;
    }
    if (line.sequence !== number) {
      findings.add("access-order", where, `it says that it is line ${line.sequence}`);
    }
    if (previous !== undefined && line.previous !== previous) {
      findings.add(
        "access-chain-broken",
        where,
        `it names ${line.previous}, the line before has ${previous}`,
      );
    }
    previous = hashTrailLine(line);
    if (number === head?.sequence) seen.hashAtHead = previous;
    note(line, seen);
  }
  return seen;
}

function note({ at, verb, outcome, subject }: TrailLine, seen: Seen): void {
  seen.firstAtMs ??= Date.parse(at);
  if (outcome !== "allowed") return;
  seen.hasLog ||= verb === "home.init" || verb === "record.append" || verb === "anchor.send";
  if (verb === "anchor.send") seen.anchored.add(subject);
  if (verb === "log.rebuild") seen.rebuiltAtMs = Math.max(seen.rebuiltAtMs, Date.parse(at));
}

/**
 * What is on a chain cannot be taken back, so a trail that was cut and signed again lacks what came after the cut. What a rebuild brought
 * here may have been sent by another host, or before a backup was restored: that is said, and no finding.
 */
function compareWithAnchors(
  anchors: readonly AuditedAnchor[],
  seen: Seen,
  { findings, notes }: AuditContext,
): void {
  if (seen.firstAtMs === undefined) return;
  let rebuiltCount = 0;
  for (const { size, where, evm, local } of anchors) {
    const seconds = evm?.blockTime ?? local?.timestamp;
    const graceMs = evm === undefined ? SKEW_MS : WAITED_MS;
    if (seconds === undefined || seconds * 1_000 <= seen.firstAtMs + graceMs) continue;
    if (seen.anchored.has(`size ${size}`)) continue;
    const at = new Date(seconds * 1_000).toISOString();
    if (evm !== undefined && seconds * 1_000 <= seen.rebuiltAtMs) rebuiltCount++;
    else findings.add("access-anchor-untold", where, `size ${size}, anchored ${at}: no line allows it`);
  }
  if (rebuiltCount === 0) return;
  const by = `pot log rebuild of ${new Date(seen.rebuiltAtMs).toISOString()}`;
  notes.push(`${count(rebuiltCount, "anchor")} that no line of the access trail allows came with ${by}`);
}
