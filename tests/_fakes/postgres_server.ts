import postgres from "postgres";
import { join } from "node:path";
import { findPostgres, type PostgresPrograms } from "./find_postgres.ts";

/** A real PostgreSQL on a loopback port, with its data in a temporary folder. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database and answers with its URL. */
  createDatabase(): Promise<string>;
}

/** In every URL; a test that finds it in a message has found a leak. */
export const POSTGRES_PASSWORD = "correct-horse-battery";

const USER = "pot";

/**
 * Starts a server that keeps what it committed through a power cut (fsync is on). It ends with its disposal, and also
 * when this process dies.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await Deno.makeTempDir({ prefix: "pot-postgres-" });
  try {
    const programs = await findPostgres(folder);
    const owner = await findOwner();
    const data = join(folder, "data");
    await Deno.mkdir(data, { mode: 0o700 });
    if (owner !== undefined) {
      // PostgreSQL refuses to run as root, so another user must reach its folder.
      await Deno.chmod(folder, 0o755);
      await Deno.chown(data, owner.uid, owner.gid);
    }
    await makeCluster(programs, { folder, data, owner });
    const { port, stop } = await startServer(programs, { data, owner });
    let count = 0;
    return {
      createDatabase: () => createDatabase(port, `test_${++count}`),
      async [Symbol.asyncDispose]() {
        await stop();
        await Deno.remove(folder, { recursive: true });
      },
    };
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whom to run as where we are root. */
async function findOwner(): Promise<Owner | undefined> {
  if (Deno.build.os === "windows" || Deno.uid() !== 0) return undefined;
  const users = (await Deno.readTextFile("/etc/passwd")).split("\n").map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (user === undefined) throw new Error("root needs a user named postgres or nobody to run PostgreSQL as");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

interface Place {
  readonly data: string;
  readonly owner: Owner | undefined;
}

async function makeCluster(
  { initdb }: PostgresPrograms,
  { folder, data, owner }: Place & { readonly folder: string },
): Promise<void> {
  const passwordFile = join(folder, "password");
  await Deno.writeTextFile(passwordFile, POSTGRES_PASSWORD, { mode: 0o644 });
  // Only what initdb itself writes goes unsynced; the server's fsync stays on.
  const args = [
    ["--pgdata", data],
    ["--username", USER],
    ["--pwfile", passwordFile],
    ["--auth", "scram-sha-256"],
    ["--encoding", "UTF8"],
    ["--no-locale", "--no-sync"],
  ].flat();
  const { success, stderr } = await new Deno.Command(initdb, {
    args,
    ...owner,
    ...environment(data),
    stdin: "null",
  }).output();
  if (!success) throw new Error(`initdb failed: ${new TextDecoder().decode(stderr)}`);
}

/** Nothing of the caller's PG* variables, and a folder that the owner may be in. */
function environment(data: string) {
  const keep = ["PATH", "SystemRoot"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { cwd: data, clearEnv: true, env: { ...Object.fromEntries(keep), LC_ALL: "C" } };
}

/** Ends the server when its standard input does, which the system sees to whatever becomes of this process. */
const GUARD =
  'exec 3<&0; "$@" & server=$!; (read -r _ <&3; kill -QUIT $server) & guard=$!; wait $server; kill $guard 2>&-';

async function startServer({ postgres }: PostgresPrograms, { data, owner }: Place) {
  const port = freePort();
  const command = [
    postgres,
    ...["-D", data, "-p", String(port)],
    ...["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
  ];
  const [program = "", ...args] = Deno.build.os === "windows"
    ? command
    : ["/bin/sh", "-c", GUARD, "sh", ...command];
  const server = new Deno.Command(program, {
    args,
    ...owner,
    ...environment(data),
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();

  const words = server.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const stop = async () => {
    if (Deno.build.os === "windows") server.kill();
    await server.stdin.close().catch(() => {});
    await words.cancel();
    await server.status;
  };
  let output = "";
  while (!output.includes("ready to accept connections")) {
    const { value, done } = await words.read();
    if (done) {
      await stop();
      throw new Error(`PostgreSQL did not start: ${output}`);
    }
    output += value;
  }
  // What it says later is nobody's: a read under way would belong to no test.
  await words.cancel();
  return { port, stop };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function createDatabase(port: number, name: string): Promise<string> {
  const url = (database: string) => `postgres://${USER}:${POSTGRES_PASSWORD}@127.0.0.1:${port}/${database}`;
  const sql = postgres(url("postgres"), { max: 1 });
  try {
    await sql.unsafe(`CREATE DATABASE ${name}`);
  } finally {
    await sql.end();
  }
  return url(name);
}
