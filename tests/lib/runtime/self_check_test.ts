import assert from "node:assert/strict";
import { createCli } from "../../_fakes/cli_harness.ts";
import { initialize } from "../../../lib/runtime/initialize.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { selfCheck } from "../../../lib/runtime/self_check.ts";

Deno.test("selfCheck() tries a log of its own and touches neither this one nor what it left", async () => {
  await using cli = await createCli();
  const config = parseConfig({ folder: cli.folder, env: {} });
  const steps = await selfCheck(config, { withChain: false });
  assert.deepEqual(steps, [{
    name: "log",
    ok: true,
    detail: "recorded, anchored locally, proved and verified one record in a temporary folder",
  }]);
  assert.equal(await cli.listing(), "");
});

Deno.test("selfCheck() tries the three verbs on the ledger where no chain is configured, and says so", async () => {
  await using cli = await createCli();
  const { origin } = await initialize({ folder: cli.folder });
  const config = parseConfig({ folder: cli.folder, env: {}, file: { origin } });
  const [log, chain, store, ...more] = await selfCheck(config, { withChain: true });
  assert.deepEqual([log?.ok, chain?.ok, store?.ok, more], [true, true, true, []]);
  assert.equal(
    chain?.detail,
    `local:${origin}: all is well with ledger (no chain is configured: set RPC_URL and CHAIN_ID)`,
  );
  assert.match(store!.detail, /^stored, read back and verified a hash as [0-9a-f-]{36}$/);
});

Deno.test("selfCheck() names the next step where the chain cannot be opened, and throws nothing", async () => {
  await using cli = await createCli();
  const env = { RPC_URL: "http://127.0.0.1:9/secretpath", CHAIN_ID: "31337" };
  const noLog = await selfCheck(parseConfig({ folder: cli.folder, env }), { withChain: true });
  assert.equal(
    noLog[1]?.detail,
    `Cannot open the log as there is none here yet; home: ${cli.path(".pot")}; → make one with: pot init`,
  );
  await initialize({ folder: cli.folder });
  const noContract = await selfCheck(parseConfig({ folder: cli.folder, env }), { withChain: true });
  assert.deepEqual(noContract.map(({ name, ok }) => [name, ok]), [["log", true], ["chain", false]]);
  assert.match(noContract[1]!.detail, /no contract is configured; chain: anvil; → set CONTRACT_ADDRESS/);
});

Deno.test("selfCheck() takes a dead endpoint for unreachable, not for wrong, and shows no path of it", async () => {
  await using cli = await createCli();
  await initialize({ folder: cli.folder });
  const env = {
    RPC_URL: "http://127.0.0.1:9/secretpath",
    CHAIN_ID: "31337",
    CONTRACT_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  };
  const steps = await selfCheck(parseConfig({ folder: cli.folder, env }), { withChain: true });
  assert.deepEqual(steps.map(({ name, ok, isUnreachable }) => [name, ok, isUnreachable]), [
    ["log", true, undefined],
    ["chain", false, true],
  ]);
  assert.ok(!steps[1]!.detail.includes("secretpath"), steps[1]!.detail);
});
