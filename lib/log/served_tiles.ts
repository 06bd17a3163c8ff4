import { leafHash } from "../core/merkle/leaf_hash.ts";
import { decodeBundle, MAX_ENTRY_BYTES } from "./entry_bundle.ts";
import { tileWarnings } from "./header_warnings.ts";
import type { ServedFile, ServedFiles } from "./served_files.ts";
import type { ServedLogTally } from "./served_log_report.ts";
import { createTileNodes, type TileNodes } from "./tile_nodes.ts";
import { TILE_HEIGHT, TILE_WIDTH, type TileName, tilePath } from "./tile_path.ts";

/** Hashes that came from somewhere, with the file that they came from. */
export interface ServedHashes {
  /** The file's path. */
  readonly path: string;
  readonly nodes: TileNodes;
}

/** Reads a served log's tiles and bundles, and notes whatever is wrong with a file by itself. */
export interface ServedTiles {
  /** The tile's first `width` hashes; `undefined` where it has a problem, which is noted. */
  tile(level: number, index: number, width: number): Promise<ServedHashes | undefined>;
  /** The leaf hashes of the bundle's first `width` entries; as `tile`. */
  bundle(index: number, width: number): Promise<ServedHashes | undefined>;
  /** What the tile should be, from the tiles or the entries below it; `undefined` where one of those is missing. */
  recompute(level: number, index: number, width: number): Promise<TileNodes | undefined>;
}

const HASH_BYTES = 32;
const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
const MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

export interface ServedTilesOptions {
  readonly tally: ServedLogTally;
  readonly signal: AbortSignal;
}

export function readServedTiles(files: ServedFiles, { tally, signal }: ServedTilesOptions): ServedTiles {
  async function get(path: string, maxBytes: number): Promise<ServedFile> {
    const file = await files.get(path, { maxBytes, signal });
    if (!file.isFound) return file;
    tally.fileCount++;
    if (file.headers !== undefined) {
      for (const warning of tileWarnings(file.headers)) tally.warn(path, warning);
    }
    return file;
  }

  /**
   * The version that a checkpoint needs, or the full one: a log may delete a partial version once there is a full one
   * (C2SP tlog-tiles, partial tiles).
   */
  async function getVersion(
    name: TileName,
    width: number,
    maxBytes: number,
  ): Promise<{ path: string; bytes: Uint8Array; servedWidth: number } | undefined> {
    const path = tilePath(name, width);
    const file = await get(path, maxBytes);
    if (file.isFound) return { path, bytes: file.bytes, servedWidth: width };
    if (width < TILE_WIDTH) {
      const fullPath = tilePath(name);
      const full = await get(fullPath, maxBytes);
      if (full.isFound) return { path: fullPath, bytes: full.bytes, servedWidth: TILE_WIDTH };
    }
    tally.problem(path, `${file.because}${width < TILE_WIDTH ? ", and neither is a full version" : ""}`);
    return undefined;
  }

  async function tile(level: number, index: number, width: number): Promise<ServedHashes | undefined> {
    const version = await getVersion({ level, index }, width, TILE_BYTES);
    if (version === undefined) return undefined;
    const { path, bytes, servedWidth } = version;
    if (bytes.length !== servedWidth * HASH_BYTES) {
      tally.problem(path, `it is ${bytes.length} bytes long, and not ${servedWidth * HASH_BYTES}`);
      return undefined;
    }
    return { path, nodes: createTileNodes(bytes.subarray(0, width * HASH_BYTES)) };
  }

  async function bundle(index: number, width: number): Promise<ServedHashes | undefined> {
    const version = await getVersion({ level: "entries", index }, width, MAX_BUNDLE_BYTES);
    if (version === undefined) return undefined;
    const { path, bytes, servedWidth } = version;
    const entries = decodeBundle(bytes);
    if (entries?.length !== servedWidth) {
      const found = entries === undefined
        ? "its last entry is cut short"
        : `it holds ${entries.length} entries`;
      tally.problem(path, `${found}, and it should hold ${servedWidth}`);
      return undefined;
    }
    const hashes = new Uint8Array(width * HASH_BYTES);
    for (let i = 0; i < width; i++) hashes.set(leafHash(entries[i]!.bytes), i * HASH_BYTES);
    return { path, nodes: createTileNodes(hashes) };
  }

  async function recompute(level: number, index: number, width: number): Promise<TileNodes | undefined> {
    if (level === 0) return (await bundle(index, width))?.nodes;
    const hashes = new Uint8Array(width * HASH_BYTES);
    for (let i = 0; i < width; i++) {
      const below = await tile(level - 1, index * TILE_WIDTH + i, TILE_WIDTH);
      if (below === undefined) return undefined;
      hashes.set(tileRoot(below.nodes), i * HASH_BYTES);
    }
    return createTileNodes(hashes);
  }

  return { tile, bundle, recompute };
}

/** The hash over a full tile, as the tile above has it. */
export function tileRoot(nodes: TileNodes): Uint8Array {
  return nodes.at(TILE_HEIGHT, 0)!;
}
