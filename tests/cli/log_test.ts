import { holdEnvironment } from "../_fakes/hold_environment.ts";
import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";
import { POSTGRES_PASSWORD, type PostgresServer, startPostgres } from "../_fakes/postgres_server.ts";

let server: PostgresServer;
Deno.test.beforeAll(async () => {
  server = await startPostgres();
});
Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());

Deno.test("pot log import and export move a log into PostgreSQL and out again; every command works there", async () => {
  await using cli = await createCli();
  const url = await server.createDatabase();
  const inPostgres = (...args: readonly string[]) => cli.runWith({ POT_LOG_URL: url }, ...args);
  assert.equal((await cli.run("init", "--local")).code, 0);
  const ids: string[] = [];
  for (const step of ["1", "2", "3"]) {
    const { json } = await cli.run(
      ...["record", "validation", "--run", "r", "--step", step, "--metric", "loss=0.5", "--json"],
    );
    ids.push(json.records[0].id);
  }
  const { code, out, err } = await inPostgres("log", "import", ".pot/log");
  assert.equal(code, 0, err);
  assert.match(
    out,
    /^copied 3 records from .*\.pot\/log\n {2}size {6}3\n {2}root {6}[0-9a-f]{64} \(the same on both sides\)\n$/,
  );
  const again = (await inPostgres("log", "import", ".pot/log", "--json")).json;
  assert.deepEqual([again.copiedCount, again.size], ["0", "3"]);

  const duplicate = await inPostgres(
    ...["record", "validation", "--run", "r", "--step", "2", "--metric", "loss=0.5", "--json"],
  );
  const [{ id, isDuplicate }] = duplicate.json.records;
  assert.deepEqual([id, isDuplicate], [ids[1], true]);
  const later = await inPostgres(
    ...["record", "validation", "--run", "r", "--step", "4", "--metric", "loss=0.4", "--json"],
  );
  assert.equal((await inPostgres("anchor")).code, 0);
  assert.equal((await inPostgres("prove", ids[0]!, "--output", "one.pot-proof.json")).code, 0);
  assert.equal((await cli.run("verify", "one.pot-proof.json", "--offline")).code, 0);
  assert.deepEqual(
    (await inPostgres("runs", "r", "--json")).json.records.map((record: { id: string }) => record.id),
    [...ids, later.json.records[0].id],
  );

  assert.equal((await inPostgres("log", "export", "out")).code, 0);
  const moved = (await cli.run("log", "publish", "from-file", "--json")).json;
  assert.equal(moved.size, "3");
  const published = (await inPostgres("log", "publish", "public", "--json")).json;
  assert.equal(published.size, "4");
  assert.equal(
    await Deno.readTextFile(cli.path("public", "checkpoint")),
    await Deno.readTextFile(cli.path("out", "checkpoint")),
  );
  // The file log in the home is behind now, and takes what it lacks.
  assert.equal((await cli.run("log", "import", "out", "--json")).json.copiedCount, "1");
});

Deno.test("pot log import names what is wrong with the folder", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const { code, err } = await cli.run("log", "import", "nothing");
  assert.equal(code, 2);
  assert.equal(
    err,
    `error: Cannot import the log as the folder holds none\n  folder: ${cli.path("nothing")}\n` +
      "  → name the folder that has the write-ahead file: .pot/log, or what pot log export wrote\n",
  );
});

Deno.test("pot shows no secret of POT_LOG_URL, whatever is wrong with it", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const url = await server.createDatabase();
  const cases: readonly (readonly [string, number])[] = [
    [url.replace(POSTGRES_PASSWORD, `${POSTGRES_PASSWORD}x`), 2],
    [url.replace(/test_\d+$/, "absent"), 2],
    [url.replace(/:\d+\//, ":1/"), 4],
    [`${url}?sslmode=prefer`, 2],
    [url.replace("postgres:", "mysql:"), 2],
    [url.replace("@", " @"), 2],
    [POSTGRES_PASSWORD, 2],
  ];
  for (const [wrong, expected] of cases) {
    for (const json of [[], ["--json"]]) {
      const { code, out, err } = await cli.runWith({ POT_LOG_URL: wrong }, "status", ...json);
      assert.equal(code, expected, `${wrong}: ${err}`);
      assert.ok(!(out + err).includes(POSTGRES_PASSWORD), out + err);
    }
  }
});

Deno.test("pot refuses a password in pot.jsonc, and takes the rest of the URL from there", async () => {
  await using cli = await createCli();
  const url = await server.createDatabase();
  await cli.run("init", "--local");
  const config = await Deno.readTextFile(cli.path("pot.jsonc"));
  const withUrl = (text: string) => config.replace(/^\{/, `{ "logUrl": ${JSON.stringify(text)},`);
  await cli.write("pot.jsonc", withUrl(url));
  const refused = await cli.run("status");
  assert.equal(refused.code, 2);
  assert.match(
    refused.err,
    /logUrl in pot\.jsonc must not hold a password: give the URL in POT_LOG_URL, or the password in PGPASSWORD/,
  );
  assert.ok(!refused.err.includes(POSTGRES_PASSWORD));
  await cli.write("pot.jsonc", withUrl(url.replace(`:${POSTGRES_PASSWORD}`, "")));
  using _env = holdEnvironment({ PGPASSWORD: POSTGRES_PASSWORD });
  const { code, err } = await cli.run("status");
  assert.equal(code, 0, err);
});
