import { join } from "node:path";
import { toHex } from "../core/hex.ts";
import type { LogKey } from "../core/log_keys.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { AuditArea } from "../log/audit_codes.ts";
import { auditEntries } from "../log/audit_entries.ts";
import { type AuditFindings, createFindingCollector, type FindingCollector } from "../log/audit_findings.ts";
import type { AuditSource } from "../log/audit_source.ts";
import { TILE_WIDTH } from "../log/tile_path.ts";
import type { TileReader } from "../log/tile_reader.ts";
import { auditAccess } from "./audit_access.ts";
import { auditAnchors, type AuditedAnchor } from "./audit_anchors.ts";
import type { AuditedChain } from "./audit_chain.ts";
import {
  createStoredTiles,
  proveConsistency,
  readCheckpoints,
  readHandOvers,
  reportAnchors,
  reportLedger,
  reportSigned,
} from "./audit_commitments.ts";
import type { AuditContext } from "./audit_context.ts";
import { createDocumentAudit } from "./audit_documents.ts";
import { type AuditedLedger, auditLedger } from "./audit_ledger.ts";
import { auditStored } from "./audit_stored.ts";

/** What to audit. */
export interface AuditLogOptions {
  /** The home folder: anchors, ledger, stored hashes, manifests. */
  readonly home: string;
  readonly files: FileLayer;
  /** The log's name, which every checkpoint must bear. */
  readonly origin: string;
  /** Who may sign for the log, oldest first; `undefined`: signatures are not checked, which is told. */
  readonly keys: () => Promise<readonly LogKey[] | undefined>;
  /** Opens the log as it is at that moment, and lets go of it when `work` is done. */
  readonly withSource: WithAuditSource;
  /** The chain to ask. @default none: what is here is held against itself alone */
  readonly chain?: AuditedChain | undefined;
  /** What is audited is a copy of an earlier moment: that the contract has more by now is no mismatch. @default false */
  readonly isOlderCopy?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
  readonly signal?: AbortSignal;
}

/** Opens a stored log for an audit. */
export type WithAuditSource = <T>(
  to: { readonly findings: FindingCollector; readonly notes: string[] },
  work: (source: AuditSource) => Promise<T>,
) => Promise<T>;

/** How far an audit is. */
export interface AuditProgress {
  /** In words, such as `reading anchors`. */
  readonly doing: string;
  readonly done: number;
  /** 0 where nobody knows. */
  readonly total: number;
}

/** What one part of an audit came to. */
export interface AuditedArea {
  readonly area: AuditArea;
  readonly outcome: "ok" | "mismatch" | "unknown" | "skipped";
  /** What was looked at, in words. */
  readonly detail: string;
}

/** What an audit came to. */
export interface AuditReport {
  /** `clean`, or `mismatch` where anything contradicts anything else; `unknown` where somebody did not answer. */
  readonly outcome: "clean" | "mismatch" | "unknown";
  readonly origin: string;
  /** Records. */
  readonly size: number;
  /** What the entries give: 64 hex characters. */
  readonly root: string;
  /** The block at which the contract was asked. */
  readonly block?: { readonly chainId: string; readonly number: bigint; readonly hash: string };
  readonly areas: readonly AuditedArea[];
  readonly findings: readonly AuditFindings[];
  /** What could not be told. */
  readonly unknown: readonly string[];
  /** What is worth knowing and no mismatch. */
  readonly notes: readonly string[];
}

/**
 * Derives from its entries everything that a log derived, and compares: hashes, tiles, index, checkpoints and their
 * signatures, anchors and the proofs between them, ledger, stored hashes, kept documents, the access trail; and with a chain, what its
 * contracts hold, both ways. Writes nothing, and may run beside whatever appends: each file is looked at as it was at one
 * moment, in an order in which nothing can be known before it was there. Memory does not grow with the number of records.
 *
 * What is wrong is part of the answer.
 *
 * @throws {UsageError} where the chain is another one than configured, or `block` is not final
 */
export async function auditLog(options: AuditLogOptions): Promise<AuditReport> {
  const { home, files, origin, signal, onProgress = () => {} } = options;
  const findings = createFindingCollector();
  const common = {
    files,
    origin,
    findings,
    notes: [],
    unknown: [],
    isOlderCopy: options.isOlderCopy ?? false,
    ...(signal === undefined ? {} : { signal }),
  };
  const doing = (what: string, done = 0, total = 0) => onProgress({ doing: what, done, total });
  const endOf = async (path: string) => (await files.stat(path))?.sizeBytes ?? 0;

  // In this order, so that the log has whatever these tell of: it was published before it was anchored or stored.
  doing("asking the chain for a final block");
  const chain = options.chain && await startChain(options.chain, { ...common, keys: undefined });
  const anchorsPath = join(home, "anchors.jsonl");
  const storedPath = join(home, "stored.jsonl");
  const ledgerPath = join(home, "provenance_records.jsonl");
  const paths = {
    anchorsPath,
    anchorsEnd: await endOf(anchorsPath),
    storedPath,
    storedEnd: await endOf(storedPath),
  };
  const ledgerEnd = await endOf(ledgerPath);

  return await options.withSource(common, async (source) => {
    // After all that they signed.
    const context: AuditContext = { ...common, keys: await readKeys(options, findings) };
    if (context.keys === undefined) {
      context.notes.push("signatures were not checked, as no key of the log is here");
    }

    doing("reading the anchors");
    const anchors = await auditAnchors({ path: anchorsPath, end: paths.anchorsEnd }, context);
    doing("reading the local ledger");
    using ledger = await auditLedger({ path: ledgerPath, end: ledgerEnd }, context);
    compareWithLedger(anchors, ledger, context);
    doing("reading the stored hashes");
    const tiles = createStoredTiles(source);
    using stored = await auditStored({
      path: storedPath,
      end: paths.storedEnd,
      publishedSize: source.publishedSize,
      leafAt: (index) => leafAt(tiles, index, source.publishedSize),
      ledger,
    }, context);
    doing("reading the access trail");
    const trailCount = await auditAccess({ home, anchors }, context);
    doing("reading the contract");
    const chainAnchorCount = await chain?.readAnchors(anchors, stored.scopes) ?? 0;

    const checkpoints = [...await readCheckpoints(source, context), ...await readHandOvers(context)];
    const documents = createDocumentAudit(join(home, "manifests"), context);
    const entries = await auditEntries(source, {
      findings,
      heads: [...checkpoints, ...anchors, ...ledger.heads, ...chain?.heads() ?? []],
      onDocument: documents.name,
      onBatch: documents.flush,
      onProgress: (done) => doing("reading the records", done, source.expectedSize),
      ...(signal === undefined ? {} : { signal }),
    });
    reportSigned(checkpoints, entries.outcomes, context);
    reportAnchors(anchors, entries.outcomes, context);
    reportLedger(ledger.heads, entries.outcomes, context);
    doing("proving that each anchor extends the one before");
    const proofCount = await proveConsistency(anchors, { source, outcomes: entries.outcomes }, context);
    doing("hashing the kept documents");
    const documentCount = await documents.finish();
    doing("comparing with the contract");
    const hashCount = await chain?.compare({
      paths,
      noted: anchors,
      outcomes: entries.outcomes,
      stored,
      find: source.find,
    }) ?? 0;

    const looked: Readonly<Record<AuditArea, string | undefined>> = {
      entries: count(entries.size, "record"),
      "write-ahead": "every frame",
      tiles: count(entries.tileCount, "tile and bundle", "tiles and bundles"),
      index: "both ways",
      checkpoints: `${count(checkpoints.length, "note")}, ${count(context.keys?.length ?? 0, "key")}`,
      anchors: `${count(anchors.length, "anchor")}, ${count(proofCount, "consistency proof")}`,
      ledger: ledger.lineCount === 0 ? undefined : count(ledger.lineCount, "line"),
      "stored hashes": stored.count === 0 ? undefined : count(stored.count, "line"),
      manifests: documentCount === 0 ? undefined : count(documentCount, "document"),
      "access trail": trailCount === 0 ? undefined : count(trailCount, "line"),
      contract: chain &&
        `${count(chainAnchorCount, "anchor")} and ${
          count(hashCount, "stored hash", "stored hashes")
        } of ours, both ways`,
    };
    const list = findings.list();
    return {
      outcome: findings.count > 0 ? "mismatch" : context.unknown.length > 0 ? "unknown" : "clean",
      origin,
      size: entries.size,
      root: toHex(entries.root),
      ...(chain?.block === undefined ? {} : {
        block: { chainId: options.chain!.chainId, number: chain.block.number, hash: chain.block.hash },
      }),
      areas: areasOf(looked, list, context.unknown.length > 0),
      findings: list,
      unknown: context.unknown,
      notes: context.notes,
    };
  });
}

/** Loaded here, as what encodes for the EVM takes 20 MB that an offline audit can do without. */
async function startChain(chain: AuditedChain, context: AuditContext) {
  const { startChainAudit } = await import("./audit_chain.ts");
  return await startChainAudit(chain, context);
}

async function readKeys(
  { keys }: AuditLogOptions,
  findings: FindingCollector,
): Promise<readonly LogKey[] | undefined> {
  try {
    return await keys();
  } catch (error) {
    if (!(error instanceof CorruptFileError)) throw error;
    findings.add("log-keys-damaged", "log-keys.jsonl", error.facts.slice(1).join("; "));
    return undefined;
  }
}

/** An anchor in the ledger has a line there, which says the same. */
function compareWithLedger(
  anchors: readonly AuditedAnchor[],
  ledger: Pick<AuditedLedger, "find">,
  { origin, findings }: AuditContext,
): void {
  for (const { chainId, root, size, local, where } of anchors) {
    if (local === undefined || chainId !== `local:${origin}`) continue;
    const line = ledger.find(local.transactionId);
    if (line?.hash === toHex(root) && BigInt(line.line) === local.line) continue;
    const detail = line === undefined
      ? `it has no line ${local.transactionId}`
      : `line ${line.line} has ${line.hash}, noted is line ${local.line} with ${toHex(root)}`;
    findings.add("ledger-missing", where, `size ${size}: ${detail}`);
  }
}

async function leafAt(
  tiles: TileReader,
  index: number,
  publishedSize: number,
): Promise<Uint8Array | undefined> {
  const tile = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, publishedSize - tile * TILE_WIDTH);
  try {
    return (await tiles.readTile(0, tile, width)).at(0, index % TILE_WIDTH);
  } catch (error) {
    // It cannot be read, which is told where the entries are.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function areasOf(
  looked: Readonly<Record<AuditArea, string | undefined>>,
  findings: readonly AuditFindings[],
  isSilent: boolean,
): readonly AuditedArea[] {
  return (Object.keys(looked) as AuditArea[]).map((area) => {
    const detail = looked[area];
    const isWrong = findings.some((finding) => finding.area === area);
    const outcome = isWrong
      ? "mismatch"
      : area === "contract" && detail !== undefined && isSilent
      ? "unknown"
      : detail === undefined
      ? "skipped"
      : "ok";
    return { area, outcome, detail: detail ?? (area === "contract" ? "not asked" : "there is none") };
  });
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
