import assert from "node:assert/strict";
import { ALL_METRICS } from "../../jobs/metrics/all_metrics.ts";
import { checkWithPromtool } from "../_fakes/promtool.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { readOpenMetrics } from "../_fakes/read_openmetrics.ts";

Deno.test("pot metrics prints what promtool and a strict reader take, and the same as JSON", async () => {
  await using cli = await createInstalledCli();
  assert.equal((await cli.run("jobs", "run", "health")).code, 0);
  const { code, out, err } = await cli.run("metrics");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^pot_log_records_total 1$/m);
  assert.match(out, /^pot_records\{state="local"\} 1$/m);
  assert.match(out, /^pot_job_runs_total\{job_name="health",outcome="ok"\} 1$/m);
  // What the job saw is kept for whoever asks later.
  assert.match(out, /^pot_disk_free_bytes \d+$/m);
  assert.match(out, /^pot_check_status\{check="log-writable",subject="",status="ok"\} 1$/m);
  // Another process than the daemon tells nothing of itself.
  assert.ok(!/^process_|^pot_rpc_/m.test(out));
  await checkWithPromtool(["check", "metrics"], out);

  const open = await cli.run("metrics", "--format", "openmetrics");
  const families = readOpenMetrics(open.out);
  const known = new Map(ALL_METRICS.map(({ name, type }) => [name, type]));
  for (const { name, type } of families) assert.equal(known.get(name), type, name);
  const { json } = await cli.run("metrics", "--json");
  assert.deepEqual(
    json.metrics.map(({ name }: { name: string }) => name).toSorted(),
    families.map(({ name }) => name),
  );
  assert.deepEqual(json.metrics.find(({ name }: { name: string }) => name === "pot_log_records"), {
    name: "pot_log_records",
    type: "counter",
    help: "Records in the log: its size.",
    samples: [{ labels: {}, value: 1 }],
  });
  assert.equal((await cli.run("metrics", "--format", "xml")).code, 2);
});

Deno.test("pot metrics tells what it can where a part cannot be read, why, and exits with 1", async () => {
  await using cli = await createInstalledCli();
  await cli.run("jobs", "run", "health");
  await cli.write(".pot/state/observations.state", "nothing of ours");
  const { code, out, err } = await cli.run("metrics");
  assert.equal(code, 1);
  assert.match(out, /^pot_scrape_error\{collector="checks"\} 1$/m);
  assert.match(out, /^pot_scrape_error\{collector="records"\} 0$/m);
  assert.match(out, /^pot_log_records_total 1$/m);
  assert.ok(!out.includes("pot_disk_free_bytes"));
  assert.match(err, /^checks: error: Cannot /);
});
