import { dirname, join } from "node:path";
import { writeFileAtomically } from "../io/atomic_write.ts";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { readBounded } from "../io/read_bounded.ts";
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from "./entry_bundle.ts";
import { createTileNodes, type TileNodes } from "./tile_nodes.ts";
import { partialsPath, TILE_WIDTH, type TileName, tilePath } from "./tile_path.ts";
import { createTileReader, type TileReader } from "./tile_reader.ts";

/** A bundle of entries that are as long as they can be, each behind its length. */
const MAX_TILE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

/** A log's tiles and entry bundles on disk, in C2SP tlog-tiles layout. */
export interface TileStore extends TileReader {
  /** The bundle's first `width` entries. */
  readBundle(index: number, width: number): Promise<readonly Uint8Array[]>;
  /** Writes a tile of 1 to 256 hashes, atomically. Durable after `sync`. */
  writeTile(level: number, index: number, hashes: readonly Uint8Array[]): Promise<void>;
  /** Writes a bundle of 1 to 256 entries, atomically. Durable after `sync`. */
  writeBundle(index: number, entries: readonly Uint8Array[]): Promise<void>;
  /** Makes durable what was written since the last call. */
  sync(): Promise<void>;
  /** Deletes the partial versions of a tile whose full version is durable. */
  removePartials(name: TileName): Promise<void>;
}

export function createTileStore(folder: string, files: FileLayer): TileStore {
  let lastBundle: { readonly path: string; readonly entries: readonly Uint8Array[] } | undefined;
  const knownFolders = new Set<string>();
  const unsyncedFolders = new Set<string>();

  /**
   * The narrowest version that is sure to hold `width` elements. A partial one is deleted once the full one is
   * durable, so whoever misses the first finds the second, whatever another process does in between.
   */
  async function readVersion(
    name: TileName,
    width: number,
  ): Promise<{ path: string; bytes: Uint8Array; isFull: boolean }> {
    for (const version of new Set([width, TILE_WIDTH])) {
      const path = join(folder, tilePath(name, version));
      const bytes = await readBounded(files, path, MAX_TILE_BYTES);
      if (bytes !== undefined) return { path, bytes, isFull: version === TILE_WIDTH };
    }
    const path = join(folder, tilePath(name, width));
    throw new CorruptFileError({
      path,
      where: "byte 0",
      found: "no such file, though a checkpoint covers it",
    });
  }

  async function loadTile(level: number, index: number, width: number): Promise<TileNodes> {
    const { path, bytes, isFull } = await readVersion({ level, index }, width);
    const expected = 32 * (isFull ? TILE_WIDTH : width);
    if (bytes.length !== expected) {
      throw new CorruptFileError({
        path,
        where: `byte ${bytes.length}`,
        found: `the end of a tile of ${expected} bytes`,
      });
    }
    return createTileNodes(bytes);
  }

  async function write(name: TileName, width: number, bytes: Uint8Array): Promise<void> {
    const path = join(folder, tilePath(name, width));
    const parent = dirname(path);
    if (!knownFolders.has(parent)) await files.makeFolder(parent);
    // One folder holds up to 1 000 full tiles; a folder of partial ones is not worth remembering.
    if (width === TILE_WIDTH) knownFolders.add(parent);
    unsyncedFolders.add(parent);
    await writeFileAtomically(files, path, bytes, { deferFolderSync: true });
  }

  return {
    ...createTileReader(loadTile),

    async readBundle(index, width) {
      const wanted = tilePath({ level: "entries", index }, width);
      if (lastBundle?.path === wanted) return lastBundle.entries;
      const { path, bytes, isFull } = await readVersion({ level: "entries", index }, width);
      const entries = decodeBundle(bytes)?.map((entry) => entry.bytes);
      const expected = isFull ? TILE_WIDTH : width;
      if (entries?.length !== expected) {
        throw new CorruptFileError({
          path,
          where: `byte ${bytes.length}`,
          found: `not a bundle of ${expected} entries`,
        });
      }
      lastBundle = { path: wanted, entries };
      return entries;
    },

    async writeTile(level, index, hashes) {
      const bytes = new Uint8Array(32 * hashes.length);
      hashes.forEach((hash, i) => bytes.set(hash, 32 * i));
      await write({ level, index }, hashes.length, bytes);
    },

    async writeBundle(index, entries) {
      await write({ level: "entries", index }, entries.length, encodeBundle(entries));
    },

    async sync() {
      for (const path of unsyncedFolders) await files.syncFolder(path);
      unsyncedFolders.clear();
    },

    async removePartials(name) {
      const partials = join(folder, partialsPath(name));
      const entries = await files.list(partials);
      for (const entry of entries) await files.remove(join(partials, entry.name));
      await files.remove(partials);
    },
  };
}
