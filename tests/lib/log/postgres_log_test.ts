import assert from "node:assert/strict";
import postgres from "postgres";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { migratePostgres } from "../../../lib/log/migrate_postgres.ts";
import { createPostgresConnection } from "../../../lib/log/postgres_connection.ts";
import { openPostgresLog } from "../../../lib/log/postgres_log.ts";
import { MIGRATIONS } from "../../../lib/log/postgres_migrations.ts";
import { openIn, query } from "../../_fakes/postgres_by_hand.ts";
import { type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";
import { signTestHead, TEST_ORIGIN, testDraft, testEventKey } from "../../_fakes/test_log.ts";
import { logSuite } from "./log_suite.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

logSuite("PostgreSQL log", async () => {
  const url = await server.createDatabase();
  return {
    open: ({ origin = TEST_ORIGIN, sign = signTestHead } = {}) =>
      openPostgresLog(url, { origin, verifierKeys: [], sign }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

Deno.test("openPostgresLog() makes its tables once, whoever comes first", async () => {
  const url = await server.createDatabase();
  const logs = await Promise.all(Array.from({ length: 6 }, () => openIn(url)));
  const results = await Promise.all(logs.map((log, n) => log.append(testDraft("a", n))));
  assert.deepEqual(results.map(({ index }) => index).sort(), [0n, 1n, 2n, 3n, 4n, 5n]);
  for (const log of logs) await log[Symbol.asyncDispose]();
  const versions = await query(url, "SELECT version FROM pot.migration");
  assert.deepEqual(versions.map(({ version }) => version), MIGRATIONS.map(({ version }) => version));
});

Deno.test("openPostgresLog() refuses a schema that is newer than the program, and so does an open log", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  await log.append(testDraft("a", 0));
  await query(url, "INSERT INTO pot.migration (version, name) VALUES (1000, 'from the future')");
  const refusal = {
    name: "UsageError",
    message: "Cannot use the log as its database is of a newer version of pot",
    facts: ["schema version: 1000", `known to this program: up to ${MIGRATIONS.length}`],
    hint: "update pot on this machine",
    exitCode: 2,
  };
  await assert.rejects(() => openIn(url), refusal);
  await assert.rejects(() => log.append(testDraft("a", 1)), refusal);
  await assert.rejects(() => log.checkpoint(), refusal);
  assert.equal(await log.size(), 1n);
});

Deno.test("migratePostgres() brings an existing schema up to date, all steps or none, and keeps what is there", async () => {
  const url = await server.createDatabase();
  {
    await using log = await openIn(url);
    await log.append(testDraft("a", 0));
  }
  await using connection = createPostgresConnection(url);
  const next = MIGRATIONS.length + 1;
  const good = { version: next, name: "a note", sql: "ALTER TABLE pot.run ADD COLUMN remark text" };
  const bad = { version: next + 1, name: "a slip", sql: "ALTER TABLE pot.nothing ADD COLUMN a text" };
  await assert.rejects(() => migratePostgres(connection, [...MIGRATIONS, good, bad]), {
    message: "Cannot prepare the database as PostgreSQL reports an error",
  });
  const columns = () =>
    query(
      url,
      "SELECT 1 FROM information_schema.columns WHERE table_schema = 'pot' AND column_name = 'remark'",
    );
  assert.equal((await columns()).length, 0);
  {
    await using log = await openIn(url);
    assert.equal((await log.append(testDraft("a", 0))).isDuplicate, true);
  }
  await Promise.all([1, 2, 3].map(() => migratePostgres(connection, [...MIGRATIONS, good])));
  assert.equal((await columns()).length, 1);
  assert.equal((await query(url, "SELECT 1 FROM pot.entry")).length, 1);
  await assert.rejects(() => openIn(url), { exitCode: 2 });
});

Deno.test("openPostgresLog() takes over what a program of each earlier version wrote", async () => {
  for (const older of MIGRATIONS.slice(0, -1)) {
    const url = await server.createDatabase();
    {
      await using connection = createPostgresConnection(url);
      await migratePostgres(connection, MIGRATIONS.slice(0, older.version));
    }
    const bytes = testDraft("a", 0).build(undefined);
    const id = leafHash(bytes);
    const head = { size: 1n, root: id };
    const note = await signTestHead(head);
    const sql = postgres(url, { max: 1 });
    await sql`INSERT INTO pot.head (origin, size) VALUES (${TEST_ORIGIN}, 1)`;
    await sql`
      INSERT INTO pot.entry (index, id, event_key, run_id, bytes)
      VALUES (0, ${id}, ${testEventKey({ run: "a", n: 0 })}, 'a', ${bytes})`;
    await sql`INSERT INTO pot.run VALUES ('a', 1, 0, 0, ${id})`;
    await sql`INSERT INTO pot.tile (level, index, hashes) VALUES (0, 0, ${id})`;
    await sql`INSERT INTO pot.checkpoint (size, root, note) VALUES (1, ${id}, ${note})`;
    await sql.end();

    await using log = await openIn(url);
    assert.deepEqual(await log.publishedCheckpoint(), { ...head, note });
    assert.equal((await log.append(testDraft("a", 0))).isDuplicate, true);
    await log.append(testDraft("a", 1));
    assert.equal((await log.checkpoint())!.size, 2n);
  }
});

Deno.test("openPostgresLog() refuses to have its records changed or removed by a slip", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  await log.append(testDraft("a", 0));
  await log.checkpoint();
  for (const table of ["entry", "checkpoint"]) {
    for (const change of [`DELETE FROM pot.${table}`, `TRUNCATE pot.${table}`]) {
      await assert.rejects(() => query(url, change), /what was recorded is never changed or removed/);
    }
  }
  await assert.rejects(() => query(url, "UPDATE pot.entry SET bytes = ''"), /never changed/);
  assert.equal(await log.size(), 1n);
});

Deno.test("entry() and checkpoint() report bytes that do not hash to their id", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  for (let n = 0; n < 3; n++) await log.append(testDraft("a", n));
  await query(url, "ALTER TABLE pot.entry DISABLE TRIGGER append_only");
  await query(url, "UPDATE pot.entry SET bytes = set_byte(bytes, 3, 0) WHERE index = 1");
  const damaged = {
    message: "Cannot read a record as PostgreSQL has bytes that do not hash to its id",
    facts: ["index: 1"],
  };
  await assert.rejects(() => log.entry(1n), damaged);
  await assert.rejects(() => log.checkpoint(), damaged);
  assert.equal(await log.publishedCheckpoint(), undefined);
});

Deno.test("checkpoint() refuses to sign over tiles that contradict the published checkpoint or are gone", async () => {
  const url = await server.createDatabase();
  {
    await using log = await openIn(url);
    for (let n = 0; n < 3; n++) await log.append(testDraft("a", n));
    await log.checkpoint();
    await log.append(testDraft("b", 0));
  }
  await using log = await openIn(url);
  await query(url, "UPDATE pot.tile SET hashes = set_byte(hashes, 40, 0)");
  await assert.rejects(() => log.checkpoint(), {
    message: "Cannot sign a checkpoint as the tiles in PostgreSQL contradict the published one",
    facts: ["published size: 3"],
  });
  await query(url, "DELETE FROM pot.tile");
  await assert.rejects(() => log.checkpoint(), {
    message: "Cannot compute the tree as a tile in PostgreSQL is not whole",
    facts: ["tile: level 0, index 0", "bytes: 0 of 96"],
  });
  assert.equal((await log.publishedCheckpoint())!.size, 3n);
});

Deno.test("checkpoint() goes on where the tiles end, whatever the log's length", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  for (const size of [255, 257, 700]) {
    const from = Number(await log.size());
    await Promise.all(Array.from({ length: size - from }, (_, i) => log.append(testDraft("a", from + i))));
    await log.checkpoint();
  }
  const tiles = await query(url, "SELECT level, index, length(hashes) AS bytes FROM pot.tile ORDER BY 1, 2");
  assert.deepEqual(tiles.map(({ level, index, bytes }) => [level, Number(index), bytes]), [
    [0, 0, 8_192],
    [0, 1, 8_192],
    [0, 2, (700 - 512) * 32],
    [1, 0, 64],
  ]);
  // A published size stays provable though its tile has grown since.
  assert.equal((await log.headAt(255n)).size, 255n);
});

Deno.test("append() refuses a run that cannot be stored, for that caller alone", async () => {
  await using log = await openIn(await server.createDatabase());
  for (const runId of ["a\0b", "\ud800", "x".repeat(1_001)]) {
    const [bad, good] = await Promise.allSettled([
      log.append({ ...testDraft("bad", 0), runId }),
      log.append(testDraft(`good ${runId.length}`, 0)),
    ]);
    assert.equal(bad.status, "rejected");
    assert.equal(bad.reason.message, "Cannot append the record as its run cannot be stored");
    assert.equal(good.status, "fulfilled");
  }
  assert.equal(
    (await log.append({ ...testDraft("long", 0), runId: "\u{1f600}".repeat(250) })).isDuplicate,
    false,
  );
});
