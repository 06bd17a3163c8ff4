import type { NodeReader } from "../core/merkle/stored_tree.ts";
import type { TileNodes } from "./tile_nodes.ts";
import { levelSize, TILE_HEIGHT, TILE_WIDTH, tilePath } from "./tile_path.ts";

/** About 25 kB each with their inner nodes. */
const CACHED_TILES = 64;

/** Loads a tile's first `width` hashes and the nodes above them; rejects when they are not there. */
export type LoadTile = (level: number, index: number, width: number) => Promise<TileNodes>;

/** Reads a log's tiles of hashes, wherever they are kept. */
export interface TileReader {
  /** The tile's first `width` hashes and the nodes above them. */
  readTile: LoadTile;
  /** Reads nodes of the tree of the first `size` leaves, which were published. */
  nodeReader(size: number): NodeReader;
}

/** Reads tiles through a small cache: a path to the root asks for the same few again and again. */
export function createTileReader(load: LoadTile): TileReader {
  const cache = new Map<string, Promise<TileNodes>>();

  function readTile(level: number, index: number, width: number): Promise<TileNodes> {
    // A name always stands for the same hashes, so what was read once stays right.
    const key = tilePath({ level, index }, width);
    const cached = cache.get(key);
    const tile = cached ?? load(level, index, width);
    cache.delete(key);
    cache.set(key, tile);
    if (cached === undefined) tile.catch(() => cache.delete(key));
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_TILES) break;
      cache.delete(oldest);
    }
    return tile;
  }

  return {
    readTile,
    nodeReader: (size) => async (level, index) => {
      const tileLevel = Math.floor(level / TILE_HEIGHT);
      const height = level % TILE_HEIGHT;
      const lowest = Number(index) * 2 ** height;
      const tile = Math.floor(lowest / TILE_WIDTH);
      const width = Math.min(TILE_WIDTH, levelSize(size, tileLevel) - tile * TILE_WIDTH);
      const hash = width < 1
        ? undefined
        : (await readTile(tileLevel, tile, width)).at(height, (lowest % TILE_WIDTH) / 2 ** height);
      if (hash === undefined) {
        throw new RangeError(`No node ${index} at level ${level} in a tree of ${size} leaves`);
      }
      return hash;
    },
  };
}
