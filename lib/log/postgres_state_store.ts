import { StateConflictError } from "../io/state_conflict_error.ts";
import { checkStateName, type StateStore } from "../io/state_store.ts";
import { createPostgresConnection, type PostgresConnectionOptions } from "./postgres_connection.ts";

/**
 * Documents in the table `pot.state`, next to the log of the same database, whose opening makes it. Connects at the first
 * use, on a connection of its own.
 *
 * @throws {UsageError} for a URL that is none
 */
export function createPostgresStateStore(
  url: string,
  options?: PostgresConnectionOptions,
): StateStore & AsyncDisposable {
  const connection = createPostgresConnection(url, options);
  return {
    async read(name, { signal } = {}) {
      checkStateName(name);
      signal?.throwIfAborted();
      const [row] = await connection.read(
        "read the daemon's state",
        (sql) =>
          sql<{ bytes: Uint8Array; version: bigint }[]>`
            SELECT bytes, version FROM pot.state WHERE name = ${name}`,
      );
      return row && { bytes: row.bytes, version: String(row.version) };
    },

    async write(name, bytes, { version, signal }) {
      checkStateName(name);
      signal?.throwIfAborted();
      // A version that is no number of ours is nobody's.
      const before = version === undefined ? 0n : /^[1-9][0-9]{0,17}$/.test(version) ? BigInt(version) : -1n;
      const [row] = await connection.transact("keep the daemon's state", async (sql) => {
        await sql`
          SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)`;
        return await (before === 0n
          ? sql<{ version: bigint }[]>`
              INSERT INTO pot.state (name, version, bytes) VALUES (${name}, 1, ${bytes})
              ON CONFLICT (name) DO NOTHING RETURNING version`
          : sql<{ version: bigint }[]>`
              UPDATE pot.state SET version = version + 1, bytes = ${bytes}, written_at = now()
              WHERE name = ${name} AND version = ${before} RETURNING version`);
      });
      if (row === undefined) throw new StateConflictError(name);
      return String(row.version);
    },

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

/** The names of all documents there. */
export async function listPostgresState(
  url: string,
  options?: PostgresConnectionOptions,
): Promise<readonly string[]> {
  await using connection = createPostgresConnection(url, options);
  const rows = await connection.read(
    "list the daemon's state",
    (sql) => sql<{ name: string }[]>`SELECT name FROM pot.state ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}
