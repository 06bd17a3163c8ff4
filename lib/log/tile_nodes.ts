import { rowHashers } from "../core/merkle/fastest_row_hasher.ts";
import { TILE_HEIGHT } from "./tile_path.ts";

const HASH_BYTES = 32;

/** A tile's hashes, and those of the complete subtrees above them inside the tile. */
export interface TileNodes {
  /** Number of hashes at the tile's lowest level. */
  readonly width: number;
  /** Hash of the `index`th complete subtree over 2^height of the tile's hashes; `undefined` where there is none. */
  at(height: number, index: number): Uint8Array | undefined;
}

/** Computes the inner nodes of a tile once, as a proof asks for many of them. `hashes` is a multiple of 32 bytes. */
export function createTileNodes(hashes: Uint8Array): TileNodes {
  const width = hashes.length / HASH_BYTES;
  const hasher = rowHashers.forLeaves(width);
  const rows = [hashes.slice()];
  for (let height = 1; height <= TILE_HEIGHT && width >> height > 0; height++) {
    const count = width >> height;
    const row = rows[height - 1]!.slice(0, 2 * count * HASH_BYTES);
    hasher.hashPairs(row, 0, 0, count);
    rows.push(row.slice(0, count * HASH_BYTES));
  }
  return {
    width,
    at(height, index) {
      const hash = rows[height]?.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
      return hash?.length === HASH_BYTES ? hash : undefined;
    },
  };
}
