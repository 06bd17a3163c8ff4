import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { isSend, type KillPoint, runKilled } from "./killed_command.ts";

/** From signing to the file: each run goes on where the one before was killed, and dies a step later. */
const POINTS: readonly KillPoint[] = [
  // Signed and in the journal, and no node has seen it.
  { at: isSend, when: "before" },
  // The node has it; we never heard so.
  { at: isSend, when: "after" },
  { at: (body) => body.includes("eth_getTransactionReceipt"), when: "after" },
  // Mined and known to be; the deployment file is all that is missing.
  { at: (body) => body.includes("eth_getCode") && !body.includes("latest"), when: "after" },
];

Deno.test({
  name: "pot contract deploy and migrate, killed with SIGKILL at each step, go on and do nothing twice",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using devnet = await startDevnet({ args: ["--disable-default-create2-deployer"] });
    const { address, privateKey } = devnet.accounts[0]!;
    const env = { CHAIN_ID: "31337", PRIVATE_KEY: privateKey };
    await using cli = await createCli({ env: { ...env, RPC_URL: devnet.rpcUrl } });
    const run = (args: readonly string[], kill?: KillPoint) =>
      runKilled({ folder: cli.folder, env, rpcUrl: devnet.rpcUrl, args, ...(kill && { kill }) });
    const nonce = async () => Number(await devnet.request("eth_getTransactionCount", [address, "latest"]));

    let kills = 0;
    const untilDone = async (...args: readonly string[]) => {
      for (const kill of [...POINTS, ...POINTS]) {
        const outcome = await run(args, kill);
        if (!outcome.wasKilled) {
          assert.equal(outcome.code, 0, outcome.err);
          return JSON.parse(outcome.out);
        }
        kills++;
      }
      const { code, out, err } = await run(args);
      assert.equal(code, 0, err);
      return JSON.parse(out);
    };

    const first = await untilDone("contract", "deploy", "--json");
    // One that pays for the deployment proxy, and the deployment.
    assert.equal(await nonce(), 2);
    assert.equal((await cli.run("contract", "check", "--json")).json.ok, true);
    assert.equal((await run(["contract", "deploy", "--json"])).code, 0);
    assert.equal(await nonce(), 2);

    const old = first.deployment.contractAddress;
    const { deployment } = await untilDone("contract", "migrate", old, "--json");
    assert.equal(await nonce(), 4);
    const check = (await cli.run("contract", "check", "--json")).json;
    assert.deepEqual([check.contract, check.predecessor, check.ok], [deployment.contractAddress, old, true]);
    const retired = (await cli.run("contract", "check", old, "--json")).json;
    assert.equal(retired.successor, deployment.contractAddress);

    await untilDone("contract", "pause", "--json");
    assert.equal(await nonce(), 5);
    assert.ok(kills >= 12, `only ${kills} kills`);
  },
});
