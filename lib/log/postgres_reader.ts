import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import type { SignedHead } from "../core/log_head.ts";
import { leafHash } from "../core/merkle/leaf_hash.ts";
import type { LogReader } from "./log_reader.ts";
import type { RunSummary } from "./log.ts";
import type { PostgresSql } from "./postgres_client.ts";
import type { PostgresConnection } from "./postgres_connection.ts";
import { loadPostgresTile } from "./postgres_tiles.ts";
import { createTileReader } from "./tile_reader.ts";
import { createTreeReads } from "./tree_reads.ts";

/** 16 MiB when each is as large as can be. */
const ENTRIES_AT_ONCE = 256;

/** Reads beside writers, on this host or others, without a lock. What it shows is committed. */
export function createPostgresReader(connection: PostgresConnection): LogReader {
  const { nodeReader } = createTileReader((level, index, width) =>
    connection.read("read the log", (sql) => loadPostgresTile(sql, { level, index, width }))
  );
  /** The latest checkpoint seen. It only grows, so it stays good for every size it covers. */
  let published: SignedHead | undefined;

  async function publishedCheckpoint(): Promise<SignedHead | undefined> {
    published = await connection.read("read the log", readPublished);
    return published;
  }

  async function publishedFor(size: bigint): Promise<SignedHead | undefined> {
    return published !== undefined && published.size >= size ? published : await publishedCheckpoint();
  }

  return {
    publishedCheckpoint,
    ...createTreeReads({ publishedFor, nodeReader }),
    size: () => connection.read("read the log", readSize),
    async entry(index) {
      const [bytes] = await connection.read("read the log", (sql) => readEntries(sql, index, index + 1n));
      return bytes;
    },
    async *entries(from, to) {
      for (let at = from; at < to; at += BigInt(ENTRIES_AT_ONCE)) {
        const end = at + BigInt(ENTRIES_AT_ONCE);
        const chunk = await connection.read(
          "read the log",
          (sql) => readEntries(sql, at, end < to ? end : to),
        );
        yield* chunk;
        if (chunk.length < ENTRIES_AT_ONCE) return;
      }
    },
    async find(id) {
      const hash = fromHex(id, 32);
      if (hash === undefined) return undefined;
      const [row] = await connection.read(
        "read the log",
        (sql) =>
          sql<{ index: bigint }[]>`SELECT index FROM pot.entry WHERE id = ${hash} ORDER BY index LIMIT 1`,
      );
      return row?.index;
    },
    runs: () => connection.read("read the log", readRuns),
    async runIndices(runId) {
      const rows = await connection.read(
        "read the log",
        (sql) => sql<{ index: bigint }[]>`SELECT index FROM pot.entry WHERE run_id = ${runId} ORDER BY index`,
      );
      return rows.map(({ index }) => index);
    },
  };
}

export async function readSize(sql: PostgresSql): Promise<bigint> {
  const [row] = await sql<{ size: bigint }[]>`SELECT size FROM pot.head`;
  return row!.size;
}

/** The newest checkpoint. */
export async function readPublished(sql: PostgresSql): Promise<SignedHead | undefined> {
  const [row] = await sql<SignedHead[]>`
    SELECT size, root, note FROM pot.checkpoint ORDER BY size DESC, number DESC LIMIT 1`;
  return row && { size: row.size, root: row.root, note: row.note };
}

/**
 * The records from `from` up to, and without, `to`, as far as they are there.
 *
 * @throws {PotError} when one's bytes do not hash to its id
 */
export async function readEntries(
  sql: PostgresSql,
  from: bigint,
  to: bigint,
): Promise<readonly Uint8Array[]> {
  const rows = await sql<{ index: bigint; id: Uint8Array; bytes: Uint8Array }[]>`
    SELECT index, id, bytes FROM pot.entry WHERE index >= ${from} AND index < ${to} ORDER BY index`;
  return rows.map(({ index, id, bytes }) => {
    if (equalBytes(leafHash(bytes), id)) return bytes;
    throw new PotError("Cannot read a record as PostgreSQL has bytes that do not hash to its id", {
      facts: [`index: ${index}`],
      hint: "keep a copy of the database as it is, and restore it from a backup",
    });
  });
}

async function readRuns(sql: PostgresSql): Promise<readonly RunSummary[]> {
  const rows = await sql<{ run_id: string; record_count: bigint; first_index: bigint; last_index: bigint }[]>`
    SELECT run_id, record_count, first_index, last_index FROM pot.run ORDER BY first_index`;
  return rows.map((row) => ({
    runId: row.run_id,
    recordCount: Number(row.record_count),
    firstIndex: row.first_index,
    lastIndex: row.last_index,
  }));
}
