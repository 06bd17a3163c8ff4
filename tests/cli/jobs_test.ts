import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";

Deno.test("pot jobs run keeps the record that pot jobs list shows", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const before = await cli.run("jobs", "list", "--json");
  assert.equal(before.code, 0, before.err);
  const names = before.json.jobs.map(({ name }: { name: string }) => name);
  assert.ok(names.includes("anchor") && names.includes("confirm"));
  const anchor = before.json.jobs[0];
  assert.deepEqual([anchor.name, anchor.schedule, anchor.isEnabled, anchor.runs], [
    "anchor",
    "*/10 * * * *",
    true,
    [],
  ]);
  await cli.run("record", "checkpoint", "--run", "r", "--step", "1", "--digest", "ab".repeat(32));

  const ran = await cli.run("jobs", "run", "anchor");
  assert.deepEqual([ran.code, ran.out], [0, "anchor: anchored 1 records, 0 anchors moved on\n"]);
  const { jobs } = (await cli.run("jobs", "list", "--json")).json;
  const { lastRun, failureCount } = jobs[0];
  assert.deepEqual([lastRun.outcome, lastRun.trigger, lastRun.summary, failureCount], [
    "ok",
    "by hand",
    "anchored 1 records, 0 anchors moved on",
    0,
  ]);
  const shown = (await cli.run("jobs", "list")).out.split("\n");
  assert.match(shown[0]!, /^JOB +SCHEDULE +LAST RUN +OUTCOME +TOOK +NEXT DUE$/);
  assert.match(shown[1]!, /^anchor +\*\/10 \* \* \* \* +\d{4}-\S+Z +ok +\d+\.\d s +\d{4}-\S+Z$/);
});

Deno.test("pot jobs run exits with 1 when the job fails, and with 2 for one that there is not", async () => {
  await using cli = await createCli({ env: { RPC_URL: "http://127.0.0.1:1/secret", CHAIN_ID: "31337" } });
  await cli.run("init");
  await cli.run("record", "checkpoint", "--run", "r", "--step", "1", "--digest", "ab".repeat(32));
  const failed = await cli.run("jobs", "run", "anchor", "--json");
  assert.equal(failed.code, 1, failed.err);
  assert.deepEqual([failed.json.job, failed.json.outcome], ["anchor", "failed"]);
  const { out } = await cli.run("jobs", "list");
  assert.match(out, /^anchor +\*\/10 \* \* \* \* +\S+Z +failed /m);
  assert.ok(out.includes(`anchor: failed: ${failed.json.error}`), out);
  assert.ok(!`${failed.out}${out}`.includes("/secret"));
  assert.equal((await cli.run("jobs", "run", "anchr")).code, 2);
});

Deno.test("pot jobs refuses a configuration of jobs that there are none of, or of schedules that are none", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  const config = await Deno.readTextFile(cli.path("pot.jsonc"));
  const withJobs = (jobs: string) => cli.write("pot.jsonc", config.replace("{", `{ "jobs": ${jobs},`));
  await withJobs('{ "achor": { "enabled": false } }');
  for (const command of [["jobs", "list"], ["up", "--port", "0"]]) {
    const { code, err } = await cli.run(...command);
    assert.equal(code, 2);
    assert.match(err, /jobs\.achor in pot\.jsonc is no job \(there are: anchor, confirm/);
  }
  await withJobs('{ "anchor": { "schedule": "99 * * * *" } }');
  const { code, err } = await cli.run("jobs", "list");
  assert.equal(code, 2);
  assert.match(
    err,
    /jobs\.anchor\.schedule in pot\.jsonc must be a cron expression .*: minute "99" must be 0 to 59/,
  );
});
