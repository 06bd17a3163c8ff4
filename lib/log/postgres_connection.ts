import { UsageError } from "../core/errors.ts";
import { createPostgresClient, type PostgresClient, type PostgresSql } from "./postgres_client.ts";
import { describePostgresError } from "./postgres_error.ts";
import { parsePostgresUrl, POSTGRES_URL_FORM } from "./postgres_url.ts";

/**
 * Up to one connection to a database: opened by the first query, and anew by the first one after a loss. What was under
 * way when it was lost is not tried again.
 */
export interface PostgresConnection extends AsyncDisposable {
  /** Runs queries that change nothing. `doing` finishes "Cannot …" where they fail. */
  read<T>(doing: string, work: (sql: PostgresSql) => Promise<T>): Promise<T>;
  /**
   * Runs queries in a transaction: what they changed is durable once this resolves, and undone when `work` rejects. The
   * next one waits until this one ends.
   */
  transact<T>(
    doing: string,
    work: (sql: PostgresSql) => Promise<T>,
    options?: TransactOptions,
  ): Promise<T>;
}

export interface TransactOptions {
  /** For work of any length, such as a migration. @default false */
  readonly mayLast?: boolean;
}

/** How patient to be with the server. */
export interface PostgresConnectionOptions {
  /** How long reads and transactions may take before the server counts as lost. @default 60 000 */
  readonly answerTimeoutMs?: number;
}

/**
 * @throws {UsageError} for a URL that is none
 */
export function createPostgresConnection(
  url: string,
  { answerTimeoutMs = 60_000 }: PostgresConnectionOptions = {},
): PostgresConnection {
  const target = parsePostgresUrl(url);
  if (target === undefined) {
    throw new UsageError(`Cannot open the log as its URL must be ${POSTGRES_URL_FORM}`, {
      hint: "correct POT_LOG_URL",
    });
  }
  const { host, port, password } = target;
  const server = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const secrets = [url, ...(password === undefined ? [] : [password])];
  let current: Promise<PostgresClient> | undefined;

  function client(): Promise<PostgresClient> {
    const before = current;
    return current = (async () => {
      const known = await before?.catch(() => undefined);
      if (known !== undefined && !known.isLost) return known;
      await known?.end();
      return await createPostgresClient(target!);
    })();
  }

  async function run<T>(
    doing: string,
    { work, mayLast }: { readonly work: (client: PostgresClient) => Promise<T>; readonly mayLast: boolean },
  ): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      const using = await client();
      if (!mayLast) {
        const late = () => {
          const error = new Error(`no answer for ${answerTimeoutMs / 1_000} s`);
          using.drop(Object.assign(error, { code: "ETIMEDOUT" }));
        };
        timer = setTimeout(late, answerTimeoutMs);
      }
      return await Promise.race([work(using), using.lost]);
    } catch (error) {
      throw describePostgresError(error, { doing, server, secrets });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    read: (doing, work) => run(doing, { work: ({ sql }) => work(sql), mayLast: false }),
    transact: (doing, work, { mayLast = false } = {}) =>
      run(doing, { work: (using) => transactOn(using, work), mayLast }),
    async [Symbol.asyncDispose]() {
      await (await current?.catch(() => undefined))?.end();
    },
  };
}

/** A transaction that fails ends with its connection, which undoes it even where no query would be answered any more. */
async function transactOn<T>(using: PostgresClient, work: (sql: PostgresSql) => Promise<T>): Promise<T> {
  const sql = await using.reserve();
  try {
    await sql`BEGIN`;
    const result = await work(sql);
    const { command } = await sql`COMMIT`;
    if (command !== "COMMIT") throw new Error(`the server answered ${command} to a COMMIT`);
    sql.release();
    return result;
  } catch (error) {
    using.drop(error);
    throw error;
  }
}
