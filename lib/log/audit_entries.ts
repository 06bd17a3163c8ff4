import { equalBytes } from "../core/equal_bytes.ts";
import { fromHex, toHex } from "../core/hex.ts";
import type { FindingCollector } from "./audit_findings.ts";
import { compareLeaves, hashAt as at } from "./audit_leaves.ts";
import { type CommittedHead, createHeadChecker, type HeadOutcome } from "./audit_heads.ts";
import { type AuditedRecord, readAuditedRecord } from "./audit_record.ts";
import { createRunTracker, type RunTracker } from "./audit_runs.ts";
import type { AuditSource, DerivedRecord, StoredBatch, StoredTile } from "./audit_source.ts";
import { createTileDeriver, type DerivedTile } from "./derive_tiles.ts";
import { TILE_WIDTH } from "./tile_path.ts";

export interface AuditEntriesOptions {
  readonly findings: FindingCollector;
  /** What the roots are compared with. */
  readonly heads: Iterable<CommittedHead>;
  /** Told of each document that a record names. @default nothing */
  readonly onDocument?: (digest: string, position: number) => void;
  /** Waited for between two batches. @default nothing */
  readonly onBatch?: () => Promise<void>;
  /** Called now and then with the number of entries done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What the entries came to. */
export interface AuditedEntries {
  readonly size: number;
  /** Over all of them, 32 bytes. */
  readonly root: Uint8Array;
  /** Tiles and bundles that were compared. */
  readonly tileCount: number;
  readonly outcomes: ReadonlyMap<CommittedHead, HeadOutcome>;
}

const HASH_BYTES = 32;

/**
 * Reads every entry of a stored log once, derives from it what the log derived (leaf hashes, tiles, roots, event keys,
 * runs), and compares. Memory holds one batch, a tile a level and the heads, however long the log is.
 */
export async function auditEntries(
  source: AuditSource,
  { findings, heads, onDocument, onBatch, onProgress, signal }: AuditEntriesOptions,
): Promise<AuditedEntries> {
  using runs = createRunTracker();
  const checker = createHeadChecker(heads);
  // From the entries, and from the stored leaf hashes: what only the latter give is no damage of its own.
  const derivers = [createTileDeriver(), createTileDeriver()] as const;
  let size = 0;
  let tileCount = 0;

  function reportHashes({ where, hashes }: StoredTile, expected: readonly [Uint8Array, Uint8Array]): void {
    compareHashes(hashes, expected, (slot) => {
      const detail = `${toHex(at(hashes, slot))}, by the records ${toHex(at(expected[0], slot))}`;
      findings.add("tile-differs", `${where}, hash ${slot}`, detail);
    });
  }

  async function compareTiles(
    derived: readonly DerivedTile[],
    stored: readonly DerivedTile[],
  ): Promise<void> {
    for (const [i, { level, index, hashes }] of derived.entries()) {
      const versions = await source.tileVersions({ level, index }, hashes.length / HASH_BYTES);
      for (const version of versions) reportHashes(version, [hashes, stored[i]!.hashes]);
      tileCount++;
    }
  }

  for await (const batch of source.batches()) {
    signal?.throwIfAborted();
    const leaves = await compareLeaves(batch, { source, findings });
    checker.push(leaves.derived, leaves.stored);
    const records = batch.entries.map((bytes, slot) =>
      followRecord(batch, slot, {
        bytes,
        id: at(leaves.derived, slot),
        link: at(leaves.stored, slot),
        runs,
        findings,
        onDocument,
      })
    );
    source.compareIndex(batch, records);

    const { publishedCount } = batch;
    if (publishedCount > 0) {
      const published = leaves.stored.subarray(0, publishedCount * HASH_BYTES);
      for (const tile of batch.otherTiles) reportHashes(tile, [leaves.derived, leaves.stored]);
      tileCount += 2;
      if (publishedCount === TILE_WIDTH) {
        const derived = derivers[0].push(leaves.derived);
        await compareTiles(derived, derivers[1].push(published));
      }
    }
    await onBatch?.();
    size += batch.entries.length;
    onProgress?.(size);
  }
  const edges = derivers[0].edges();
  await compareTiles(edges, derivers[1].edges());
  await source.finish(size);
  return { size, root: checker.root(), tileCount, outcomes: checker.outcomes() };
}

interface Following {
  readonly bytes: Uint8Array | undefined;
  /** By its bytes. */
  readonly id: Uint8Array;
  /** What the run's next record names. */
  readonly link: Uint8Array;
  readonly runs: RunTracker;
  readonly findings: FindingCollector;
  readonly onDocument: AuditEntriesOptions["onDocument"];
}

function followRecord(
  { first, where, indexed }: StoredBatch,
  slot: number,
  { bytes, id, link, runs, findings, onDocument }: Following,
): DerivedRecord | undefined {
  const position = first + slot;
  const read = bytes && readAuditedRecord(bytes);
  if (read !== undefined && "problem" in read) {
    findings.add("record-invalid", `${where(slot)}, leaf ${position}`, read.problem);
  }
  const record: AuditedRecord | undefined = read === undefined || "problem" in read ? undefined : read;
  // The chain of a run goes on behind a record that cannot be read.
  const runId = record?.runId ?? indexed(slot)?.runId;
  const before = runId === undefined ? undefined : runs.follow(runId, link);
  if (record === undefined) return undefined;
  comparePrevious(record, before, `${where(slot)}, leaf ${position}`, findings);
  for (const digest of record.documents) onDocument?.(digest, position);
  return { id, eventKey: record.eventKey, runId: record.runId };
}

function comparePrevious(
  { runId, previous }: AuditedRecord,
  before: Uint8Array | undefined,
  where: string,
  findings: FindingCollector,
): void {
  const named = previous === undefined ? undefined : fromHex(previous, 32)!;
  if (before === undefined ? named === undefined : named !== undefined && equalBytes(named, before)) return;
  findings.add(
    "previous-differs",
    where,
    `it names ${previous ?? "no record"} before it, the log has ${
      before === undefined ? "none" : toHex(before)
    } of run ${runId}`,
  );
}

/** Names the hashes of a tile that none of the others has in its place; a shorter tile is compared as far as it goes. */
function compareHashes(
  tile: Uint8Array,
  others: readonly Uint8Array[],
  onDifference: (slot: number) => void,
): void {
  const length = Math.min(tile.length, others[0]!.length);
  if (others.some((other) => equalBytes(tile.subarray(0, length), other.subarray(0, length)))) return;
  for (let slot = 0; slot < length / HASH_BYTES; slot++) {
    if (!others.some((other) => equalBytes(at(tile, slot), at(other, slot)))) onDifference(slot);
  }
}
