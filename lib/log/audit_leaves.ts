import { equalBytes } from "../core/equal_bytes.ts";
import { toHex } from "../core/hex.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { merkleRoot } from "../core/merkle/merkle_root.ts";
import type { FindingCollector } from "./audit_findings.ts";
import type { AuditSource, StoredBatch } from "./audit_source.ts";
import { diffLeaves } from "./diff_leaves.ts";
import { levelSize, TILE_WIDTH } from "./tile_path.ts";

/** The leaf hashes of a batch, end to end. */
export interface AuditedLeaves {
  /** By the entries; where one is gone, as stored. */
  readonly derived: Uint8Array;
  /** As stored; where that cannot be read or is what is wrong, by the entries. */
  readonly stored: Uint8Array;
}

export interface CompareLeavesOptions {
  readonly source: Pick<AuditSource, "publishedSize" | "readTile">;
  readonly findings: FindingCollector;
}

const HASH_BYTES = 32;

/**
 * Hashes the entries of a batch, compares with the leaf hashes that are stored, and names what was done to which of the
 * two. A third witness decides: the hash over the whole tile one level up, else the index.
 */
export async function compareLeaves(
  batch: StoredBatch,
  { source, findings }: CompareLeavesOptions,
): Promise<AuditedLeaves> {
  const { first, entries, publishedCount, leafHashes, indexed, where } = batch;
  const derived = new Uint8Array(entries.length * HASH_BYTES);
  const stored = new Uint8Array(entries.length * HASH_BYTES);
  for (const [slot, bytes] of entries.entries()) {
    const kept = slot < publishedCount && leafHashes !== undefined ? hashAt(leafHashes, slot) : undefined;
    // What was not published yet has no other hash than the index's.
    const witness = kept ?? indexed(slot)?.id;
    // Not by node:crypto, which is faster and holds a hundred megabytes until somebody collects them (measured).
    const own = bytes && leafHash(bytes);
    const offset = slot * HASH_BYTES;
    derived.set(own ?? witness ?? new Uint8Array(HASH_BYTES), offset);
    stored.set(witness ?? own ?? new Uint8Array(HASH_BYTES), offset);
  }
  if (equalBytes(derived, stored)) return { derived, stored };

  const hexOf = (hashes: Uint8Array) => entries.map((_, slot) => toHex(hashAt(hashes, slot)));
  const [expected, found] = [hexOf(stored), hexOf(derived)];
  const above = leafHashes && await hashAbove(batch, source);
  const isTileWrong = (slot: number) =>
    slot < publishedCount && leafHashes !== undefined &&
    (isRootOf(above, derived) || (!isRootOf(above, stored) && isSame(indexed(slot)?.id, derived, slot)));
  // Decided before anything is mended.
  const wrongTiles = new Set(
    entries.keys().filter((slot) => expected[slot] !== found[slot] && isTileWrong(slot)),
  );
  for (const change of diffLeaves(expected, found).changes) {
    const { slot } = change;
    const leaf = first + slot;
    const slots = change.kind === "swapped" ? [slot, change.other] : [slot];
    if (wrongTiles.has(slot)) {
      for (const wrong of slots) {
        findings.add(
          "tile-differs",
          `leaf ${first + wrong}`,
          `the tile of level 0 has ${expected[wrong]}, the record gives ${found[wrong]}`,
        );
        // So that no tile above is measured by it.
        stored.set(hashAt(derived, wrong), wrong * HASH_BYTES);
      }
    } else if (change.kind === "swapped") {
      findings.add(
        "entries-swapped",
        `${where(slot)}, leaves ${leaf} and ${first + change.other}`,
        "each of the two records stands in the other's place",
      );
    } else {
      findings.add(
        "entry-altered",
        `${where(slot)}, leaf ${leaf}`,
        `the record hashes to ${found[slot]}, recorded was ${expected[slot]}`,
      );
    }
  }
  return { derived, stored };
}

/** The stored hash over all leaves of a full batch. */
async function hashAbove(
  { first, publishedCount }: StoredBatch,
  source: CompareLeavesOptions["source"],
): Promise<Uint8Array | undefined> {
  if (publishedCount < TILE_WIDTH) return undefined;
  const place = first / TILE_WIDTH;
  const index = Math.floor(place / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, levelSize(source.publishedSize, 1) - index * TILE_WIDTH);
  const tile = await source.readTile({ level: 1, index }, width);
  return tile && hashAt(tile, place % TILE_WIDTH);
}

function isRootOf(above: Uint8Array | undefined, leaves: Uint8Array): boolean {
  if (above === undefined) return false;
  const list = Array.from({ length: TILE_WIDTH }, (_, slot) => hashAt(leaves, slot));
  return equalBytes(merkleRoot(list), above);
}

function isSame(hash: Uint8Array | undefined, hashes: Uint8Array, slot: number): boolean {
  return hash !== undefined && equalBytes(hash, hashAt(hashes, slot));
}

/** The hash in that slot of a row of hashes. */
export function hashAt(hashes: Uint8Array, slot: number): Uint8Array {
  return hashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
}
