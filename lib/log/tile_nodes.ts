import { nodeHash } from "../core/merkle/node_hash.ts";
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
  const lowest: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) lowest.push(hashes.slice(at, at + HASH_BYTES));
  const levels = [lowest];
  for (let level = lowest, height = 0; height < TILE_HEIGHT && level.length > 1; height++) {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!));
    levels.push(above);
    level = above;
  }
  return { width: lowest.length, at: (height, index) => levels[height]?.[index] };
}
