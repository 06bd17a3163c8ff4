import type { Clock } from "../core/clock.ts";
import { UnreachableError, UsageError } from "../core/errors.ts";
import type { Leadership, LeadOptions } from "../io/leadership.ts";
import { createPostgresClient, type PostgresClient, type PostgresSql } from "./postgres_client.ts";
import { describePostgresError } from "./postgres_error.ts";
import { parsePostgresUrl, POSTGRES_URL_FORM, type PostgresTarget } from "./postgres_url.ts";

export interface PostgresLeadershipOptions {
  readonly clock: Clock;
  /** Pause between two looks: whether the turn is free, or whether it is still ours. @default 5 000 */
  readonly pollMs?: number;
  /** How long the server may take to answer one. @default 10 000 */
  readonly answerTimeoutMs?: number;
}

/** Any number, as long as every version of this program uses the same: "pot" and 2. */
const LEADER_LOCK = 0x706f7402;

/** The server ends a session that is silent for so long, frozen or cut off, and with it its lock. */
const SILENCE_MS = 30_000;

/**
 * One of all processes that use the same database acts: the one that holds an advisory lock, in a session on a connection
 * of its own. The lock goes with the session, so whoever dies gives it up; who loses the connection stops at once.
 *
 * A pooler between us and the server must keep sessions apart (PgBouncer: session pooling).
 *
 * @throws {UsageError} for a URL that is none
 */
export function createPostgresLeadership(
  url: string,
  { clock, pollMs = 5_000, answerTimeoutMs = 10_000 }: PostgresLeadershipOptions,
): Leadership {
  const target = parsePostgresUrl(url);
  if (target === undefined) {
    throw new UsageError(`Cannot stand by as the URL of the log must be ${POSTGRES_URL_FORM}`, {
      hint: "correct POT_LOG_URL",
    });
  }
  const server = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const secrets = [url, ...(target.password === undefined ? [] : [target.password])];
  const describe = (error: unknown) =>
    describePostgresError(error, { doing: "learn which daemon acts", server, secrets });

  /** Answers within the limit, or drops the connection. */
  async function ask<T>(client: PostgresClient, query: (sql: PostgresSql) => Promise<T>): Promise<T> {
    const answered = new AbortController();
    clock.sleep(answerTimeoutMs, { signal: answered.signal }).then(
      () => client.drop(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
      () => {},
    );
    try {
      return await Promise.race([query(client.sql), client.lost]);
    } finally {
      answered.abort();
    }
  }

  async function takeTurn(client: PostgresClient): Promise<boolean> {
    const [row] = await ask(
      client,
      (sql) => sql<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${LEADER_LOCK}::bigint) AS taken`,
    );
    return row!.taken;
  }

  /** Until the next look is due; rejects as soon as the connection is lost. */
  async function pause(client: PostgresClient, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    try {
      await Promise.race([
        clock.sleep(pollMs, { signal: AbortSignal.any([signal, over.signal]) }),
        client.lost,
      ]);
    } finally {
      over.abort();
    }
  }

  /** Looks again and again whether the session lives; resolves when it does not, or when `ended` aborts. */
  async function watch(client: PostgresClient, ended: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await pause(client, ended);
        await ask(client, (sql) => sql`SELECT 1`);
      }
    } catch (error) {
      client.drop(error);
    }
  }

  /** Runs the work for as long as the session lives. */
  async function act(
    client: PostgresClient,
    work: (leading: AbortSignal) => Promise<void>,
    { signal, onChange }: LeadOptions,
  ): Promise<void> {
    const lost = new AbortController();
    const ended = new AbortController();
    client.lost.catch((error) => {
      if (ended.signal.aborted) return;
      onChange(`no longer in charge: ${shortly(describe(error))}`);
      lost.abort(new UnreachableError("Stopped as another daemon may be in charge now"));
    });
    const watching = watch(client, ended.signal);
    try {
      await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      ended.abort();
      await watching;
    }
  }

  return {
    async lead(work, { signal, onChange }) {
      let isTold = false;
      /** Says once that it stands by, and why. */
      const standBy = (why: string) => {
        if (!isTold) onChange(`standing by: ${why}`);
        isTold = true;
      };
      while (!signal.aborted) {
        let client: PostgresClient | undefined;
        let isActing = false;
        try {
          client = await openSession(target, ask);
          while (!signal.aborted) {
            if (await takeTurn(client)) {
              isActing = true;
              isTold = false;
              onChange("in charge of this log's jobs");
              await act(client, work, { signal, onChange });
              break;
            }
            standBy("another daemon is in charge");
            await pause(client, signal);
          }
        } catch (error) {
          if (isActing) throw error;
          if (signal.aborted) return;
          const described = describe(error);
          // Waiting mends neither a refused password nor a mistake of ours.
          if (!(described instanceof UnreachableError)) throw described;
          standBy(shortly(described));
        } finally {
          await client?.end();
        }
        await clock.sleep(pollMs, { signal }).catch(() => {});
      }
    },
  };
}

/** A session that the server gives up soon after its other side died, froze or was cut off. */
async function openSession(
  target: PostgresTarget,
  ask: <T>(client: PostgresClient, query: (sql: PostgresSql) => Promise<T>) => Promise<T>,
): Promise<PostgresClient> {
  const client = await createPostgresClient(target);
  try {
    // As far as this server has them: an older one lacks the first, one on a Unix socket the others.
    await ask(client, (sql) =>
      sql`
        SELECT set_config(name, CASE name
          WHEN 'idle_session_timeout' THEN ${String(SILENCE_MS)}
          WHEN 'tcp_keepalives_idle' THEN '10'
          WHEN 'tcp_keepalives_interval' THEN '5'
          ELSE '3' END, false)
        FROM pg_settings
        WHERE name IN (
          'idle_session_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count'
        )`);
    return client;
  } catch (error) {
    client.drop(error);
    await client.end();
    throw error;
  }
}

function shortly(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
