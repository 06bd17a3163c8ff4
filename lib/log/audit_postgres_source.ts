import { equalBytes } from "../core/equal_bytes.ts";
import { UsageError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import type { FindingCollector } from "./audit_findings.ts";
import type { AuditSource, StoredBatch, StoredTile } from "./audit_source.ts";
import { assertKnownSchema } from "./migrate_postgres.ts";
import type { PostgresSql } from "./postgres_client.ts";
import { createPostgresConnection } from "./postgres_connection.ts";
import { TILE_WIDTH, type TileName } from "./tile_path.ts";

interface EntryRow {
  readonly index: bigint;
  readonly id: Uint8Array;
  readonly event_key: Uint8Array;
  readonly run_id: string;
  readonly bytes: Uint8Array;
}

const HASH_BYTES = 32;
const NOTES_AT_ONCE = 256;
/** So many batches in a row must be missing before the rest is not looked for. */
const MOST_MISSING = 1_000;

/**
 * Runs `work` on a log in PostgreSQL as it is at this moment: one read-only transaction, in which what others append or
 * publish meanwhile is not seen.
 *
 * @throws {UsageError} for a URL that is none, a refused login, a database without a log or of a newer version
 * @throws {UnreachableError} when the server does not answer
 */
export async function withAuditPostgresSource<T>(
  url: string,
  { findings }: { readonly findings: FindingCollector },
  work: (source: AuditSource) => Promise<T>,
): Promise<T> {
  await using connection = createPostgresConnection(url);
  return await connection.transact("audit the log", async (sql) => {
    await sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`;
    const [table] = await sql<{ exists: boolean }[]>`SELECT to_regclass('pot.entry') IS NOT NULL AS exists`;
    if (!table!.exists) {
      throw new UsageError("Cannot audit the log as the database holds none", {
        hint: "check POT_LOG_URL, or bring a log there with: pot log import <folder>",
      });
    }
    await assertKnownSchema(sql);
    return await work(await createSource(sql, findings));
  }, { mayLast: true });
}

async function createSource(sql: PostgresSql, findings: FindingCollector): Promise<AuditSource> {
  const [sizes] = await sql<{ head: bigint | null; last: bigint | null; published: bigint | null }[]>`
    SELECT (SELECT size FROM pot.head) AS head, (SELECT max(index) FROM pot.entry) AS last,
      (SELECT max(size) FROM pot.checkpoint) AS published`;
  const end = Number(sizes!.last ?? -1n) + 1;
  const headSize = Number(sizes!.head ?? 0n);
  const publishedSize = Math.min(Number(sizes!.published ?? 0n), end);
  if (headSize > end) {
    findings.add("records-lost", "pot.head", `it counts ${headSize} records, pot.entry ends with ${end}`);
  } else if (headSize < end) {
    findings.add("entry-added", "pot.entry", `it has ${end} rows, pot.head counts ${headSize} records`);
  }
  /** Of the batch that was given out last. */
  let rows: ReadonlyMap<number, EntryRow> = new Map();

  async function* batches(): AsyncGenerator<StoredBatch, void> {
    let missingInARow = 0;
    for (let first = 0; first < end && missingInARow < MOST_MISSING; first += TILE_WIDTH) {
      const found = await sql<EntryRow[]>`
        SELECT index, id, event_key, run_id, bytes FROM pot.entry
        WHERE index >= ${BigInt(first)} AND index < ${BigInt(first + TILE_WIDTH)} ORDER BY index`;
      missingInARow = found.length === 0 ? missingInARow + 1 : 0;
      rows = new Map(found.map((row) => [Number(row.index), row]));
      const publishedCount = Math.max(0, Math.min(TILE_WIDTH, publishedSize - first));
      const tile = publishedCount === 0
        ? undefined
        : (await tileVersions({ level: 0, index: first / TILE_WIDTH }, publishedCount))[0];
      const slots = Array.from(
        { length: Math.min(TILE_WIDTH, end - first) },
        (_, slot) => rows.get(first + slot),
      );
      for (const [slot, row] of slots.entries()) {
        if (row === undefined) {
          findings.add("entry-missing", `pot.entry, leaf ${first + slot}`, "there is no such row");
        }
      }
      yield {
        first,
        where: () => "pot.entry",
        entries: slots.map((row) => row?.bytes),
        publishedCount,
        leafHashes: tile?.hashes,
        otherTiles: [],
        indexed: (slot) => slots[slot] && { id: slots[slot].id, runId: slots[slot].run_id },
      };
    }
  }

  async function readHashes({ level, index }: TileName & { readonly level: number }) {
    const [row] = await sql<{ hashes: Uint8Array }[]>`
      SELECT hashes FROM pot.tile WHERE level = ${level} AND index = ${BigInt(index)}`;
    return row?.hashes;
  }

  async function tileVersions(
    name: TileName & { readonly level: number },
    width: number,
  ): Promise<readonly StoredTile[]> {
    const where = `pot.tile, level ${name.level}, index ${name.index}`;
    const hashes = await readHashes(name);
    const expected = width * HASH_BYTES;
    if (hashes === undefined) {
      findings.add("tile-missing", where, "there is no such row, though the checkpoint covers it");
      return [];
    }
    if (hashes.length !== expected) {
      findings.add("tile-damaged", where, `it has ${hashes.length} bytes in place of ${expected}`);
    }
    return hashes.length < expected ? [] : [{ where, hashes: hashes.subarray(0, expected) }];
  }

  async function compareRuns(): Promise<void> {
    const wrong = await sql<{ run_id: string; record_count: bigint | null; found: bigint | null }[]>`
      SELECT run_id, record_count, found FROM pot.run
      FULL JOIN (
        SELECT run_id, count(*) AS found, min(index) AS first, max(index) AS last FROM pot.entry GROUP BY run_id
      ) AS counted USING (run_id)
      WHERE record_count IS DISTINCT FROM found OR first_index IS DISTINCT FROM first
        OR last_index IS DISTINCT FROM last OR last_id IS DISTINCT FROM (SELECT id FROM pot.entry WHERE index = last)
      LIMIT 1000`;
    for (const { run_id, record_count, found } of wrong) {
      const detail = `it counts ${record_count ?? "no"} records, there are ${
        found ?? "none"
      }; or ends elsewhere`;
      findings.add("index-differs", `pot.run, ${run_id}`, detail);
    }
  }

  return {
    publishedSize,
    expectedSize: end,
    async *checkpoints() {
      for (let after = 0n;;) {
        const found = await sql<{ number: bigint; size: bigint; root: Uint8Array; note: string }[]>`
          SELECT number, size, root, note FROM pot.checkpoint WHERE number > ${after}
          ORDER BY number LIMIT ${NOTES_AT_ONCE}`;
        for (const { number, size, root, note } of found) {
          yield { where: `pot.checkpoint, number ${number}`, note, beside: { size, root } };
        }
        if (found.length < NOTES_AT_ONCE) return;
        after = found.at(-1)!.number;
      }
    },
    batches,
    tileVersions,
    compareIndex({ first, entries, publishedCount, leafHashes }, records) {
      for (let slot = 0; slot < entries.length; slot++) {
        const row = rows.get(first + slot);
        const record = records[slot];
        if (row === undefined || record === undefined) continue;
        const where = `pot.entry, leaf ${first + slot}`;
        const hash = leafHashes && slot < publishedCount
          ? leafHashes.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES)
          : undefined;
        const isWrong = hash !== undefined && !equalBytes(row.id, record.id) && !equalBytes(row.id, hash);
        if (isWrong) findings.add("index-differs", where, "its id is not the record's");
        if (!equalBytes(row.event_key, record.eventKey)) {
          findings.add("index-differs", where, "its event key is not the record's");
        }
        if (row.run_id !== record.runId) {
          findings.add("index-differs", where, `its run is ${row.run_id}, by the record ${record.runId}`);
        }
      }
    },
    async finish() {
      await compareRuns();
      const [before] = await sql<
        { count: bigint }[]
      >`SELECT count(*) AS count FROM pot.entry WHERE index < 0`;
      if (before!.count > 0n) {
        findings.add("entry-added", "pot.entry", `${before!.count} rows have an index below 0`);
      }
      // The index that forbids it may have been dropped.
      const repeated = await sql<{ first: bigint; last: bigint }[]>`
        SELECT min(index) AS first, max(index) AS last FROM pot.entry GROUP BY event_key HAVING count(*) > 1 LIMIT 1000`;
      for (const { first, last } of repeated) {
        findings.add("event-repeated", `leaves ${first} and ${last}`, "both have the same event");
      }
    },
    async readTile(name, width) {
      const hashes = await readHashes(name);
      const expected = width * HASH_BYTES;
      return hashes === undefined || hashes.length < expected ? undefined : hashes.subarray(0, expected);
    },
    async find(id) {
      const hash = fromHex(id, HASH_BYTES);
      if (hash === undefined) return undefined;
      const [row] = await sql<{ index: bigint }[]>`
        SELECT index FROM pot.entry WHERE id = ${hash} ORDER BY index LIMIT 1`;
      return row && Number(row.index);
    },
  };
}
