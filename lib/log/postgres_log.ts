import { PotError, UsageError } from "../core/errors.ts";
import { createAppendQueue } from "./append_queue.ts";
import type { AppendResult, Log, LogDraft, SignHead } from "./log.ts";
import { migratePostgres } from "./migrate_postgres.ts";
import { addPostgresSignatures, makePostgresCheckpoint } from "./postgres_checkpoint.ts";
import { commitPostgresBatch } from "./postgres_commit.ts";
import {
  createPostgresConnection,
  type PostgresConnection,
  type PostgresConnectionOptions,
} from "./postgres_connection.ts";
import { createPostgresReader } from "./postgres_reader.ts";
import { createTurns } from "./take_turns.ts";

/** Whose log it is, and who signs for it. */
export interface OpenPostgresLogOptions extends PostgresConnectionOptions {
  /** The first line of this log's checkpoints. */
  readonly origin: string;
  /** C2SP verifier keys of everyone who signed for this log, newest first; a function where they may change. */
  readonly verifierKeys: readonly string[] | (() => Promise<readonly string[]>);
  /** The signed checkpoint note over that head, with this log's origin. */
  readonly sign: SignHead;
}

/** One commit holds at most this many records (16 MiB when each is as large as can be). */
const MAX_BATCH = 256;

/** What an index entry of PostgreSQL can hold, with room to spare (a third of a page). */
const MAX_RUN_ID_BYTES = 1_000;

/**
 * Opens the log in a PostgreSQL database, making or migrating its tables (schema `pot`) where needed. Any number of
 * processes on any number of hosts may have it open; the database holds one log.
 *
 * @throws {UsageError} for a URL that is none, a refused login, a database of a newer version or of another log
 * @throws {UnreachableError} when the server does not answer
 * @throws {PotError} for a server that would lose acknowledged records in a power cut
 */
export async function openPostgresLog(url: string, options: OpenPostgresLogOptions): Promise<Log> {
  const { origin, verifierKeys } = options;
  // A connection each, so that none of the three waits for another.
  await using opened = new AsyncDisposableStack();
  const appending = opened.use(createPostgresConnection(url, options));
  const publishing = opened.use(createPostgresConnection(url, options));
  const reading = opened.use(createPostgresConnection(url, options));
  await migratePostgres(appending);
  await claim(appending, origin);

  const queue = createAppendQueue<LogDraft, AppendResult>({
    commit: (take, signal) =>
      appending.transact("append", (sql) => commitPostgresBatch(sql, { take, signal })),
    maxBatch: MAX_BATCH,
  });
  const turns = createTurns();
  const connections = opened.move();
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new PotError("Cannot use the log as it was closed");
  };

  return {
    origin,
    verifierKeys: typeof verifierKeys === "function" ? verifierKeys : () => Promise.resolve(verifierKeys),
    ...createPostgresReader(reading),

    async append(draft, appendOptions) {
      assertOpen();
      assertRunId(draft.runId);
      return await queue.push(draft, appendOptions);
    },

    async checkpoint({ signal, sign } = {}) {
      assertOpen();
      const making = { origin, sign: sign ?? options.sign, isReplacing: sign !== undefined };
      const work = () =>
        publishing.transact("make a checkpoint", (sql) => makePostgresCheckpoint(sql, making), {
          mayLast: true,
        });
      return await turns.run(work, signal ? { signal } : {});
    },

    async addSignatures(note) {
      assertOpen();
      return await turns.run(() =>
        publishing.transact("add signatures to the checkpoint", (sql) => addPostgresSignatures(sql, note))
      );
    },

    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await queue.drain();
      // Behind whatever still holds the turn.
      await turns.run(() => Promise.resolve());
      await connections.disposeAsync();
    },
  };
}

/** Writes the origin into an empty database; any later one must be the same. */
async function claim(connection: PostgresConnection, origin: string): Promise<void> {
  const look = () =>
    connection.read("open the log", (sql) =>
      sql<{ origin: string | null; fsync: string }[]>`
        SELECT (SELECT origin FROM pot.head) AS origin, current_setting('fsync') AS fsync`);
  let [found] = await look();
  if (found!.fsync === "off") {
    throw new PotError("Cannot use the PostgreSQL server as a power cut would lose what it acknowledged", {
      facts: ["fsync: off"],
      hint: "set fsync = on in postgresql.conf",
    });
  }
  if (found!.origin === null) {
    await connection.transact(
      "prepare the database",
      (sql) => sql`INSERT INTO pot.head (origin, size) VALUES (${origin}, 0) ON CONFLICT DO NOTHING`,
    );
    [found] = await look();
  }
  if (found!.origin === origin) return;
  throw new UsageError("Cannot use the log as the database holds another log", {
    facts: [`its origin: ${found!.origin}`, `this log's origin: ${origin}`],
    hint: "check POT_LOG_URL and the configured origin; each log needs a database of its own",
  });
}

/** For one caller alone: within a batch, PostgreSQL's refusal would be everyone's. */
function assertRunId(runId: string): void {
  const isStorable = runId.isWellFormed() && !runId.includes("\0") &&
    new TextEncoder().encode(runId).length <= MAX_RUN_ID_BYTES;
  if (isStorable) return;
  throw new UsageError("Cannot append the record as its run cannot be stored", {
    facts: [`run: ${JSON.stringify(runId.slice(0, 80))}`],
    hint: `name runs with at most ${MAX_RUN_ID_BYTES} bytes, without NUL and lone surrogates`,
  });
}
