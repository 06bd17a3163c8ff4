import { toHex } from "../core/hex.ts";
import { buildEntries, type KnownRecords, type NewEntry } from "./build_entries.ts";
import type { AppendResult, LogDraft } from "./log.ts";
import { assertKnownSchema } from "./migrate_postgres.ts";
import type { PostgresSql } from "./postgres_client.ts";

/**
 * Appends a batch of drafts inside a transaction, and answers each as {@linkcode buildEntries} does. Takes the drafts
 * once it holds the head, so that what came in during the wait goes along; the answers hold once the transaction is
 * committed.
 */
export async function commitPostgresBatch(
  sql: PostgresSql,
  { take, signal }: { readonly take: () => readonly LogDraft[]; readonly signal: AbortSignal },
): Promise<readonly PromiseSettledResult<AppendResult>[]> {
  const first = await lockHead(sql, signal);
  const drafts = take();
  // Not before the head is locked: a statement sees what was committed when it began.
  const [known] = await Promise.all([findKnown(sql, drafts), assertKnownSchema(sql)]);
  const { entries, outcomes } = buildEntries(drafts, { known, first });
  if (entries.length > 0) await insert(sql, entries, first);
  return outcomes;
}

/**
 * Locks the head row and answers with the log's size; rejects when `signal` aborts before. For this transaction alone: its
 * commit waits for the disk whatever the server's default is; a client that stops in the middle lets go of the lock; and
 * keys are looked up in indexes, though a plan was made while the tables were small.
 */
async function lockHead(sql: PostgresSql, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  await sql`
    SELECT
      set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true),
      set_config('idle_in_transaction_session_timeout', '15s', true),
      set_config('enable_seqscan', 'off', true),
      set_config('jit', 'off', true)`;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const locking = sql<{ size: bigint }[]>`SELECT size FROM pot.head WHERE singleton FOR UPDATE`;
    const [head] = await Promise.race([locking, aborted]);
    return Number(head!.size);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function findKnown(sql: PostgresSql, drafts: readonly LogDraft[]): Promise<KnownRecords> {
  const eventKeys = drafts.map(({ eventKey }) => eventKey);
  const runIds = [...new Set(drafts.map(({ runId }) => runId))];
  const [events, runs] = await Promise.all([
    sql<{ event_key: Uint8Array; id: Uint8Array; index: bigint }[]>`
      SELECT event_key, id, index FROM pot.entry WHERE event_key = ANY (${sql.array(eventKeys, BYTEA)})`,
    sql<{ run_id: string; last_id: Uint8Array }[]>`
      SELECT run_id, last_id FROM pot.run WHERE run_id = ANY (${sql.array(runIds, TEXT)})`,
  ]);
  const byEventKey = new Map(
    events.map(({ event_key, id, index }) => [toHex(event_key), { id, position: Number(index) }]),
  );
  const lastOfRun = new Map(runs.map(({ run_id, last_id }) => [run_id, last_id]));
  return {
    findEvent: (eventKey) => byEventKey.get(toHex(eventKey)),
    lastOfRun: (runId) => lastOfRun.get(runId),
  };
}

async function insert(sql: PostgresSql, entries: readonly NewEntry[], first: number): Promise<void> {
  const bytesOf = (field: "id" | "eventKey" | "bytes") =>
    sql.array(entries.map((entry) => entry[field]), BYTEA);
  const runs = summarizeRuns(entries, first);
  await Promise.all([
    sql`
      INSERT INTO pot.entry (index, id, event_key, run_id, bytes)
      SELECT ${first}::bigint + place - 1, id, event_key, run_id, bytes
      FROM unnest(
        ${bytesOf("id")}::bytea[], ${bytesOf("eventKey")}::bytea[],
        ${sql.array(entries.map(({ runId }) => runId), TEXT)}::text[], ${bytesOf("bytes")}::bytea[]
      ) WITH ORDINALITY AS new (id, event_key, run_id, bytes, place)`,
    sql`
      INSERT INTO pot.run AS run (run_id, record_count, first_index, last_index, last_id)
      SELECT * FROM unnest(
        ${sql.array(runs.map(({ runId }) => runId), TEXT)}::text[],
        ${sql.array(runs.map(({ count }) => BigInt(count)), INT8)}::bigint[],
        ${sql.array(runs.map(({ firstIndex }) => BigInt(firstIndex)), INT8)}::bigint[],
        ${sql.array(runs.map(({ lastIndex }) => BigInt(lastIndex)), INT8)}::bigint[],
        ${sql.array(runs.map(({ lastId }) => lastId), BYTEA)}::bytea[]
      )
      ON CONFLICT (run_id) DO UPDATE SET
        record_count = run.record_count + excluded.record_count,
        last_index = excluded.last_index,
        last_id = excluded.last_id`,
    sql`UPDATE pot.head SET size = ${BigInt(first + entries.length)} WHERE singleton`,
  ]);
}

interface RunOfBatch {
  readonly runId: string;
  readonly firstIndex: number;
  count: number;
  lastIndex: number;
  lastId: Uint8Array;
}

function summarizeRuns(entries: readonly NewEntry[], first: number): readonly RunOfBatch[] {
  const runs = new Map<string, RunOfBatch>();
  for (const [i, { runId, id }] of entries.entries()) {
    const run = runs.get(runId) ?? { runId, firstIndex: first + i, count: 0, lastIndex: 0, lastId: id };
    run.count++;
    run.lastIndex = first + i;
    run.lastId = id;
    runs.set(runId, run);
  }
  return [...runs.values()];
}

// Object identifiers of types (pg_type).
const BYTEA = 17;
const INT8 = 20;
const TEXT = 25;
