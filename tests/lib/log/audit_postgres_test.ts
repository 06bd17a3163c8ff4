import assert from "node:assert/strict";
import postgres from "postgres";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import { eventKey } from "../../../lib/core/encode_record.ts";
import { encodeRecord } from "../../../lib/core/encode_record.ts";
import { UsageError } from "../../../lib/core/errors.ts";
import { importNoteSigner } from "../../../lib/core/note_key.ts";
import type { RecordEvent } from "../../../lib/core/record.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { AuditCode } from "../../../lib/log/audit_codes.ts";
import { withAuditPostgresSource } from "../../../lib/log/audit_postgres_source.ts";
import type { Log } from "../../../lib/log/log.ts";
import { openPostgresLog } from "../../../lib/log/postgres_log.ts";
import { auditLog } from "../../../lib/recorder/audit_log.ts";
import { namedIn, ORIGIN, signerKey, verifierKey } from "../../_fakes/audited_home.ts";
import { type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";

let server: PostgresServer;
let url: string;
let log: Log;
let folder: string;
let count = 0;

Deno.test.beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  folder = await Deno.makeTempDir();
  const signer = await importNoteSigner(signerKey);
  log = await openPostgresLog(url, {
    origin: ORIGIN,
    verifierKeys: [verifierKey],
    sign: (head) => signCheckpointNote({ ...head, origin: ORIGIN }, signer),
  });
  for (const size of [100, 300, 400]) {
    await append(size - count);
    if (size < 400) await log.checkpoint();
  }
});
Deno.test.afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

async function append(records: number): Promise<void> {
  await Promise.all(Array.from({ length: records }, () => {
    const step = count++;
    const event: RecordEvent = { kind: "checkpoint", runId: `run-${step % 3}`, step };
    return log.append({
      runId: event.runId,
      eventKey: eventKey(event),
      build: (previous) =>
        encodeRecord({
          schema: "pot-record/1",
          ...event,
          ...(previous === undefined ? {} : { previous }),
          recordedAt: "2026-01-31T12:00:00.000Z",
          salt: crypto.getRandomValues(new Uint8Array(32)).toHex(),
        }),
    });
  }));
}

const audit = (at = url) =>
  auditLog({
    home: folder,
    files: denoFiles,
    origin: ORIGIN,
    keys: () => Promise.resolve([{ verifierKey, from: 0n }]),
    withSource: (to, work) => withAuditPostgresSource(at, to, work),
  });

Deno.test("auditLog() finds nothing in a sound log in PostgreSQL, whatever is appended and published meanwhile", async () => {
  const report = await audit();
  assert.deepEqual(namedIn(report), []);
  assert.deepEqual([report.outcome, report.size], ["clean", 400]);
  assert.equal(report.root, await rootAt400());
  let isDone = false;
  const appending = (async () => {
    while (!isDone) {
      await append(40);
      await log.checkpoint();
    }
  })();
  for (let round = 0; round < 5; round++) assert.deepEqual(namedIn(await audit()), []);
  isDone = true;
  await appending;
  assert.ok(count > 440);
});

async function rootAt400(): Promise<string> {
  await log.checkpoint();
  return (await log.headAt(400n)).root.toHex();
}

const damages: readonly (readonly [name: string, code: AuditCode, says: RegExp, statement: string])[] = [
  [
    "a record's bytes changed",
    "entry-altered",
    /pot\.entry, leaf 17 \| the record hashes to/,
    "UPDATE pot.entry SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) WHERE index = 17",
  ],
  [
    "a record dropped",
    "entry-missing",
    /pot\.entry, leaf 17 \| there is no such row/,
    "DELETE FROM pot.entry WHERE index = 17",
  ],
  [
    "a record added",
    "entry-added",
    /pot\.entry \| it has \d+ rows, pot\.head counts/,
    "INSERT INTO pot.entry SELECT max(index) + 1, '\\x00', '\\x01', 'run-0', '\\x02' FROM pot.entry",
  ],
  [
    "records swapped",
    "entries-swapped",
    /pot\.entry, leaves 17 and 20/,
    `UPDATE pot.entry SET index = -1 WHERE index = 17; UPDATE pot.entry SET index = 17 WHERE index = 20;
     UPDATE pot.entry SET index = 20 WHERE index = -1`,
  ],
  [
    "an id changed",
    "index-differs",
    /pot\.entry, leaf 17 \| its id is not the record's/,
    "UPDATE pot.entry SET id = '\\xab' WHERE index = 17",
  ],
  [
    "an event key changed",
    "index-differs",
    /pot\.entry, leaf 17 \| its event key is not/,
    "UPDATE pot.entry SET event_key = '\\xab' WHERE index = 17",
  ],
  [
    "a run's name changed",
    "index-differs",
    /pot\.run, run-9/,
    "UPDATE pot.run SET run_id = 'run-9' WHERE run_id = 'run-1'",
  ],
  [
    "a tile changed",
    "tile-differs",
    /leaf 17 \| the tile of level 0/,
    "UPDATE pot.tile SET hashes = set_byte(hashes, 17 * 32, get_byte(hashes, 17 * 32) # 1) WHERE level = 0 AND index = 0",
  ],
  [
    "an inner tile changed",
    "tile-differs",
    /pot\.tile, level 1, index 0, hash 0/,
    "UPDATE pot.tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 1",
  ],
  [
    "a tile cut off",
    "tile-damaged",
    /pot\.tile, level 0, index 0/,
    "UPDATE pot.tile SET hashes = '\\xabcd' WHERE level = 0 AND index = 0",
  ],
  [
    "a tile removed",
    "tile-missing",
    /pot\.tile, level 0, index 0/,
    "DELETE FROM pot.tile WHERE level = 0 AND index = 0",
  ],
  [
    "an old checkpoint changed",
    "checkpoint-damaged",
    /pot\.checkpoint, number 1 \| its note is over size 100 and another head than the 101/,
    "UPDATE pot.checkpoint SET size = 101 WHERE size = 100",
  ],
  [
    "an old note changed",
    "note-forged",
    /pot\.checkpoint, number 1/,
    "UPDATE pot.checkpoint SET note = overlay(note placing 'AAAA' from length(note) - 8) WHERE size = 100",
  ],
  [
    "the newest records dropped",
    "records-lost",
    /pot\.head \| it counts/,
    "DELETE FROM pot.entry WHERE index > 350",
  ],
  [
    "an event put in twice",
    "event-repeated",
    /leaves 17 and 20/,
    `DROP INDEX pot.entry_by_event_key;
     UPDATE pot.entry SET event_key = (SELECT event_key FROM pot.entry WHERE index = 17) WHERE index = 20`,
  ],
];

const TABLES = ["head", "entry", "run", "tile", "checkpoint"];

for (const [name, code, says, statement] of damages) {
  Deno.test(`auditLog() names it in PostgreSQL: ${name}`, async () => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    try {
      // The triggers that refuse a slip of the hand are no matter for whoever means it.
      await sql.unsafe(`
        ALTER TABLE pot.entry DISABLE TRIGGER USER; ALTER TABLE pot.checkpoint DISABLE TRIGGER USER;
        DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept;
        ${TABLES.map((table) => `CREATE TABLE kept.${table} AS TABLE pot.${table};`).join("")}
        ${statement}`);
      const named = namedIn(await audit());
      assert.ok(named.some((line) => line.startsWith(`${code} |`) && says.test(line)), named.join("\n"));
    } finally {
      const restored = TABLES.map((table) =>
        `TRUNCATE pot.${table}; INSERT INTO pot.${table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.${table};`
      );
      await sql.unsafe(restored.join(""));
      await sql.end();
    }
  });
}

Deno.test("withAuditPostgresSource() refuses a database without a log", async () => {
  await assert.rejects(
    audit(await server.createDatabase()),
    (error) => error instanceof UsageError && /the database holds none/.test(error.message),
  );
});
