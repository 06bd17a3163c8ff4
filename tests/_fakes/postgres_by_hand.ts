import postgres from "postgres";
import type { Log } from "../../lib/log/log.ts";
import { openPostgresLog, type OpenPostgresLogOptions } from "../../lib/log/postgres_log.ts";
import { signTestHead, TEST_ORIGIN } from "./test_log.ts";

/** The test log in that database. */
export function openIn(url: string, options: Partial<OpenPostgresLogOptions> = {}): Promise<Log> {
  return openPostgresLog(url, { origin: TEST_ORIGIN, verifierKeys: [], sign: signTestHead, ...options });
}

/** What an operator does by hand. */
export async function query(url: string, text: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}

/** Ends the connections that wait inside a transaction, as a server does that loses patience. */
export async function endTransactions(url: string): Promise<void> {
  await query(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'idle in transaction'`,
  );
}

/** Ends the connection that is held up by the pause, once there is one. */
export async function endPaused(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    let count = 0;
    while (count === 0) {
      count = (await sql`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'PgSleep'`).length;
    }
  } finally {
    await sql.end();
  }
}

/** Resolves once a connection to that database waits for a lock. */
export async function untilSomeoneWaits(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  try {
    let count = 0;
    while (count === 0) {
      count = (await sql`
        SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
        .length;
    }
  } finally {
    await sql.end();
  }
}
