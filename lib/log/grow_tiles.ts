import { merkleRoot } from "../core/merkle/merkle_root.ts";
import { levelSize, TILE_WIDTH, type TileName } from "./tile_path.ts";
import type { TileReader } from "./tile_reader.ts";

/** Where tiles of hashes are read and written. */
export interface TileWriter extends Pick<TileReader, "readTile"> {
  /** Writes a tile of 1 to 256 hashes. */
  writeTile(level: number, index: number, hashes: readonly Uint8Array[]): Promise<void>;
}

/** Adds leaves to a log's tiles. */
export interface TileGrower {
  /** Adds the next leaf; writes the tiles that it fills. */
  push(leafHash: Uint8Array): Promise<void>;
  /** Writes the tiles that are not full, where they grew. */
  finish(): Promise<void>;
}

export interface GrowTilesOptions {
  /** Number of leaves whose tiles are there. */
  readonly from: number;
  /** Called after a tile that is full now was written. */
  readonly onFull?: (name: TileName) => void;
}

/** A level's last tile, which still grows. */
interface GrowingTile {
  readonly index: number;
  readonly hashes: Uint8Array[];
  isDirty: boolean;
}

/** Reads and writes what is new, at most one tile a level besides, however long the log is. */
export async function growTiles(
  store: TileWriter,
  { from, onFull = () => {} }: GrowTilesOptions,
): Promise<TileGrower> {
  const levels: GrowingTile[] = [];
  for (let level = 0; levelSize(from, level) > 0; level++) levels.push(await loadEdge(store, level, from));

  async function push(level: number, hash: Uint8Array): Promise<void> {
    const tile = levels[level] ??= { index: 0, hashes: [], isDirty: false };
    tile.hashes.push(hash);
    tile.isDirty = true;
    if (tile.hashes.length < TILE_WIDTH) return;
    await store.writeTile(level, tile.index, tile.hashes);
    onFull({ level, index: tile.index });
    const above = merkleRoot(tile.hashes);
    levels[level] = { index: tile.index + 1, hashes: [], isDirty: false };
    await push(level + 1, above);
  }

  return {
    push: (leafHash) => push(0, leafHash),
    async finish() {
      for (const [level, tile] of levels.entries()) {
        if (tile.isDirty) await store.writeTile(level, tile.index, tile.hashes);
        tile.isDirty = false;
      }
    },
  };
}

async function loadEdge(
  store: Pick<TileReader, "readTile">,
  level: number,
  size: number,
): Promise<GrowingTile> {
  const count = levelSize(size, level);
  const index = Math.floor(count / TILE_WIDTH);
  const width = count % TILE_WIDTH;
  if (width === 0) return { index, hashes: [], isDirty: false };
  const nodes = await store.readTile(level, index, width);
  return { index, hashes: Array.from({ length: width }, (_, i) => nodes.at(0, i)!), isDirty: false };
}
