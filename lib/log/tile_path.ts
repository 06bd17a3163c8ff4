/** Hashes or entries in a full tile (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** Tree levels that one tile spans. */
export const TILE_HEIGHT = 8;

/** Which tile: a level of hashes, or the bundles of entries below level 0. */
export interface TileName {
  readonly level: number | "entries";
  readonly index: number;
}

/**
 * Where a tile stands, relative to the log's folder: `tile/<L>/<N>`, and for a partial one `.p/<W>` after it. N is
 * written in groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067` (C2SP tlog-tiles).
 */
export function tilePath({ level, index }: TileName, width: number = TILE_WIDTH): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const path = `tile/${level}/${
    groups.map((group, i) => i < groups.length - 1 ? `x${group}` : group).join("/")
  }`;
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** The folder of a tile's partial versions. */
export function partialsPath(name: TileName): string {
  return `${tilePath(name)}.p`;
}

/** How many hashes a level of tiles holds for a tree of `size` leaves: ⌊size / 256^level⌋. */
export function levelSize(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}
