import assert from "node:assert/strict";
import { soleLeadership } from "../../lib/io/leadership.ts";
import { migratePostgres } from "../../lib/log/migrate_postgres.ts";
import { createPostgresConnection } from "../../lib/log/postgres_connection.ts";
import { createPostgresLeadership } from "../../lib/log/postgres_leader.ts";
import { createPostgresStateStore } from "../../lib/log/postgres_state_store.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { startFaultyProxy } from "../_fakes/faulty_proxy.ts";
import { MINUTE_MS, runsOf } from "../_fakes/job_fixture.ts";
import { POSTGRES_PASSWORD, type PostgresServer, startPostgres } from "../_fakes/postgres_server.ts";
import { checkStateStore } from "../_fakes/state_store_suite.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

/** A database with the tables that opening a log makes. */
async function makeDatabase(): Promise<string> {
  const url = await server.createDatabase();
  await using connection = createPostgresConnection(url);
  await migratePostgres(connection);
  return url;
}

Deno.test("createPostgresStateStore() keeps what every state store must", async () => {
  const url = await makeDatabase();
  await using opened = new AsyncDisposableStack();
  const stores = Array.from({ length: 3 }, () => opened.use(createPostgresStateStore(url)));
  let next = 0;
  await checkStateStore(() => stores[next++ % stores.length]!);
  await assert.rejects(() => stores[0]!.write("kept", new Uint8Array(), { version: "no number" }), {
    name: "StateConflictError",
  });
});

interface Candidate {
  readonly events: string[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** Resolves when it is in charge for the so-manieth time. */
  leads(times: number): Promise<void>;
}

/** Wants to be in charge; leaves when told, or when it is no longer sure. */
function stand(url: string): Candidate {
  const events: string[] = [];
  const stop = new AbortController();
  const turns: PromiseWithResolvers<void>[] = [];
  const turn = (i: number) => turns[i] ??= Promise.withResolvers<void>();
  let count = 0;
  const ended = createPostgresLeadership(url, { clock: systemClock, pollMs: 20, answerTimeoutMs: 300 }).lead(
    async (leading) => {
      events.push("leads");
      turn(count++).resolve();
      if (!leading.aborted) {
        await new Promise((resolve) => leading.addEventListener("abort", resolve, { once: true }));
      }
      events.push("left");
    },
    { signal: stop.signal, onChange: (line) => events.push(line) },
  );
  return { events, stop, ended, leads: (times) => turn(times - 1).promise };
}

Deno.test("createPostgresLeadership() lets one act; another follows when that leaves", async () => {
  const url = await makeDatabase();
  const one = stand(url);
  await one.leads(1);
  const other = stand(url);
  while (other.events.length === 0) await systemClock.sleep(5);
  assert.deepEqual(other.events, ["standing by: another daemon is in charge"]);
  one.stop.abort();
  await one.ended;
  assert.deepEqual(one.events, ["in charge of this log's jobs", "leads", "left"]);
  await other.leads(1);
  other.stop.abort();
  await other.ended;
  assert.equal(other.events.at(-1), "left");
});

Deno.test("createPostgresLeadership() stops at once when its connection is cut or falls silent, and comes back later", async () => {
  const url = await makeDatabase();
  const { host } = new URL(url);
  const proxy = startFaultyProxy(host);
  const one = stand(url.replace(host, proxy.address));
  await one.leads(1);
  for (const [i, fault] of (["reset", "silent"] as const).entries()) {
    proxy.mode = fault;
    while (one.events.filter((event) => event === "left").length <= i) await systemClock.sleep(5);
    const other = stand(url);
    await other.leads(1);
    proxy.mode = "pass";
    other.stop.abort();
    await other.ended;
    await one.leads(i + 2);
  }
  one.stop.abort();
  await one.ended;
  await proxy.close();
  const lost = one.events.filter((event) => event.startsWith("no longer in charge"));
  assert.equal(lost.length, 2, one.events.join("\n"));
  assert.ok(!one.events.join().includes(POSTGRES_PASSWORD));
});

Deno.test("createPostgresLeadership() waits for a server that does not answer, and gives up on one that refuses", async () => {
  const url = await makeDatabase();
  const refused = stand(url.replace(POSTGRES_PASSWORD, "wrong"));
  await assert.rejects(() => refused.ended, {
    message: "Cannot learn which daemon acts as PostgreSQL refuses us",
  });
  const nobody = stand(url.replace(/:\d+\//, ":1/"));
  while (nobody.events.length === 0) await systemClock.sleep(5);
  assert.deepEqual(nobody.events, [
    "standing by: Cannot learn which daemon acts as PostgreSQL does not answer",
  ]);
  nobody.stop.abort();
  await nobody.ended;
});

Deno.test("soleLeadership acts at once, and not at all where it is over already", async () => {
  const { signal } = new AbortController();
  let count = 0;
  const work = () => Promise.resolve(void count++);
  await soleLeadership.lead(work, { signal, onChange: () => {} });
  await soleLeadership.lead(work, { signal: AbortSignal.abort(), onChange: () => {} });
  assert.equal(count, 1);
});

const FACTOR = 20;

interface Line {
  readonly name: string;
  readonly atMs: number;
  readonly event: string;
}

/** A daemon as a process of its own. */
function startReplica(url: string, { name, sinceMs, onLine }: {
  readonly name: string;
  readonly sinceMs: number;
  readonly onLine: (line: Line) => void;
}) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-lock", "--no-check"],
      ...["--config", new URL("../../deno.json", import.meta.url).pathname],
      new URL("./replica_process.ts", import.meta.url).pathname,
      ...[url, name, String(FACTOR), String(sinceMs)],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reading = (async () => {
    let rest = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) onLine(JSON.parse(line));
    }
  })();
  return {
    name,
    kill: () => process.kill("SIGKILL"),
    async end(): Promise<number> {
      await process.stdin.close().catch(() => {});
      await reading;
      return (await process.status).code;
    },
  };
}

Deno.test("runJobs() goes on in another daemon within a minute when the one in charge is killed, and no run happens twice", async () => {
  const url = await makeDatabase();
  const sinceMs = Date.now();
  const lines: Line[] = [];
  const replicas = ["one", "other"].map((name) =>
    startReplica(url, { name, sinceMs, onLine: (line) => lines.push(line) })
  );
  const until = async (isMet: () => boolean) => {
    const signal = AbortSignal.timeout(40_000);
    while (!isMet()) await systemClock.sleep(5, { signal });
  };
  const of = (event: string) => lines.filter((line) => line.event === event);
  try {
    await until(() => of("begin").length === 2);
    const [leader] = of("leads");
    assert.equal(of("leads").length, 1);
    // In the middle of its second run.
    const killed = replicas.find(({ name }) => name === leader!.name)!;
    killed.kill();
    const killedAtMs = of("begin").at(-1)!.atMs;
    await killed.end();
    await until(() => of("leads").length === 2 && of("end").length >= 3);
    const [, successor] = of("leads");
    assert.notEqual(successor!.name, killed.name);
    assert.ok(successor!.atMs - killedAtMs < MINUTE_MS, `${successor!.atMs - killedAtMs} ms`);
    const next = of("begin")[2]!;
    assert.equal(next.name, successor!.name);
    assert.ok(next.atMs - killedAtMs < MINUTE_MS + 5_000, `${next.atMs - killedAtMs} ms`);
  } finally {
    for (const replica of replicas) await replica.end();
  }
  await using state = createPostgresStateStore(url);
  const runs = await runsOf(state);
  const done = runs.filter(({ outcome }) => outcome === "ok").map(({ dueAtMs }) => dueAtMs);
  assert.ok(done.length >= 3);
  assert.equal(new Set(done).size, done.length);
  assert.equal(runs.filter(({ outcome }) => outcome === "crashed").length, 1);
});
