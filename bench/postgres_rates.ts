import type { Log, LogDraft } from "../lib/log/log.ts";
import { openTestLog } from "../tests/_fakes/open_test_log.ts";
import { startPostgres } from "../tests/_fakes/postgres_server.ts";
import { median } from "./measure.ts";

export interface PostgresRatesOptions {
  readonly callers: number;
  readonly nextDraft: () => LogDraft;
  /** Work done a second by so many callers at once. */
  readonly rate: (callers: number, total: number, work: () => Promise<unknown>) => Promise<number>;
}

const ROUNDS = 5;
const ALONE_A_ROUND = 100;
const TOGETHER_A_ROUND = 4_096;

/** Durable appends to a PostgreSQL of this machine (its fsync on, over loopback), as one line; says so where none starts. */
export async function postgresRates(options: PostgresRatesOptions): Promise<string> {
  let server;
  try {
    server = await startPostgres();
  } catch (error) {
    return `PostgreSQL: could not be started (${error instanceof Error ? error.message : error})`;
  }
  try {
    await using log = await openTestLog(await server.createDatabase());
    return await measure(log, options);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

async function measure(log: Log, { callers, nextDraft, rate }: PostgresRatesOptions): Promise<string> {
  const append = () => log.append(nextDraft());
  const alone: number[] = [];
  const together: number[] = [];
  // Until the connection has seen each statement.
  await rate(callers, TOGETHER_A_ROUND, append);
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await rate(1, ALONE_A_ROUND, append));
    together.push(await rate(callers, TOGETHER_A_ROUND, append));
    await log.checkpoint();
  }
  return `PostgreSQL, on this machine: one caller ${Math.round(median(alone))}, ${callers} callers ${
    Math.round(median(together))
  }`;
}
