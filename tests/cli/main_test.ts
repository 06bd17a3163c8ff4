import assert from "node:assert/strict";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";

const HASH = "ab".repeat(32);

/** An installation with the local ledger, a weights file and one record in it. */
async function createInstalled(): Promise<CliHarness & { readonly id: string }> {
  const cli = await createCli();
  await cli.run("init");
  await cli.write("a.bin", "weights");
  const { json } = await cli.run("record", "checkpoint", "a.bin", "--run", "run-1", "--step", "1", "--json");
  return { ...cli, id: json.records[0].id };
}

Deno.test("runCli() records, anchors, proves and verifies on the local ledger, in lines", async () => {
  await using cli = await createCli();
  const init = await cli.run("init", "--origin", "pot/demo");
  assert.deepEqual([init.code, init.err], [0, ""]);
  assert.match(
    init.out,
    /^wrote .*pot\.jsonc\n {2}origin {4}pot\/demo\n {2}log key .*\n {2}public {4}pot\/demo\+/,
  );

  await cli.write("a.bin", "weights");
  await cli.write("model/b.bin", "more");
  const record = [
    "record",
    "checkpoint",
    "a.bin",
    "model",
    "--run",
    "run-1",
    "--step",
    "1",
    "-m",
    "loss=0.5",
  ];
  const recorded = await cli.run(...record);
  assert.match(
    recorded.out,
    /^recorded [0-9a-f]{64} \(record 0, a\.bin\)\nrecorded [0-9a-f]{64} \(record 1, model\)\n$/,
  );
  const again = await cli.run(...record);
  assert.equal(again.out, recorded.out.replaceAll(/^recorded/gm, "already recorded"));
  const digest = await cli.run("record", "checkpoint", "--run", "run-1", "--step", "2", "--digest", HASH);
  assert.match(digest.out, /^recorded [0-9a-f]{64} \(record 2\)\n$/);
  const validation = await cli.run(
    "record",
    "validation",
    "--run",
    "run-1",
    "--step",
    "2",
    "-m",
    "accuracy=0.9",
  );
  assert.match(validation.out, /^recorded [0-9a-f]{64} \(record 3\)\n$/);

  assert.equal(
    (await cli.run("status")).out,
    `log pot/demo in ${cli.path(".pot")}\n  records   4 (4 pending)\n  runs      run-1 (4)\n  anchors   0\n`,
  );
  const anchored = await cli.run("anchor");
  assert.match(
    anchored.out,
    /^anchored 4 records\n {2}state {5}local\n {2}size {6}4\n {2}root {6}[0-9a-f]{64}\n {2}ledger {4}line 1 \(local: no chain has it\)\n$/,
  );
  assert.equal(
    (await cli.run("anchor")).out,
    "nothing is pending: the newest anchor covers 4 records and is local\n",
  );
  assert.equal((await cli.run("runs")).out, "run-1  4 records (0 to 3)\n");
  const runs = await cli.run("runs", "run-1");
  assert.match(runs.out, /^ {5}0 {2}[0-9a-f]{64} {2}first {11}checkpoint step 1 loss=0\.5\n/);
  assert.match(runs.out, /\n {5}3 {2}[0-9a-f]{64} {2}← [0-9a-f]{12} {2}validation step 2 accuracy=0\.9\n$/);

  const id = /recorded ([0-9a-f]{64})/.exec(recorded.out)![1]!;
  const proved = await cli.run("prove", id, "-o", "p.json");
  assert.equal(proved.out, "wrote p.json\n  record    0\n  anchor    local: in a ledger, on no chain\n");
  const verified = await cli.run("verify", "p.json", "--artifact", "a.bin");
  assert.equal(verified.code, 0);
  assert.match(
    verified.out,
    /^valid \(level L0, local\)\nrecord 0: checkpoint of run run-1, step 1, recorded /,
  );
  assert.match(verified.out, /a local ledger is no chain/);
  assert.match(verified.out, /not proven: that the training was honest/);
  const wrong = await cli.run("verify", "p.json", "--artifact", "model");
  assert.equal(wrong.code, 1);
  assert.match(
    wrong.out,
    /^INVALID\n[^]*✗ artifact {3}the artifact's SHA-256 is [0-9a-f]{64}, but [0-9a-f]{64} was/,
  );
  for (const { err } of [recorded, digest, validation, anchored, runs, proved, verified, wrong]) {
    assert.equal(err, "");
  }
});

Deno.test("runCli() prints exactly one JSON document with --json, before or after the command", async () => {
  await using cli = await createInstalled();
  const lines: readonly (readonly string[])[] = [
    ["record", "checkpoint", "a.bin", "--run", "run-2", "--step", "2"],
    ["record", "validation", "--run", "run-2", "--metric", "a=1"],
    ["status"],
    ["runs"],
    ["runs", "run-1"],
    ["anchor"],
    ["anchor"],
    ["prove", cli.id],
    ["verify", `${cli.id.slice(0, 16)}.pot-proof.json`],
    ["chain", "store", HASH, "--metadata", "{}"],
    ["chain", "get", "1"],
    ["chain", "verify", HASH, "1"],
    ["test"],
    ["test", "--blockchain"],
  ];
  for (const line of lines) {
    for (const args of [[...line, "--json"], ["--json", ...line]]) {
      const { json, err, code } = await cli.run(...args);
      assert.equal(err, "", line.join(" "));
      assert.equal(typeof json, "object", line.join(" "));
      assert.equal(code, line[1] === "get" || line[1] === "verify" ? 1 : 0, line.join(" "));
    }
  }
  await using other = await createCli();
  assert.equal((await other.run("init", "--json")).json.home, other.path(".pot"));
});

Deno.test("runCli() answers --json with the facts a program needs", async () => {
  await using cli = await createInstalled();
  const status = (await cli.run("status", "--json")).json;
  assert.deepEqual([status.recordCount, status.records.pending, status.home], [1, 1, cli.path(".pot")]);
  const { recordCount, anchor } = (await cli.run("anchor", "--json")).json;
  assert.deepEqual([recordCount, anchor.size, anchor.kind, anchor.state], [1, "1", "local", "local"]);
  assert.match(anchor.root, /^[0-9a-f]{64}$/);
  const [record] = (await cli.run("runs", "run-1", "--json")).json.records;
  assert.deepEqual([record.id, record.index, record.kind, record.step], [cli.id, "0", "checkpoint", 1]);
  const proof = (await cli.run("prove", cli.id, "--json")).json;
  const [proven] = proof.anchors;
  assert.deepEqual(proof, {
    id: cli.id,
    index: "0",
    file: cli.path(`${cli.id.slice(0, 16)}.pot-proof.json`),
    states: ["local"],
    anchors: [{ ...proven, kind: "local", state: "local", size: "1", blockNumber: "1" }],
  });
  const verdict = (await cli.run("verify", proof.file, "--json")).json;
  assert.deepEqual([verdict.ok, verdict.level, verdict.state, verdict.record.runId], [
    true,
    "L0",
    "local",
    "run-1",
  ]);
  // The salt is what makes the record unguessable from its hash: it is shown nowhere.
  assert.equal(verdict.record.salt, undefined);
});

Deno.test("runCli() shows a person at a terminal the next step, on standard error", async () => {
  await using cli = await createCli({ isTerminal: true });
  assert.match(
    (await cli.run("init")).err,
    /^\nnext:\n {2}pot record checkpoint <file> --run <name> --step <n>\n/,
  );
  await cli.write("a.bin", "weights");
  const { err } = await cli.run("record", "checkpoint", "a.bin", "--run", "r", "--step", "1");
  assert.match(err, /\n {2}pot anchor\n {2}pot prove [0-9a-f]{64}\n/);
  assert.match(
    (await cli.run("anchor")).err,
    /to anchor on a chain instead of this disk: set RPC_URL, CHAIN_ID/,
  );
  assert.equal((await cli.run("status", "--json")).err, "");
});

Deno.test("runCli() exits with 3 for a valid proof that is not anchored yet", async () => {
  await using cli = await createInstalled();
  await cli.run("prove", cli.id, "-o", "p.json");
  const { code, out } = await cli.run("verify", "p.json");
  assert.equal(code, 3);
  assert.match(out, /^valid, but pending: not anchored yet \(level L0, pending\)\n/);
});

Deno.test("runCli() compares the log key that was published", async () => {
  await using cli = await createCli();
  const { verifierKey } = (await cli.run("init", "--json")).json;
  await using stranger = await createCli();
  const { verifierKey: otherKey } = (await stranger.run("init", "--json")).json;
  const { id } = (await cli.run("record", "validation", "--run", "r", "-m", "a=1", "--json")).json.records[0];
  await cli.run("anchor");
  await cli.run("prove", id, "-o", "p.json");
  assert.equal((await cli.run("verify", "p.json", "--log-key", verifierKey)).code, 0);
  const wrong = await cli.run("verify", "p.json", "--log-key", otherKey);
  assert.equal(wrong.code, 1);
  assert.match(wrong.out, /✗ checkpoint the checkpoint is not signed by the expected log key/);
});

Deno.test("runCli() takes --config, --home and POT_HOME, the flag over the variable", async () => {
  await using cli = await createInstalled();
  await using elsewhere = await createCli();
  const options = ["--config", cli.path("pot.jsonc")];
  assert.equal((await elsewhere.run("status", "--json", ...options)).json.recordCount, 1);
  const { json } = await elsewhere.run("--home", cli.path(".pot"), "status", "--json");
  assert.equal(json.recordCount, 1);
  assert.equal(
    (await elsewhere.runWith({ POT_HOME: cli.path(".pot") }, "status", "--json")).json.recordCount,
    1,
  );
  // The flag wins over the environment.
  const { code, err } = await elsewhere.runWith(
    { POT_HOME: cli.path(".pot") },
    "--home",
    "none",
    "status",
  );
  assert.equal(code, 2);
  assert.match(err, new RegExp(`home: ${elsewhere.path("none")}`));
});

Deno.test("runCli() starts an installation where POT_HOME and POT_ORIGIN say, as later commands will look there", async () => {
  await using cli = await createCli({ env: { POT_HOME: "state", POT_ORIGIN: "pot/named" } });
  const { home, origin } = (await cli.run("init", "--json")).json;
  assert.deepEqual([home, origin], [cli.path("state"), "pot/named"]);
  assert.equal((await cli.run("status")).code, 0);
});

Deno.test("runCli() prints its version", async () => {
  await using cli = await createCli();
  assert.match((await cli.run("--version")).out, /^pot \d+\.\d+\.\d+\n$/);
  assert.match((await cli.run("-V")).out, /^\d+\.\d+\.\d+\n$/);
});
