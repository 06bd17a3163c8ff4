import { rowHashers } from "../core/merkle/fastest_row_hasher.ts";
import { TILE_WIDTH } from "./tile_path.ts";

/** A tile above level 0, as its leaves give it. */
export interface DerivedTile {
  readonly level: number;
  readonly index: number;
  /** 32 bytes each, 1 to 256 of them. */
  readonly hashes: Uint8Array;
}

/** Computes a log's tiles from its leaves, in memory for one tile a level. */
export interface TileDeriver {
  /** Takes the next 256 leaf hashes, end to end; answers with the tiles above that are full now. */
  push(leafHashes: Uint8Array): readonly DerivedTile[];
  /** The tiles above level 0 that are not full. */
  edges(): readonly DerivedTile[];
}

const HASH_BYTES = 32;
const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

export function createTileDeriver(): TileDeriver {
  const levels: { index: number; count: number; readonly hashes: Uint8Array }[] = [];
  const scratch = new Uint8Array(TILE_BYTES);

  function rootOf(tile: Uint8Array): Uint8Array {
    scratch.set(tile);
    const hasher = rowHashers.forLeaves(TILE_WIDTH);
    for (let count = TILE_WIDTH / 2; count >= 1; count /= 2) hasher.hashPairs(scratch, 0, 0, count);
    return scratch.slice(0, HASH_BYTES);
  }

  return {
    push(leafHashes) {
      const full: DerivedTile[] = [];
      let below = leafHashes;
      for (let level = 1;; level++) {
        const tile = levels[level - 1] ??= { index: 0, count: 0, hashes: new Uint8Array(TILE_BYTES) };
        tile.hashes.set(rootOf(below), tile.count * HASH_BYTES);
        if (++tile.count < TILE_WIDTH) return full;
        below = tile.hashes.slice();
        full.push({ level, index: tile.index, hashes: below });
        tile.index++;
        tile.count = 0;
      }
    },
    edges: () =>
      levels.flatMap(({ index, count, hashes }, i) =>
        count === 0 ? [] : [{ level: i + 1, index, hashes: hashes.slice(0, count * HASH_BYTES) }]
      ),
  };
}
