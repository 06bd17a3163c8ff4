import { Socket } from "node:net";
import type postgres from "postgres";
import { UsageError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import type { PostgresTarget } from "./postgres_url.ts";

// No interface: only of a type does the package see that all fields are known.
type Types = { bigint: bigint; bytes: Uint8Array };

/** Runs a query, on its own or inside a transaction. `int8` is a bigint, `bytea` a Uint8Array. */
export type PostgresSql = postgres.ISql<Types>;

/** One connection to a database, for as long as it lives: none is ever made anew here. */
export interface PostgresClient {
  /** Runs queries, each on its own. Connects at the first one. */
  readonly sql: PostgresSql;
  /** Keeps the connection to itself until the release. */
  reserve(): Promise<PostgresSql & { release(): void }>;
  /** Rejects when the connection is lost or dropped. */
  readonly lost: Promise<never>;
  readonly isLost: boolean;
  /** Lets go of the connection without another word: the server undoes the transaction that was under way. */
  drop(reason: unknown): void;
  /** Says goodbye, where there is still somebody to say it to. */
  end(): Promise<void>;
}

const CONNECT_TIMEOUT_SECONDS = 10;
/** A connection whose other side vanished is noticed by this, where no deadline does. */
const KEEP_ALIVE_SECONDS = 15;

/**
 * Makes a client of exactly one connection. The package would make a lost one anew by itself, yet what was on its way
 * goes along into the new one, and a query into a connection that was lost inside a transaction ends the process
 * (3.4.9, `nextWrite` without a socket). So a client is thrown away with its connection.
 *
 * @throws {UsageError} for a certificate file that cannot be read
 */
export async function createPostgresClient(target: PostgresTarget): Promise<PostgresClient> {
  // Loaded by the first that connects: whoever imports the library for its file log never needs it.
  const { default: connect } = await import("postgres");
  const { host, port, database, user, password } = target;
  let socket: Socket | undefined;
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  let isLost = false;
  let ended: Promise<void> | undefined;
  let reasonLost: unknown = new Error("the connection was closed");

  function drop(reason: unknown): void {
    if (isLost) return;
    isLost = true;
    reasonLost = reason;
    lost.reject(reason);
    socket?.destroy();
    ended = sql.end({ timeout: 0 });
  }

  const sql = connect({
    host,
    port,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ssl: await tlsOptions(target),
    max: 1,
    max_lifetime: null,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    keep_alive: KEEP_ALIVE_SECONDS,
    onnotice: () => {},
    onclose: () => drop(closedByServer()),
    connection: { application_name: "pot" },
    types: {
      bigint: connect.BigInt,
      bytes: {
        to: 17,
        from: [17],
        serialize: (bytes: Uint8Array) => `\\x${toHex(bytes)}`,
        parse: (text: string) => fromHex(text.slice(2))!,
      },
    },
    socket: () => {
      // The package tries again for as long as connections are taken and ended at once.
      if (socket !== undefined) throw closedByServer();
      socket = Object.assign(new Socket(), { host, port });
      socket.once("error", drop);
      socket.once("close", () => drop(closedByServer()));
      // Two queries under way would wait for the other side's delayed acknowledgement.
      socket.setNoDelay(true);
      return socket.connect(port, host);
    },
  } as postgres.Options<{ bigint: postgres.PostgresType<bigint>; bytes: postgres.PostgresType<Uint8Array> }>);

  /** Throws instead of writing into a connection that is gone. */
  const guarded = <T extends PostgresSql>(reserved: T): T => {
    const check = () => {
      if (isLost) throw reasonLost;
    };
    return new Proxy(reserved, {
      apply(query, self, args) {
        check();
        return Reflect.apply(query, self, args);
      },
      get(query, key) {
        if (key === "unsafe") check();
        return Reflect.get(query, key);
      },
    });
  };

  return {
    sql,
    reserve: async () => guarded(await sql.reserve()),
    lost: lost.promise,
    get isLost() {
      return isLost;
    },
    drop,
    async end() {
      isLost = true;
      await (ended ??= sql.end({ timeout: 5 }));
    },
  };
}

function closedByServer(): Error {
  return Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
}

async function tlsOptions({ tls, host, rootCertificateFile }: PostgresTarget): Promise<false | object> {
  if (tls === "off") return false;
  if (tls === "unverified") return { rejectUnauthorized: false };
  const ca = rootCertificateFile === undefined ? {} : { ca: await readCertificates(rootCertificateFile) };
  const anyName = tls === "chain" ? { checkServerIdentity: () => undefined } : {};
  return { rejectUnauthorized: true, host, ...ca, ...anyName };
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
