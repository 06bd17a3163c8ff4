import { addSignatures } from "../core/add_signatures.ts";
import { PotError } from "../core/errors.ts";
import type { SignedHead } from "../core/log_head.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import { rootFromNodes } from "../core/merkle/stored_tree.ts";
import { assertExtends } from "./assert_extends.ts";
import { checkNote } from "./check_note.ts";
import { growTiles } from "./grow_tiles.ts";
import type { SignHead } from "./log.ts";
import { assertKnownSchema } from "./migrate_postgres.ts";
import type { PostgresSql } from "./postgres_client.ts";
import { readEntries, readPublished, readSize } from "./postgres_reader.ts";
import { createPostgresTileWriter } from "./postgres_tiles.ts";
import { createTileReader } from "./tile_reader.ts";

export interface PostgresCheckpointOptions {
  readonly origin: string;
  /** The signed note over that head. */
  readonly sign: SignHead;
  /** Also sign a size that has a note, which the new one follows. */
  readonly isReplacing: boolean;
}

const ENTRIES_AT_ONCE = 256n;

/**
 * Publishes everything that was appended, inside a transaction: tiles and the checkpoint over them become visible
 * together. One checkpoint at a time, whoever makes it; appends go on meanwhile.
 */
export async function makePostgresCheckpoint(
  sql: PostgresSql,
  { origin, sign, isReplacing }: PostgresCheckpointOptions,
): Promise<SignedHead | undefined> {
  await sql`LOCK TABLE pot.checkpoint IN SHARE ROW EXCLUSIVE MODE`;
  await assertKnownSchema(sql);
  const [size, published] = await Promise.all([readSize(sql), readPublished(sql)]);
  const isPublished = published?.size === size;
  if (size === 0n || (isPublished && !isReplacing)) return published;

  if (!isPublished) await addTiles(sql, published?.size ?? 0n, size);
  const writer = createPostgresTileWriter(sql);
  const readNode = createTileReader(writer.readTile).nodeReader(Number(size));
  if (published !== undefined) await assertExtends(published, { readNode, place: "in PostgreSQL" });
  const head = { size, root: await rootFromNodes(size, readNode) };
  const note = await sign(head, published);
  checkNote(note, { head, origin });
  await sql`INSERT INTO pot.checkpoint (size, root, note) VALUES (${size}, ${head.root}, ${note})`;
  return { ...head, note };
}

/** Adds a note's signatures to the newest checkpoint, where it is over the same text: as another note over its size, as nothing is changed. */
export async function addPostgresSignatures(sql: PostgresSql, note: string): Promise<SignedHead | undefined> {
  await sql`LOCK TABLE pot.checkpoint IN SHARE ROW EXCLUSIVE MODE`;
  await assertKnownSchema(sql);
  const published = await readPublished(sql);
  if (published === undefined) return undefined;
  const { size, root } = published;
  const merged = addSignatures(published.note, note);
  if (merged === undefined) return undefined;
  if (merged === published.note) return published;
  await sql`INSERT INTO pot.checkpoint (size, root, note) VALUES (${size}, ${root}, ${merged})`;
  return { size, root, note: merged };
}

async function addTiles(sql: PostgresSql, from: bigint, to: bigint): Promise<void> {
  const tiles = await growTiles(createPostgresTileWriter(sql), { from: Number(from) });
  for (let at = from; at < to;) {
    const end = at + ENTRIES_AT_ONCE;
    const entries = await readEntries(sql, at, end < to ? end : to);
    if (entries.length === 0) {
      throw new PotError("Cannot sign a checkpoint as PostgreSQL lacks a record that it counts", {
        facts: [`index: ${at}`, `size: ${to}`],
        hint: "restore the database from a backup",
      });
    }
    for (const entry of entries) await tiles.push(leafHash(entry));
    at += BigInt(entries.length);
  }
  await tiles.finish();
}
