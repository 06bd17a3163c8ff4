import { equalBytes } from "../core/equal_bytes.ts";
import { rootFromNodes } from "../core/merkle/stored_tree.ts";
import type { ServedLogTally } from "./served_log_report.ts";
import { type ServedHashes, type ServedTiles, tileRoot } from "./served_tiles.ts";
import type { TileNodes } from "./tile_nodes.ts";
import { levelSize, TILE_HEIGHT, TILE_WIDTH, tilePath } from "./tile_path.ts";

/** A tile of leaves that is to be looked at, with what is known of it from above. */
export type LeafTile =
  | {
    readonly index: number;
    /** The hash that the tile above has for it, and that tile's path. */
    readonly expected: { readonly hash: Uint8Array; readonly path: string };
  }
  | {
    readonly index: number;
    /** At the tree's edge there is no tile above: the hashes themselves, which the root was computed from. */
    readonly edge: ServedHashes;
  };

/** The way from a signed root down to the leaves. */
export interface ServedTreeWalk {
  /** Checks the tiles above the leaves from the root down, and gives out those of leaves in order. */
  leafTiles(): AsyncGenerator<LeafTile, void>;
  /** Whether nothing was left out because what leads to it is damaged. */
  isComplete(): boolean;
}

export interface WalkServedTreeOptions {
  readonly tiles: ServedTiles;
  readonly tally: ServedLogTally;
  /** Whether to go into the full tile at that level and index. @default all */
  readonly isWanted?: (level: number, index: number) => boolean;
}

/** A partial tile at the right edge of a level. */
interface Edge extends ServedHashes {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/**
 * Walks the tree below a head as tiles give it. The partial tiles at its right edge give the root; each of their hashes stands for a
 * full tile, each of whose hashes stands for another. So whatever differs from the signed tree is found in the very file that does.
 */
export function walkServedTree(
  head: { readonly size: number; readonly root: Uint8Array },
  { tiles, tally, isWanted = () => true }: WalkServedTreeOptions,
): ServedTreeWalk {
  let isComplete = true;

  function leaveOut(path: string, entryCount: number): void {
    isComplete = false;
    tally.problem(path, `the ${entryCount} entries below it could not be checked`);
  }

  async function readEdges(): Promise<readonly Edge[]> {
    const edges: Edge[] = [];
    for (let level = 0; levelSize(head.size, level) > 0; level++) {
      const count = levelSize(head.size, level);
      const index = Math.floor(count / TILE_WIDTH);
      const width = count % TILE_WIDTH;
      if (width === 0) continue;
      const found = await tiles.tile(level, index, width);
      if (found !== undefined) {
        edges.push({ ...found, level, index, width });
        continue;
      }
      const path = tilePath({ level, index }, width);
      const nodes = await tiles.recompute(level, index, width);
      if (nodes === undefined) leaveOut(path, width * TILE_WIDTH ** level);
      else edges.push({ path, nodes, level, index, width });
    }
    return edges;
  }

  /** Whether these tiles give the signed root. */
  async function giveRoot(edges: readonly Edge[]): Promise<boolean> {
    try {
      const root = await rootFromNodes(BigInt(head.size), (level, index) => {
        const edge = edges.find((known) => known.level === Math.floor(level / TILE_HEIGHT));
        const height = level % TILE_HEIGHT;
        const hash = edge?.nodes.at(height, Number(index) - edge.index * 2 ** (TILE_HEIGHT - height));
        return hash === undefined ? Promise.reject(new RangeError("no such node")) : Promise.resolve(hash);
      });
      return equalBytes(root, head.root);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  /** Finds out which of them is wrong, from what is below each. */
  async function mendEdges(edges: readonly Edge[]): Promise<readonly Edge[]> {
    const others: Edge[] = [];
    for (const edge of edges) {
      const nodes = await tiles.recompute(edge.level, edge.index, edge.width);
      others.push(nodes === undefined ? edge : { ...edge, nodes });
    }
    const candidates = [
      ...edges.map((_, i) => edges.map((edge, j) => i === j ? others[i]! : edge)),
      others,
    ];
    for (const mended of candidates) {
      if (!await giveRoot(mended)) continue;
      for (const [i, edge] of mended.entries()) {
        if (!isSameTile(edge.nodes, edges[i]!.nodes)) {
          tally.problem(edge.path, "its hashes are not those of the signed tree");
        }
      }
      return mended;
    }
    tally.problem("checkpoint", "the tiles do not give the root that it signs");
    return edges;
  }

  async function* below(
    level: number,
    index: number,
    expected: { readonly hash: Uint8Array; readonly path: string },
  ): AsyncGenerator<LeafTile, void> {
    if (!isWanted(level, index)) return;
    if (level === 0) return yield { index, expected };
    const path = tilePath({ level, index });
    const nodes = await checkedTile(level, index, expected);
    if (nodes === undefined) return leaveOut(path, TILE_WIDTH ** (level + 1));
    for (let i = 0; i < TILE_WIDTH; i++) {
      yield* below(level - 1, index * TILE_WIDTH + i, { hash: nodes.at(0, i)!, path });
    }
  }

  /** The tile's hashes: as served where they are right, else computed from what is below it. */
  async function checkedTile(
    level: number,
    index: number,
    expected: { readonly hash: Uint8Array; readonly path: string },
  ): Promise<TileNodes | undefined> {
    const served = await tiles.tile(level, index, TILE_WIDTH);
    if (served !== undefined && equalBytes(tileRoot(served.nodes), expected.hash)) return served.nodes;
    if (served !== undefined) tally.problem(served.path, mismatch(expected.path));
    const computed = await tiles.recompute(level, index, TILE_WIDTH);
    return computed !== undefined && equalBytes(tileRoot(computed), expected.hash)
      ? computed
      : served?.nodes ?? computed;
  }

  return {
    async *leafTiles() {
      let edges = await readEdges();
      // Without one of them there is no root to compute; what is missing has been noted.
      if (isComplete && !await giveRoot(edges)) edges = await mendEdges(edges);
      for (const { level, index, width, nodes, path } of [...edges].reverse()) {
        if (level === 0) {
          yield { index, edge: { path, nodes } };
          continue;
        }
        for (let i = 0; i < width; i++) {
          yield* below(level - 1, index * TILE_WIDTH + i, { hash: nodes.at(0, i)!, path });
        }
      }
    },
    isComplete: () => isComplete,
  };
}

/** Compares the entries of a bundle with the tile of their leaf hashes, and that with the tile above. */
export async function checkLeafTile(
  leaf: LeafTile,
  { tiles, tally }: Pick<WalkServedTreeOptions, "tiles" | "tally">,
): Promise<void> {
  const { index } = leaf;
  const width = "edge" in leaf ? leaf.edge.nodes.width : TILE_WIDTH;
  const [tile, bundle] = await Promise.all([
    "edge" in leaf ? leaf.edge : tiles.tile(0, index, width),
    tiles.bundle(index, width),
  ]);
  const isRight = ({ nodes }: ServedHashes) =>
    "edge" in leaf || equalBytes(tileRoot(nodes), leaf.expected.hash);
  if (tile !== undefined && "expected" in leaf && !isRight(tile)) {
    tally.problem(tile.path, mismatch(leaf.expected.path));
  }
  if (bundle === undefined) return;
  tally.entryCount += width;
  // The entries may be right where the tile is not.
  if ("expected" in leaf && isRight(bundle)) return;
  if (tile === undefined || !isRight(tile)) {
    const from = "expected" in leaf ? leaf.expected.path : "checkpoint";
    return tally.problem(bundle.path, mismatch(from));
  }
  for (let i = 0; i < width; i++) {
    if (equalBytes(bundle.nodes.at(0, i)!, tile.nodes.at(0, i)!)) continue;
    const entry = index * TILE_WIDTH + i;
    tally.problem(bundle.path, `entry ${entry} does not hash to what ${tile.path} has for it`);
  }
}

function isSameTile(a: TileNodes, b: TileNodes): boolean {
  return Array.from({ length: a.width }, (_, i) => equalBytes(a.at(0, i)!, b.at(0, i)!)).every(Boolean);
}

function mismatch(path: string): string {
  return `its hashes do not give what ${path} has for it`;
}
