import assert from "node:assert/strict";
import { type CliHarness, createCli } from "../../_fakes/cli_harness.ts";
import { type PotError, UnreachableError } from "../../../lib/core/errors.ts";
import type { Config } from "../../../lib/runtime/config.ts";
import { initialize } from "../../../lib/runtime/initialize.ts";
import { openRuntime } from "../../../lib/runtime/open_runtime.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";

const KEY = "4f".repeat(32);

async function install(
  { folder }: CliHarness,
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const { origin } = await initialize({ folder });
  return parseConfig({ folder, env, file: { origin } });
}

Deno.test("openRuntime() puts together what records, anchors and proves", async () => {
  await using cli = await createCli();
  const config = await install(cli);
  const time = Date.UTC(2026, 0, 31, 12);
  const clock = { now: () => time, sleep: () => Promise.resolve() };
  let id: string;
  {
    await using runtime = await openRuntime(config, { clock });
    ({ id } = await runtime.recorder.recordCheckpoint({ runId: "run-1", step: 1 }));
    const { anchor } = await runtime.recorder.anchorPending();
    assert.equal(anchor?.facts.state, "local");
  }
  // Everything is on the disk: another runtime goes on from it.
  await using runtime = await openRuntime(config, { clock });
  const proof = await runtime.recorder.prove(id);
  assert.equal(JSON.parse(new TextDecoder().decode(proof.record)).recordedAt, "2026-01-31T12:00:00.000Z");
  assert.deepEqual(proof.anchors.map(({ state }) => state), ["local"]);
  assert.deepEqual((await runtime.recorder.status()).records, {
    pending: 0,
    local: 1,
    anchored: 0,
    confirmed: 0,
    final: 0,
  });
});

Deno.test("openRuntime() refuses a log key for another origin and writes nothing", async () => {
  await using cli = await createCli();
  const config = await install(cli);
  const before = await cli.listing();
  await assert.rejects(openRuntime({ ...config, origin: "pot/other" }), {
    name: "UsageError",
    message: "Cannot open the log as its key is for another origin",
    facts: ["configured: pot/other", `log key: ${config.origin}`, `home: ${config.home}`],
    hint: "set origin in pot.jsonc back to the log key's, or point POT_HOME at the right folder",
  });
  assert.equal(await cli.listing(), before);
});

Deno.test("openRuntime() takes the key's origin where none is configured", async () => {
  await using cli = await createCli();
  const { origin, ...config } = await install(cli);
  await using runtime = await openRuntime(config);
  assert.equal(runtime.log.origin, origin);
});

Deno.test("openRuntime() refuses a home without a log and writes nothing", async () => {
  await using cli = await createCli();
  await assert.rejects(openRuntime(parseConfig({ folder: cli.folder, env: {} })), {
    message: "Cannot open the log as there is none here yet",
  });
  assert.equal(await cli.listing(), "");
});

Deno.test("openRuntime() asks no endpoint and needs no contract until the chain is used", async () => {
  await using cli = await createCli();
  const env = { RPC_URL: "http://127.0.0.1:9/secretpath", CHAIN_ID: "31337", PRIVATE_KEY: KEY };
  await using runtime = await openRuntime(await install(cli, env));
  await runtime.recorder.recordValidation({ runId: "run-1", metrics: { accuracy: 1 } });
  assert.equal((await runtime.recorder.status()).records.pending, 1);
  await assert.rejects(runtime.recorder.anchorPending(), (error: PotError) => {
    assert.equal(error.message, "Cannot use the chain as no contract is configured");
    assert.deepEqual(error.facts, ["chain: anvil"]);
    assert.equal(error.hint, "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy");
    return true;
  });
});

Deno.test("openRuntime() lets no message of a dead endpoint show its key or ours", async () => {
  await using cli = await createCli();
  const env = {
    RPC_URL: "http://127.0.0.1:9/secretpath?key=secretquery",
    CHAIN_ID: "31337",
    PRIVATE_KEY: KEY,
    CONTRACT_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  };
  await using runtime = await openRuntime(await install(cli, env));
  await runtime.recorder.recordValidation({ runId: "run-1", metrics: { accuracy: 1 } });
  await assert.rejects(runtime.recorder.anchorPending(), (error: PotError) => {
    assert.ok(error instanceof UnreachableError);
    assert.equal(error.exitCode, 4);
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      const { message, facts, hint } = at as PotError;
      assert.ok(!/secretpath|secretquery|4f4f4f/.test(JSON.stringify([message, facts, hint])), message);
    }
    return true;
  });
});
