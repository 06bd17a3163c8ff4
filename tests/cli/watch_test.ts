import assert from "node:assert/strict";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

async function createInstalled() {
  const cli = await createCli();
  await cli.run("init", "--local");
  await Deno.mkdir(cli.path("ck"));
  return cli;
}

Deno.test("pot watch --once records what is there, tells what it left out, and does nothing the second time", async () => {
  await using cli = await createInstalled();
  for (const step of [20, 3]) await cli.write(`ck/checkpoint-${step}/model.bin`, `w${step}`);
  await cli.write("ck/last.ckpt", "x");
  await Deno.symlink("checkpoint-3", cli.path("ck", "latest"));
  const once = ["watch", "ck", "--run", "run-1", "--once", "--settle", "0.05"];
  const { code, out, err } = await cli.run(...once);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    /\nrecorded [0-9a-f]{64} record 0 step 3 checkpoint-3\nrecorded [0-9a-f]{64} record 1 step 20 checkpoint-20\nrecorded 2, skipped 0, left out 2, failed 0, waiting 0\n/,
  );
  assert.match(
    out,
    /left out last\.ckpt: its name tells no step\n {2}→ tell where it stands, such as --pattern "ckpt-\{step\}\.pt"\n/,
  );
  assert.match(out, /left out latest: it is a link\n/);
  const { json, err: news } = await cli.run(...once, "--json");
  assert.deepEqual([json.runId, json.folder, json.recorded, json.ignored.count], [
    "run-1",
    cli.path("ck"),
    0,
    2,
  ]);
  assert.match(news, /^left out /m);
  // By another path it is the same folder.
  await Deno.symlink("ck", cli.path("other"));
  assert.equal((await cli.run("watch", "other", ...once.slice(2), "--json")).json.recorded, 0);
});

Deno.test("pot watch --once exits with 3 while something is incomplete, and with 1 where something cannot be read", async () => {
  await using cli = await createInstalled();
  const once = ["watch", "ck", "--run", "run-1", "--once", "--settle", "0"];
  await cli.write("ck/step_1", "");
  const waiting = await cli.run(...once);
  assert.deepEqual([waiting.code, waiting.out.split("\n").at(-2)], [3, "  waiting step_1: it is empty"]);
  await cli.write("ck/step_1", "w");
  await Deno.mkdir(cli.path("ck", "step_2"));
  await cli.write("ck/step_2/model.bin", "w");
  await Deno.symlink("/etc/hostname", cli.path("ck", "step_2", "config"));
  const failed = await cli.run(...once, "--json");
  assert.deepEqual([failed.code, failed.json.recorded, failed.json.failed.length], [1, 1, 1]);
  assert.match(failed.json.failed[0].because, /link/);
});

Deno.test("pot watch takes metrics from the trainer's file", async () => {
  await using cli = await createInstalled();
  for (const step of [1, 2, 3]) await cli.write(`ck/e${step}.pt`, `w${step}`);
  await cli.write(
    "m.jsonl",
    '{"step":10,"acc":0.5}\n{"step":20,"acc":0.505}\nbroken\n{"step":30,"acc":0.4}\n',
  );
  const { code, out } = await cli.run(
    "watch",
    "ck",
    "--run",
    "run-1",
    "--once",
    "--settle",
    "0",
    "--pattern",
    "e{epoch}.pt",
    "--steps-per-epoch",
    "10",
    "--metrics-file",
    "m.jsonl",
    "--policy",
    "improves=acc:max:0.01",
  );
  assert.equal(code, 0);
  assert.match(out, /^left out 1 line of m\.jsonl: not a JSON object\n/);
  assert.match(
    out,
    /step 10 e1\.pt \(first, improves=acc:max:0\.01\)\nskipped e2\.pt: improves=acc:max:0\.01: no improvement\n/,
  );
  assert.match(out, /step 30 e3\.pt \(last\)\n/);
  const { json } = await cli.run("runs", "run-1", "--json");
  assert.deepEqual(
    json.records.map(({ epoch, metrics }: { epoch: number; metrics: unknown }) => [epoch, metrics]),
    [
      [1, { acc: 0.5 }],
      [3, { acc: 0.4 }],
    ],
  );
});

Deno.test("pot watch refuses what it could not do", async () => {
  await using cli = await createInstalled();
  await cli.write("file", "x");
  const watch = (...more: readonly string[]) => ["watch", "ck", "--run", "run-1", ...more];
  await refuses(cli, ["watch", "ck"], { code: 2, message: /--run/ });
  await refuses(cli, ["watch", "none", "--run", "r"], {
    code: 2,
    message: "Cannot watch the folder as there is no such folder",
    fact: `path: ${cli.path("none")}`,
  });
  await refuses(cli, ["watch", "file", "--run", "r"], {
    code: 2,
    message: "Cannot watch the folder as it is not a folder",
  });
  const badRun = await cli.run("watch", "ck", "--run", "a b");
  assert.deepEqual([badRun.code, badRun.out], [2, ""]);
  assert.match(badRun.err, /runId must be/);
  await refuses(cli, watch("--pattern", "x"), {
    code: 2,
    message: "Cannot use the name pattern as it holds neither {step} nor {epoch}",
  });
  await refuses(cli, watch("--policy", "often"), {
    code: 2,
    message: "Cannot use the recording policy as it has a rule that is not known",
    hint: "write it like: every=10epochs,improves=accuracy:max:0.01",
  });
  await refuses(cli, watch("--policy", "improves=acc:max"), {
    code: 2,
    message: /asks for a metric and nothing tells any/,
  });
  await refuses(cli, watch("--settle", "-1"), { code: 2, message: /--settle must be 0 to 86400 seconds/ });
  await refuses(cli, watch("--steps-per-epoch", "0"), {
    code: 2,
    message: /--steps-per-epoch must be a whole number from 1/,
  });
});
