import assert from "node:assert/strict";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { createInstalledCli } from "../_fakes/installed_cli.ts";
import { refuses } from "../_fakes/refuses.ts";

/** A run of three among others, the last of them not anchored. */
async function recordRuns(cli: CliHarness): Promise<string[]> {
  const ids: string[] = [];
  await cli.write("w.bin", "more weights");
  const events = [
    ["checkpoint", "w.bin", "--step", "1"],
    ["validation", "--metric", "loss=0.5"],
    ["validation", "--metric", "loss=0.4"],
  ];
  for (const args of events) {
    if (ids.length === 2) await cli.run("anchor");
    const { json } = await cli.run("record", ...args, "--run", "run-2", "--json");
    ids.push(json.records[0].id);
    await cli.run("record", "validation", "--run", "other", "--metric", `n=${ids.length}`);
  }
  return ids;
}

Deno.test("pot prove --run writes one file for the run, which pot verify takes, with an artifact too", async () => {
  await using cli = await createInstalledCli();
  const ids = await recordRuns(cli);
  const { code, json } = await cli.run("prove", "--run", "run-2", "--json");
  assert.deepEqual([code, json.runId, json.recordCount, json.states], [0, "run-2", 3, ["local", "pending"]]);
  assert.equal(json.file, cli.path("run-2.pot-proofs.json"));

  const pending = await cli.run("verify", "run-2.pot-proofs.json", "--json");
  assert.deepEqual([pending.code, pending.json.answer, pending.json.state], [3, "pending", "pending"]);
  assert.deepEqual(pending.json.records.map((record: { id: string }) => record.id), ids);
  assert.deepEqual(pending.json.records.map((record: { state: string }) => record.state), [
    "local",
    "local",
    "pending",
  ]);

  await cli.run("anchor");
  const first = await Deno.readTextFile(json.file);
  const upgraded = await cli.run("upgrade", "run-2.pot-proofs.json");
  assert.equal(upgraded.code, 0, upgraded.err);
  assert.match(upgraded.out, /^run-2\.pot-proofs\.json: upgraded\n/);
  assert.equal(await Deno.readTextFile(`${json.file}.bak`), first);
  assert.equal((await cli.run("verify", "run-2.pot-proofs.json")).code, 0);
  assert.match((await cli.run("upgrade", "run-2.pot-proofs.json")).out, /: nothing new\n/);

  assert.equal((await cli.run("prove", "--run", "run-2", "-o", "b.json")).code, 0);
  const whole = await cli.run("verify", "b.json", "--artifact", "w.bin");
  assert.equal(whole.code, 0, whole.err);
  assert.match(whole.out, /^valid \(level L0, local\)\n3 records\n {2}✓ record/);
  assert.match(whole.out, /✓ artifact {3}the artifact's SHA-256 is [0-9a-f]{64}, as record 1 has it\n/);
  assert.equal((await cli.run("verify", "b.json", "--artifact", "w.bin", "--id", ids[0]!)).code, 0);
  assert.equal((await cli.run("verify", "b.json", "--artifact", "w.bin", "--id", ids[1]!)).code, 1);
  assert.equal((await cli.run("verify", "b.json", "--artifact", "a.bin")).code, 1);

  const text = await Deno.readTextFile(cli.path("b.json"));
  const { nodes } = JSON.parse(text);
  await cli.write("bad.json", text.replace(nodes, `${nodes[0] === "A" ? "B" : "A"}${nodes.slice(1)}`));
  const bad = await cli.run("verify", "bad.json");
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^INVALID\n3 records\n/);
});

Deno.test("pot prove --from-batch takes a proof out where there is no log, the one that the log gives", async () => {
  await using cli = await createInstalledCli();
  const ids = await recordRuns(cli);
  await cli.run("anchor");
  await cli.run("prove", "--run", "run-2", "-o", "b.json");
  await cli.run("prove", ids[1]!, "-o", "one.json");
  await using elsewhere = await createCli();
  await elsewhere.write("b.json", await Deno.readTextFile(cli.path("b.json")));
  const { code, json, err } = await elsewhere.run("prove", ids[1]!, "--from-batch", "b.json", "--json");
  assert.equal(code, 0, err);
  assert.deepEqual([json.id, json.states], [ids[1], ["local"]]);
  assert.equal(await Deno.readTextFile(json.file), await Deno.readTextFile(cli.path("one.json")));
  assert.equal((await elsewhere.run("verify", json.file)).code, 0);
});

Deno.test("pot prove and pot verify say what does not go with a batch", async () => {
  await using cli = await createInstalledCli();
  await cli.run("prove", "--run", "run-1", "-o", "b.json");
  const other = "ab".repeat(32);
  await refuses(cli, ["prove"], {
    code: 2,
    message: "Cannot prove anything as it takes either a record's id or --run",
  });
  await refuses(cli, ["prove", cli.id, "--run", "run-1"], { code: 2, message: /takes either/ });
  await refuses(cli, ["prove", "--run", "../run-1"], {
    code: 1,
    message: "Cannot prove the run as the log holds no record of it",
    fact: "run: ../run-1",
  });
  await refuses(cli, ["prove", other, "--from-batch", "b.json"], {
    code: 1,
    message: "Cannot take the proof out of the batch as it holds no record with this id",
  });
  await refuses(cli, ["prove", cli.id, "--from-batch", "p.json"], {
    code: 2,
    message: "Cannot use the proof as it is no batch but that of one record",
  });
  await refuses(cli, ["verify", "b.json", "--id", other], {
    code: 2,
    message: "Cannot verify the batch as it holds no record with this id",
  });
  await refuses(cli, ["verify", "p.json", "--id", cli.id], {
    code: 2,
    message: "Cannot use --id as the file is the proof of one record, not a batch",
  });
  await cli.write("new.json", (await Deno.readTextFile(cli.path("b.json"))).replace("proof/1", "proof/9"));
  await refuses(cli, ["verify", "new.json"], {
    code: 2,
    message: "Cannot read the proof as its format version is not known",
  });
});
