import { PotError } from "../core/errors.ts";
import type { TileWriter } from "./grow_tiles.ts";
import type { PostgresSql } from "./postgres_client.ts";
import { createTileNodes, type TileNodes } from "./tile_nodes.ts";

/** Reads a tile's first `width` hashes from its row. */
export async function loadPostgresTile(
  sql: PostgresSql,
  { level, index, width }: { readonly level: number; readonly index: number; readonly width: number },
): Promise<TileNodes> {
  const [row] = await sql<{ hashes: Uint8Array }[]>`
    SELECT hashes FROM pot.tile WHERE level = ${level} AND index = ${BigInt(index)}`;
  const found = row?.hashes.length ?? 0;
  if (found >= 32 * width) return createTileNodes(row!.hashes.subarray(0, 32 * width));
  throw new PotError("Cannot compute the tree as a tile in PostgreSQL is not whole", {
    facts: [`tile: level ${level}, index ${index}`, `bytes: ${found} of ${32 * width}`],
    hint: "restore the database from a backup",
  });
}

/** Writes tiles as part of a transaction. */
export function createPostgresTileWriter(sql: PostgresSql): TileWriter {
  return {
    readTile: (level, index, width) => loadPostgresTile(sql, { level, index, width }),
    async writeTile(level, index, hashes) {
      const bytes = new Uint8Array(32 * hashes.length);
      hashes.forEach((hash, i) => bytes.set(hash, 32 * i));
      await sql`
        INSERT INTO pot.tile (level, index, hashes) VALUES (${level}, ${BigInt(index)}, ${bytes})
        ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes`;
    },
  };
}
