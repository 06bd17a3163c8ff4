import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { isSend, type KillPoint, runKilled } from "./killed_command.ts";

/** Each run goes on where the one before was killed: signed and sent to nobody, then with the node and never heard of. */
const POINTS: readonly KillPoint[] = [{ at: isSend, when: "before" }, { at: isSend, when: "after" }];
/** Anchor, offer, sweep and accept. */
const SENDS = 4;

Deno.test({
  name: "pot keys rotate, killed with SIGKILL at each thing that it sends, goes on and does nothing twice",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using devnet = await startDevnet();
    const [first, next] = devnet.accounts;
    const env = {
      CHAIN_ID: "31337",
      POT_CONFIRMATIONS: "1",
      FIRST_KEY: first!.privateKey,
      NEXT_KEY: next!.privateKey,
    };
    const keyOf = (name: string) => ({ ...env, POT_KEY_SOURCE: `env:${name}`, RPC_URL: devnet.rpcUrl });
    await using cli = await createCli();
    const nonce = async (address: string) =>
      Number(await devnet.request("eth_getTransactionCount", [address, "latest"]));
    const record = (value: number) =>
      cli.runWith(keyOf("FIRST_KEY"), "record", "validation", "--run", "r", "--metric", `a=${value}`);
    for (const args of [["init"], ["contract", "deploy"]]) {
      const { code, err } = await cli.runWith(keyOf("FIRST_KEY"), ...args);
      assert.equal(code, 0, err);
    }
    await record(1);
    const before = [await nonce(first!.address), await nonce(next!.address)];

    const args = ["keys", "rotate", "--to", "env:NEXT_KEY", "--transfer-ownership", "--sweep", "--json"];
    const run = (kill?: KillPoint) =>
      runKilled({
        folder: cli.folder,
        env: { ...env, POT_KEY_SOURCE: "env:FIRST_KEY" },
        rpcUrl: devnet.rpcUrl,
        args,
        ...(kill && { kill }),
      });
    let kills = 0;
    let last = await run(POINTS[0]);
    while (last.wasKilled) {
      kills++;
      last = await run(POINTS[kills % 2]);
    }
    assert.equal(last.code, 0, last.err);
    assert.equal(kills, 2 * SENDS);
    const { to, isResumed, setting } = JSON.parse(last.out);
    assert.deepEqual([to.address, isResumed], [next!.address, true]);
    assert.deepEqual(setting, { toSet: ["set POT_KEY_SOURCE=env:NEXT_KEY"] });
    assert.doesNotMatch(
      last.out + last.err,
      new RegExp(`${first!.privateKey.slice(2)}|${next!.privateKey.slice(2)}`),
    );

    assert.deepEqual([await nonce(first!.address), await nonce(next!.address)], [
      before[0]! + 3,
      before[1]! + 1,
    ]);
    assert.equal(await devnet.request("eth_getBalance", [first!.address, "latest"]), "0x0");
    const check = await cli.runWith(keyOf("NEXT_KEY"), "contract", "check", "--json");
    assert.equal(check.json.owner, next!.address);
    assert.equal((await cli.runWith(keyOf("NEXT_KEY"), "status", "--json")).json.records.confirmed, 1);
    await record(2);
    const refused = await cli.runWith(keyOf("FIRST_KEY"), "anchor");
    assert.match(refused.err, /^error: Cannot sign as this signing key was retired\n/);
    assert.equal((await cli.runWith(keyOf("NEXT_KEY"), "anchor")).code, 0);
    await devnet.request("anvil_mine", ["0x50"]);
    const audit = await cli.runWith(keyOf("NEXT_KEY"), "log", "audit");
    assert.equal(audit.code, 0, audit.out + audit.err);
  },
});
