import { leafHash } from "../core/merkle/leaf_hash.ts";
import { createTileNodes } from "./tile_nodes.ts";
import { levelSize, TILE_HEIGHT, TILE_WIDTH, type TileName } from "./tile_path.ts";
import type { TileStore } from "./tile_store.ts";

export interface PublishTilesOptions {
  /** Number of leaves whose tiles are there. */
  readonly from: number;
  /** The entries after those, in order. */
  readonly entries: AsyncIterable<Uint8Array>;
}

/**
 * Writes the tiles and bundles of new entries, durably, and deletes the partial tiles that became full (never others:
 * a client of an older checkpoint needs them, C2SP tlog-tiles). It reads and writes what is new, at most one tile a
 * level besides, however long the log is. A crash leaves files that no checkpoint covers, which the next call writes
 * again.
 *
 * @returns the number of leaves now covered
 */
export async function publishTiles(
  store: TileStore,
  { from, entries }: PublishTilesOptions,
): Promise<number> {
  const levels: GrowingTile[] = [];
  for (let level = 0; levelSize(from, level) > 0; level++) levels.push(await loadEdge(store, level, from));
  let bundle = from % TILE_WIDTH === 0
    ? []
    : (await store.readBundle(Math.floor(from / TILE_WIDTH), from % TILE_WIDTH)).slice(0, from % TILE_WIDTH);
  const filled: TileName[] = [];
  let size = from;

  async function push(level: number, hash: Uint8Array): Promise<void> {
    const tile = levels[level] ??= { index: 0, hashes: [], isDirty: false };
    tile.hashes.push(hash);
    tile.isDirty = true;
    if (tile.hashes.length < TILE_WIDTH) return;
    await store.writeTile(level, tile.index, tile.hashes);
    filled.push({ level, index: tile.index });
    const above = rootOf(tile.hashes);
    levels[level] = { index: tile.index + 1, hashes: [], isDirty: false };
    await push(level + 1, above);
  }

  for await (const entry of entries) {
    bundle.push(entry);
    size++;
    if (bundle.length === TILE_WIDTH) {
      const index = size / TILE_WIDTH - 1;
      await store.writeBundle(index, bundle);
      filled.push({ level: "entries", index });
      bundle = [];
    }
    await push(0, leafHash(entry));
  }

  if (bundle.length > 0 && size > from) await store.writeBundle(Math.floor(size / TILE_WIDTH), bundle);
  for (const [level, { index, hashes, isDirty }] of levels.entries()) {
    if (isDirty) await store.writeTile(level, index, hashes);
  }
  await store.sync();
  for (const name of filled) await store.removePartials(name);
  return size;
}

/** A level's last tile, which still grows. */
interface GrowingTile {
  readonly index: number;
  readonly hashes: Uint8Array[];
  isDirty: boolean;
}

async function loadEdge(store: TileStore, level: number, size: number): Promise<GrowingTile> {
  const count = levelSize(size, level);
  const index = Math.floor(count / TILE_WIDTH);
  const width = count % TILE_WIDTH;
  if (width === 0) return { index, hashes: [], isDirty: false };
  const nodes = await store.readTile(level, index, width);
  return { index, hashes: Array.from({ length: width }, (_, i) => nodes.at(0, i)!), isDirty: false };
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(32 * TILE_WIDTH);
  hashes.forEach((hash, i) => bytes.set(hash, 32 * i));
  return createTileNodes(bytes).at(TILE_HEIGHT, 0)!;
}
