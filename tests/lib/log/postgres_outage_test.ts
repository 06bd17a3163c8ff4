import assert from "node:assert/strict";
import { PotError, UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { createPostgresConnection } from "../../../lib/log/postgres_connection.ts";
import type { OpenPostgresLogOptions } from "../../../lib/log/postgres_log.ts";
import { startFaultyProxy } from "../../_fakes/faulty_proxy.ts";
import {
  endPaused,
  endTransactions,
  openIn,
  query,
  untilSomeoneWaits,
} from "../../_fakes/postgres_by_hand.ts";
import { POSTGRES_PASSWORD, type PostgresServer, startPostgres } from "../../_fakes/postgres_server.ts";
import { signTestHead, testDraft } from "../../_fakes/test_log.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

Deno.test("append() goes on while a checkpoint is being signed", async () => {
  const url = await server.createDatabase();
  const signing = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  await using log = await openIn(url, {
    sign: async (head) => {
      signing.resolve();
      await mayGoOn.promise;
      return await signTestHead(head);
    },
  });
  await log.append(testDraft("a", 0));
  const checkpoint = log.checkpoint();
  await signing.promise;
  assert.equal((await log.append(testDraft("a", 1))).index, 1n);
  mayGoOn.resolve();
  assert.equal((await checkpoint)!.size, 1n);
});

Deno.test("checkpoint() waits for the one that another process is making, and gives the same", async () => {
  const url = await server.createDatabase();
  const mayGoOn = Promise.withResolvers<void>();
  const signing = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let signatures = 0;
  const sign: OpenPostgresLogOptions["sign"] = async (head) => {
    signing[signatures++]!.resolve();
    await mayGoOn.promise;
    return await signTestHead(head);
  };
  await using one = await openIn(url, { sign });
  await using other = await openIn(url, { sign });
  await one.append(testDraft("a", 0));
  const first = one.checkpoint();
  await signing[0]!.promise;
  const second = other.checkpoint();
  await Promise.race([untilSomeoneWaits(url), signing[1]!.promise]);
  mayGoOn.resolve();
  assert.deepEqual(await second, await first);
  assert.equal(signatures, 1);
});

Deno.test("checkpoint() rejects as unreachable when the connection is lost while it is being signed", async () => {
  const url = await server.createDatabase();
  const ends = [() => endTransactions(url)];
  await using log = await openIn(url, {
    sign: async (head) => {
      await ends.pop()?.();
      return await signTestHead(head);
    },
  });
  await log.append(testDraft("a", 0));
  await assert.rejects(() => log.checkpoint(), {
    name: "UnreachableError",
    message: "Cannot make a checkpoint as PostgreSQL does not answer",
    exitCode: 4,
  });
  assert.equal((await log.append(testDraft("a", 1))).index, 1n);
  assert.equal(await log.publishedCheckpoint(), undefined);
  assert.equal((await log.checkpoint())!.size, 2n);
});

Deno.test("append() waits for the disk though the server's default is not to", async () => {
  const url = await server.createDatabase();
  const { pathname } = new URL(url);
  await query(url, `ALTER DATABASE ${pathname.slice(1)} SET synchronous_commit = off`);
  await using log = await openIn(url);
  await log.append(testDraft("a", 0));
  await query(
    url,
    `CREATE FUNCTION pot.note_setting() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'synchronous_commit is %', current_setting('synchronous_commit'); END $$;
     CREATE TRIGGER note_setting BEFORE INSERT ON pot.entry EXECUTE FUNCTION pot.note_setting()`,
  );
  await assert.rejects(() => log.append(testDraft("a", 1)), (error) => {
    assert.ok(error instanceof PotError);
    assert.deepEqual(error.facts.slice(1), ["reason: synchronous_commit is on", "code: P0001"]);
    return true;
  });
});

Deno.test("append() gives up the wait for the head when its signal aborts, and lets go of it", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  await using holder = createPostgresConnection(url);
  const isHeld = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const held = holder.transact("hold the head", async (sql) => {
    await sql`SELECT FROM pot.head FOR UPDATE`;
    isHeld.resolve();
    await letGo.promise;
  });
  await isHeld.promise;
  const controller = new AbortController();
  const waiting = log.append(testDraft("a", 0), { signal: controller.signal });
  await untilSomeoneWaits(url);
  controller.abort(new Error("enough"));
  await assert.rejects(() => waiting, { message: "enough" });
  const next = log.append(testDraft("a", 1));
  letGo.resolve();
  await held;
  assert.equal((await next).index, 0n);
  assert.equal(await log.size(), 1n);
});

Deno.test("append() rejects as unreachable when the connection is lost before the commit, and the event can be submitted again", async () => {
  const url = await server.createDatabase();
  await using log = await openIn(url);
  await log.append(testDraft("a", 0));
  let ending: Promise<void> | undefined;
  const draft = testDraft("a", 1);
  const build = (previous: string | undefined) => {
    ending ??= endPaused(url);
    return draft.build(previous);
  };
  await query(
    url,
    `CREATE FUNCTION pot.pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
     CREATE TRIGGER pause BEFORE INSERT ON pot.entry FOR EACH STATEMENT EXECUTE FUNCTION pot.pause()`,
  );
  await assert.rejects(() => log.append({ ...draft, build }), (error) => {
    assert.ok(error instanceof UnreachableError);
    assert.equal(error.message, "Cannot append as PostgreSQL does not answer");
    return true;
  });
  await ending;
  await query(url, "DROP TRIGGER pause ON pot.entry");
  const again = await log.append(draft);
  assert.deepEqual([again.index, again.isDuplicate], [1n, false]);
});

Deno.test("openPostgresLog() and a log in use are unreachable when nobody answers, and no message shows a secret", async () => {
  const url = await server.createDatabase();
  const { host } = new URL(url);
  const proxy = startFaultyProxy(host);
  const through = new URL(url);
  through.host = proxy.address;
  await using log = await openIn(through.href);
  await using hasty = await openIn(through.href, { answerTimeoutMs: 1_000 });
  await log.append(testDraft("a", 0));
  await hasty.append(testDraft("a", 1));

  const errors: unknown[] = [];
  const collect = async (work: () => Promise<unknown>, type: new (...args: never[]) => Error) => {
    await assert.rejects(work, (error) => {
      errors.push(error);
      assert.ok(error instanceof type, Deno.inspect(error));
      return true;
    });
  };
  // The server takes everything and says nothing.
  proxy.mode = "silent";
  await Promise.all([
    collect(() => hasty.append(testDraft("a", 2)), UnreachableError),
    collect(() => hasty.entry(0n), UnreachableError),
  ]);
  proxy.mode = "reset";
  await collect(() => log.append(testDraft("a", 2)), UnreachableError);
  await collect(() => log.runs(), UnreachableError);
  await collect(() => openIn(through.href), UnreachableError);
  proxy.mode = "pass";
  assert.equal((await log.append(testDraft("a", 2))).index, 2n);
  assert.equal((await log.runs()).length, 1);

  await collect(() => openIn(url.replace(POSTGRES_PASSWORD, `${POSTGRES_PASSWORD}-not`)), UsageError);
  await collect(() => openIn(url.replace(/test_\d+$/, "absent")), UsageError);
  await collect(() => openIn(url.replace(/^postgres:/, "mysql:")), UsageError);
  await collect(() => openIn(`${url}?sslmode=verify-full`), UnreachableError);
  await collect(() => openIn(`${url}?sslmode=verify-full&sslrootcert=/no/such/file`), UsageError);
  await proxy.close();
  await collect(() => openIn(through.href), UnreachableError);
  for (const error of errors) {
    const shown = Deno.inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) +
      String(error);
    assert.ok(!shown.includes(POSTGRES_PASSWORD), shown);
  }
});

Deno.test("openPostgresLog() refuses a login with what to check", async () => {
  const url = await server.createDatabase();
  const { host } = new URL(url);
  await assert.rejects(() => openIn(url.replace(POSTGRES_PASSWORD, "wrong")), {
    name: "UsageError",
    message: "Cannot open the log as PostgreSQL refuses us",
    facts: [`server: ${host}`, 'reason: password authentication failed for user "pot"', "code: 28P01"],
    hint: "check user, password and database in POT_LOG_URL, and what the user may do there",
  });
});
