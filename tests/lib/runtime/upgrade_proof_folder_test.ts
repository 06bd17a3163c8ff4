import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { createProofFolder } from "../../../lib/runtime/upgrade_proof_folder.ts";
import { createCli } from "../../_fakes/cli_harness.ts";
import { openRuntime } from "../../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";

const { signal } = new AbortController();

Deno.test("createProofFolder() brings every proof of a folder up to date, and leaves alone what is none", async () => {
  await using cli = await createCli();
  await cli.run("init", "--local");
  await cli.run("record", "checkpoint", "--run", "r", "--step", "1", "--digest", "ab".repeat(32));
  const { json } = await cli.run(
    "record",
    "checkpoint",
    "--run",
    "r",
    "--step",
    "2",
    "--digest",
    "cd".repeat(32),
    "--json",
  );
  await Deno.mkdir(cli.path("proofs", "deeper"), { recursive: true });
  await cli.run("prove", json.records[0].id, "-o", "proofs/one.pot-proof.json");
  await cli.run("prove", "--run", "r", "-o", "proofs/r.pot-proofs.json");
  await cli.write("proofs/bad.pot-proof.json", "{}");
  await cli.write("proofs/notes.json", "{}");
  assert.equal((await cli.run("verify", "proofs/one.pot-proof.json")).code, 3);

  await using runtime = await openRuntime(parseConfig({ folder: cli.folder, env: { POT_CHAIN: "local" } }));
  const upgrade = createProofFolder(cli.path("proofs"), { recorder: runtime.recorder, files: denoFiles });
  const first = await upgrade({ signal });
  assert.equal(first.upgradedCount, 0);
  assert.match(first.failures.join("\n"), /^bad\.pot-proof\.json: Cannot read the proof as .*$/);

  await runtime.recorder.anchorPending();
  assert.equal((await upgrade({ signal })).upgradedCount, 2);
  for (const file of ["proofs/one.pot-proof.json", "proofs/r.pot-proofs.json"]) {
    const { code, out } = await cli.run("verify", file);
    assert.equal(code, 0, out);
    assert.ok(await Deno.stat(cli.path(`${file}.bak`)));
  }
  const before = await cli.listing();
  assert.equal((await upgrade({ signal })).upgradedCount, 0);
  assert.equal(await cli.listing(), before);
  assert.deepEqual((await upgrade({ signal })).failures, first.failures);
  // Mended, it is looked at again.
  await Deno.copyFile(cli.path("proofs/one.pot-proof.json"), cli.path("proofs/bad.pot-proof.json"));
  assert.deepEqual(await upgrade({ signal }), { upgradedCount: 0, failures: [] });
  await assert.rejects(() => upgrade({ signal: AbortSignal.abort(new Error("enough")) }), {
    message: "enough",
  });
});

Deno.test("createProofFolder() finds nothing where there is no such folder", async () => {
  await using cli = await createCli();
  const recorder = { upgrade: () => assert.fail(), upgradeBatch: () => assert.fail() };
  const upgrade = createProofFolder(cli.path("proofs"), { recorder, files: denoFiles });
  assert.deepEqual(await upgrade({ signal }), { upgradedCount: 0, failures: [] });
});
