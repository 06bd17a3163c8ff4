import { UsageError } from "../core/errors.ts";
import type { PostgresSql } from "./postgres_client.ts";
import type { PostgresConnection } from "./postgres_connection.ts";
import { type Migration, MIGRATIONS } from "./postgres_migrations.ts";

/** Any number, as long as every version of this program uses the same: "pot" and 1. */
const MIGRATION_LOCK = 0x706f7401;

/**
 * Brings the schema `pot` up to this program, all missing steps in one transaction; one process at a time, and while
 * nobody appends. Where nothing is missing it only looks.
 *
 * @throws {UsageError} when the schema is of a newer program
 */
export async function migratePostgres(
  connection: PostgresConnection,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const latest = migrations.at(-1)!.version;
  const version = await connection.read("open the log", readVersion);
  assertNotNewer(version, latest);
  if (version === latest) return;

  await connection.transact("prepare the database", async (sql) => {
    await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await sql`CREATE SCHEMA IF NOT EXISTS pot`;
    await sql`
      CREATE TABLE IF NOT EXISTS pot.migration (
        version integer PRIMARY KEY,
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`;
    // What another process did before it let the lock go.
    const current = await readVersion(sql);
    assertNotNewer(current, latest);
    if (current > 0) await sql`SELECT FROM pot.head FOR UPDATE`;
    for (const migration of migrations.filter((one) => one.version > current)) {
      await sql.unsafe(migration.sql);
      await sql`INSERT INTO pot.migration (version, name) VALUES (${migration.version}, ${migration.name})`;
    }
  }, { mayLast: true });
}

/**
 * For an append: the schema may have become a newer program's since the log was opened.
 *
 * @throws {UsageError} when it has
 */
export async function assertKnownSchema(sql: PostgresSql): Promise<void> {
  const [row] = await sql<{ version: number }[]>`SELECT max(version) AS version FROM pot.migration`;
  assertNotNewer(row!.version, MIGRATIONS.at(-1)!.version);
}

/** 0 where there is no schema yet. */
async function readVersion(sql: PostgresSql): Promise<number> {
  const [table] = await sql<{ exists: boolean }[]>`
    SELECT to_regclass('pot.migration') IS NOT NULL AS exists`;
  if (!table!.exists) return 0;
  const [row] = await sql<{ version: number | null }[]>`SELECT max(version) AS version FROM pot.migration`;
  return row!.version ?? 0;
}

function assertNotNewer(version: number, latest: number): void {
  if (version <= latest) return;
  throw new UsageError("Cannot use the log as its database is of a newer version of pot", {
    facts: [`schema version: ${version}`, `known to this program: up to ${latest}`],
    hint: "update pot on this machine",
  });
}
