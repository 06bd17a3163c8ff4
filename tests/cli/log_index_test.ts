import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";

Deno.test("pot log index derives a deleted and a damaged index again, and loses nothing", async () => {
  await using cli = await createInstalledCli();
  const index = cli.path(".pot", "log", "index.sqlite");
  for (const damage of [() => Deno.remove(index), () => Deno.writeTextFile(index, "not a database at all")]) {
    await damage();
    const { code, json, err } = await cli.run("log", "index", "--json");
    assert.deepEqual([code, json], [0, { size: "1" }], err);
    const runs = await cli.run("runs", "run-1", "--json");
    assert.equal(runs.json.records[0].id, cli.id);
    // The same event is still known, so that it is not recorded twice.
    const again = await cli.run("record", "checkpoint", "a.bin", "--run", "run-1", "--step", "1", "--json");
    assert.equal(again.json.records[0].isDuplicate, true);
  }
});

Deno.test("pot log index says what is missing where there is no log", async () => {
  await using cli = await createCli();
  const { code, err } = await cli.run("log", "index");
  assert.equal(code, 2);
  assert.match(err, /Cannot rebuild the index as there is no log here yet/);
});
