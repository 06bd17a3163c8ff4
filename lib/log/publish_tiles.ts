import { leafHash } from "../core/merkle/leaf_hash.ts";
import { growTiles } from "./grow_tiles.ts";
import { TILE_WIDTH, type TileName } from "./tile_path.ts";
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
  const filled: TileName[] = [];
  const tiles = await growTiles(store, { from, onFull: (name) => filled.push(name) });
  let bundle = from % TILE_WIDTH === 0
    ? []
    : (await store.readBundle(Math.floor(from / TILE_WIDTH), from % TILE_WIDTH)).slice(0, from % TILE_WIDTH);
  let size = from;

  for await (const entry of entries) {
    bundle.push(entry);
    size++;
    if (bundle.length === TILE_WIDTH) {
      const index = size / TILE_WIDTH - 1;
      await store.writeBundle(index, bundle);
      filled.push({ level: "entries", index });
      bundle = [];
    }
    await tiles.push(leafHash(entry));
  }

  if (bundle.length > 0 && size > from) await store.writeBundle(Math.floor(size / TILE_WIDTH), bundle);
  await tiles.finish();
  await store.sync();
  for (const name of filled) await store.removePartials(name);
  return size;
}
