import { Socket } from "node:net";
import postgres from "postgres";
import { UsageError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import { describePostgresError } from "./postgres_error.ts";
import { parsePostgresUrl, POSTGRES_URL_FORM, type PostgresTarget } from "./postgres_url.ts";

interface Types extends Record<string, unknown> {
  bigint: bigint;
  bytes: Uint8Array;
}

/** Runs a query on any connection of the pool, or inside a transaction. `int8` is a bigint, `bytea` a Uint8Array. */
export type PostgresSql = postgres.ISql<Types>;

/** A pool of connections to one database. Connects at the first query, and anew after a loss. */
export interface PostgresConnection extends AsyncDisposable {
  /** Runs queries that change nothing. `doing` finishes "Cannot …" where they fail. */
  read<T>(doing: string, work: (sql: PostgresSql) => Promise<T>): Promise<T>;
  /** Runs queries in a transaction: what they changed is durable once this resolves, and undone when `work` rejects. */
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

export interface PostgresConnectionOptions {
  /** How long reads and transactions may take before the server counts as lost. @default 60 000 */
  readonly answerTimeoutMs?: number;
}

/** One for the commit, one for a checkpoint, two for readers. */
const CONNECTIONS = 4;
const CONNECT_TIMEOUT_SECONDS = 10;
/** A connection whose other side vanished is noticed by this, where no deadline does. */
const KEEP_ALIVE_SECONDS = 15;

/**
 * @throws {UsageError} for a URL that is none, or a certificate file that cannot be read
 */
export async function openPostgresConnection(
  url: string,
  { answerTimeoutMs = 60_000 }: PostgresConnectionOptions = {},
): Promise<PostgresConnection> {
  const target = parsePostgresUrl(url);
  if (target === undefined) {
    throw new UsageError(`Cannot open the log as its URL must be ${POSTGRES_URL_FORM}`, {
      hint: "correct POT_LOG_URL",
    });
  }
  const { host, port } = target;
  const server = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const secrets = [url, ...(target.password === undefined ? [] : [target.password])];
  const sockets = new Set<Socket>();
  const sql = await connect(target, sockets);

  /** Destroys the sockets when time is up: whatever waits for an answer on them is then told so. */
  async function beforeDeadline<T>(work: () => Promise<T>): Promise<T> {
    const seconds = answerTimeoutMs / 1_000;
    const timer = setTimeout(() => {
      const error = Object.assign(new Error(`no answer for ${seconds} s`), { code: "ETIMEDOUT" });
      for (const socket of sockets) socket.destroy(error);
    }, answerTimeoutMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  async function described<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw describePostgresError(error, { doing, server, secrets });
    }
  }

  return {
    read: (doing, work) => described(doing, () => beforeDeadline(() => work(sql))),
    transact<T>(
      doing: string,
      work: (sql: PostgresSql) => Promise<T>,
      { mayLast = false }: TransactOptions = {},
    ) {
      const run = async () => {
        let result: { readonly value: T } | undefined;
        // Past `begin`'s own result type, which takes promises in arrays apart.
        await sql.begin(async (transaction) => {
          result = { value: await work(transaction) };
        });
        return result!.value;
      };
      return described(doing, () => mayLast ? run() : beforeDeadline(run));
    },
    [Symbol.asyncDispose]: () => sql.end({ timeout: 5 }),
  };
}

async function connect(target: PostgresTarget, sockets: Set<Socket>): Promise<postgres.Sql<Types>> {
  const { host, port, database, user, password } = target;
  return postgres({
    host,
    port,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ssl: await tlsOptions(target),
    max: CONNECTIONS,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    keep_alive: KEEP_ALIVE_SECONDS,
    // Whoever asks again decides when; a caller is not made to wait for an earlier one's bad luck.
    backoff: false,
    onnotice: () => {},
    connection: { application_name: "pot" },
    types: {
      bigint: postgres.BigInt,
      bytes: {
        to: 17,
        from: [17],
        serialize: (bytes: Uint8Array) => `\\x${toHex(bytes)}`,
        parse: (text: string) => fromHex(text.slice(2))!,
      },
    },
    // So that a deadline can end them.
    socket: () => {
      const socket = Object.assign(new Socket(), { host, port });
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      return socket.connect(port, host);
    },
  } as postgres.Options<{ bigint: postgres.PostgresType<bigint>; bytes: postgres.PostgresType<Uint8Array> }>);
}

async function tlsOptions({ tls, host, rootCertificateFile }: PostgresTarget): Promise<false | object> {
  if (tls === "off") return false;
  if (tls === "unverified") return { rejectUnauthorized: false };
  const ca = rootCertificateFile === undefined ? {} : { ca: await readCertificates(rootCertificateFile) };
  const anyName = tls === "chain" ? { checkServerIdentity: () => undefined } : {};
  return { rejectUnauthorized: true, servername: host, ...ca, ...anyName };
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new UsageError("Cannot open the log as the certificates to trust cannot be read", {
      facts: [`sslrootcert: ${path}`],
      hint: "correct sslrootcert in POT_LOG_URL",
      cause,
    });
  }
}
