import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { refuses } from "../_fakes/refuses.ts";

const DEAD_RPC = "http://127.0.0.1:9/topsecret";

/** Records a validation result whose metric makes it unlike any other; answers with its id. */
async function recordOne(cli: CliHarness, value: number): Promise<string> {
  const args = ["record", "validation", "--run", "run-1", "--metric", `value=${value}`, "--json"];
  return (await cli.run(...args)).json.records[0].id;
}

/** All that an upgrade must leave alone where nothing is new. */
async function stateOf(path: string): Promise<unknown> {
  const { mtime, ino, mode } = await Deno.stat(path);
  return { mtime: mtime?.getTime(), ino, mode, text: await Deno.readTextFile(path) };
}

Deno.test("pot upgrade on a chain", async (t) => {
  await using devnet = await startDevnet();
  const [owner, other] = devnet.accounts;
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: "31337",
    PRIVATE_KEY: owner!.privateKey,
    POT_CONFIRMATIONS: "1",
  };
  await using cli = await createCli({ env });
  const mine = () => devnet.request("anvil_mine", ["0x50"]);
  const verify = async (file: string) => {
    const { code, json } = await cli.run("verify", file, "--offline", "--json");
    return [code, json.reach, json.state];
  };
  await cli.run("init", "--origin", "pot/upgrade");
  assert.equal((await cli.run("contract", "deploy")).code, 0);
  const id = await recordOne(cli, 0.5);
  await cli.run("prove", id, "-o", "p.json");
  const first = await Deno.readTextFile(cli.path("p.json"));
  await Deno.chmod(cli.path("p.json"), 0o640);

  await t.step("leaves a proof alone while nothing is anchored, and says so", async () => {
    const before = await stateOf(cli.path("p.json"));
    const { code, out, err } = await cli.run("upgrade", "p.json");
    assert.deepEqual([code, out, err], [3, "p.json: nothing new\n  pending\n", ""]);
    assert.deepEqual(await stateOf(cli.path("p.json")), before);
    await assert.rejects(() => Deno.stat(cli.path("p.json.bak")), Deno.errors.NotFound);
  });

  await t.step("takes it from pending to final in place, with the way to the block", async () => {
    assert.equal((await cli.run("anchor")).code, 0);
    const { code, out } = await cli.run("upgrade", "p.json");
    assert.equal(code, 0);
    assert.match(out, /^p\.json: upgraded\n {2}confirmed on eip155:31337 in block \d+, with its receipt\n$/);
    assert.deepEqual(await verify("p.json"), [0, "block", "confirmed"]);
    assert.equal(await Deno.readTextFile(cli.path("p.json.bak")), first);
    assert.equal((await Deno.stat(cli.path("p.json"))).mode! & 0o777, 0o640);

    await mine();
    const { json } = await cli.run("upgrade", "p.json", "--json");
    assert.deepEqual(
      json.proofs.map(({ file, isChanged, isInLog }: Record<string, unknown>) => [file, isChanged, isInLog]),
      [[cli.path("p.json"), true, true]],
    );
    assert.deepEqual(
      json.proofs[0].anchors.map((anchor: Record<string, unknown>) => [anchor["state"], anchor["receipt"]]),
      [["final", "captured"]],
    );
    assert.deepEqual(await verify("p.json"), [0, "block", "final"]);
    assert.equal(await Deno.readTextFile(cli.path("p.json.bak")), first);
  });

  await t.step("changes nothing more, with and without the chain", async () => {
    const before = await stateOf(cli.path("p.json"));
    for (const more of [[], ["--offline"]]) {
      const { code, out } = await cli.run("upgrade", "p.json", ...more);
      assert.equal(code, 0);
      assert.match(out, /^p\.json: nothing new\n/);
    }
    // Complete: nobody has to be asked.
    assert.equal((await cli.runWith({ RPC_URL: DEAD_RPC }, "upgrade", "p.json")).code, 0);
    assert.deepEqual(await stateOf(cli.path("p.json")), before);
    // What prove writes by now is the same proof.
    await cli.run("prove", id, "-o", "fresh.json");
    assert.deepEqual(
      JSON.parse(await Deno.readTextFile(cli.path("fresh.json"))),
      JSON.parse(await Deno.readTextFile(cli.path("p.json"))),
    );
  });

  await t.step("takes several files, and one's trouble is not the others'", async () => {
    const late = await recordOne(cli, 0.6);
    await cli.run("prove", late, "-o", "late.json");
    await cli.write("broken.json", "{}");
    const pendingToo = await cli.run("upgrade", "p.json", "late.json");
    assert.equal(pendingToo.code, 3);
    await cli.run("anchor");
    const { code, out } = await cli.run("upgrade", "p.json", "broken.json", "late.json");
    assert.equal(code, 1);
    assert.match(
      out,
      /^p\.json: nothing new\n.*\nbroken\.json: Cannot read the proof as it is not a pot proof\n(?: {2}.*\n)+late\.json: upgraded\n/,
    );
    assert.deepEqual(await verify("late.json"), [0, "block", "confirmed"]);
    assert.equal((await cli.run("upgrade", "nowhere.json", "p.json")).code, 2);
    await refuses(cli, ["upgrade", "broken.json"], {
      code: 1,
      message: "Cannot read the proof as it is not a pot proof",
    });
  });

  await t.step("says 4 when nobody answers, and adds offline what the log knows", async () => {
    const third = await recordOne(cli, 0.7);
    await cli.run("prove", third, "-o", "third.json");
    await cli.run("anchor");
    const before = await stateOf(cli.path("third.json"));
    const { code, err } = await cli.runWith({ RPC_URL: DEAD_RPC }, "upgrade", "third.json");
    assert.equal(code, 4);
    assert.match(err, /no RPC endpoint gave an answer/);
    assert.doesNotMatch(err, /topsecret/);
    assert.deepEqual(await stateOf(cli.path("third.json")), before);
    const offline = await cli.runWith({ RPC_URL: DEAD_RPC }, "upgrade", "third.json", "--offline");
    assert.deepEqual([offline.code, offline.err], [0, ""]);
    assert.deepEqual(await verify("third.json"), [0, "block", "confirmed"]);
  });

  await t.step("shows what a reorganisation did, and what came of it", async () => {
    const fourth = await recordOne(cli, 0.8);
    await cli.run("anchor");
    await cli.run("prove", fourth, "-o", "moved.json");
    await devnet.request("anvil_reorg", [1, []]);
    const gone = await cli.run("upgrade", "moved.json");
    assert.equal(gone.code, 3);
    assert.match(gone.out, /^moved\.json: upgraded\n {2}pending on eip155:31337: in no block now\n$/);
    await cli.run("anchor");
    assert.equal((await cli.run("upgrade", "moved.json")).code, 0);
    assert.deepEqual(await verify("moved.json"), [0, "block", "confirmed"]);
    assert.equal((await cli.run("verify", "moved.json")).code, 0);
  });

  await t.step("takes a stranger without the log as far as the endpoints go", async () => {
    await using stranger = await createCli();
    await using slow = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        method === "eth_getBlockReceipts" || method === "eth_getBlockByHash"
          ? { kind: "result", result: null }
          : undefined,
    });
    // A proof from before the receipt could be had.
    const fifth = await recordOne(cli, 0.9);
    await cli.runWith({ RPC_URL: slow.url }, "anchor");
    await cli.run("prove", fifth, "-o", "fifth.json");
    assert.deepEqual(await verify("fifth.json"), [0, "checkpoint", "confirmed"]);
    await mine();
    await Deno.copyFile(cli.path("fifth.json"), stranger.path("fifth.json"));
    const handed = await Deno.readTextFile(stranger.path("fifth.json"));

    await refuses(stranger, ["upgrade", "fifth.json"], {
      code: 2,
      message: "Cannot upgrade the proof as there is no log here and no endpoint to ask",
    });
    await refuses(stranger, ["upgrade", "fifth.json", "--rpc", DEAD_RPC], {
      code: 4,
      message: /^Cannot ask /,
    });
    await using elsewhere = await startDevnet({ chainId: 4242 });
    await refuses(stranger, ["upgrade", "fifth.json", "--rpc", elsewhere.rpcUrl], {
      code: 2,
      message: "Cannot upgrade the proof as no endpoint serves its chain",
    });
    await refuses(stranger, ["upgrade", "fifth.json", "--offline", "--rpc", devnet.rpcUrl], {
      code: 2,
      message: "Cannot upgrade the proof as --offline and --rpc exclude each other",
    });
    assert.equal(await Deno.readTextFile(stranger.path("fifth.json")), handed);

    const { code, out } = await stranger.run(
      "upgrade",
      "fifth.json",
      "--rpc",
      DEAD_RPC,
      "--rpc",
      elsewhere.rpcUrl,
      "--rpc",
      devnet.rpcUrl,
    );
    assert.equal(code, 0);
    assert.match(
      out,
      /^fifth\.json: upgraded\n {2}final on eip155:31337 in block \d+, with its receipt\n {2}no log here holds the record: /,
    );
    assert.equal(await Deno.readTextFile(stranger.path("fifth.json.bak")), handed);
    const verified = await stranger.run("verify", "fifth.json", "--offline", "--json");
    assert.deepEqual([verified.code, verified.json.reach, verified.json.state], [0, "block", "final"]);
    const again = await stateOf(stranger.path("fifth.json"));
    assert.match(
      (await stranger.run("upgrade", "fifth.json", "--rpc", devnet.rpcUrl)).out,
      /^fifth\.json: nothing new\n/,
    );
    assert.deepEqual(await stateOf(stranger.path("fifth.json")), again);

    // Where another log is, it says so; and a head that was never anchored is nothing to ask about.
    await using neighbour = await createCli({ env: { ...env, PRIVATE_KEY: other!.privateKey } });
    await neighbour.run("init", "--origin", "pot/neighbour");
    await neighbour.write("fifth.json", handed);
    await neighbour.write("pending.json", first);
    await neighbour.write(
      "deployments/31337.json",
      await Deno.readTextFile(cli.path("deployments", "31337.json")),
    );
    const outcome = await neighbour.run("upgrade", "fifth.json", "--json");
    assert.deepEqual(
      [outcome.code, outcome.json.proofs[0].isInLog, outcome.json.proofs[0].anchors[0].state],
      [0, false, "final"],
    );
    for (const more of [[], ["--offline"], ["--rpc", devnet.rpcUrl]]) {
      await refuses(neighbour, ["upgrade", "pending.json", ...more], {
        code: 1,
        message: "Cannot upgrade the proof as this log does not hold its record, and it names no transaction",
      });
    }
  });

  await t.step("refuses a proof that does not hold, and writes nothing", async () => {
    const json = JSON.parse(await Deno.readTextFile(cli.path("p.json")));
    json.anchors[0].path = [`${"00".repeat(32)}`];
    await cli.write("forged.json", JSON.stringify(json));
    const before = await stateOf(cli.path("forged.json"));
    await refuses(cli, ["upgrade", "forged.json"], {
      code: 1,
      message: "Cannot upgrade the proof as it does not hold",
    });
    assert.deepEqual(await stateOf(cli.path("forged.json")), before);
    await refuses(cli, ["upgrade", ".pot"], {
      code: 2,
      message: "Cannot read the proof as it is not a file",
    });
  });

  await t.step("follows a link to the file, and leaves the link", async () => {
    const sixth = await recordOne(cli, 1.1);
    await cli.run("prove", sixth, "-o", "real.json");
    await Deno.symlink("real.json", cli.path("link.json"));
    await cli.run("anchor");
    assert.equal((await cli.run("upgrade", "link.json")).code, 0);
    assert.equal((await Deno.lstat(cli.path("link.json"))).isSymlink, true);
    assert.deepEqual(await verify("real.json"), [0, "block", "confirmed"]);
    assert.equal((await Deno.stat(cli.path("real.json.bak"))).isFile, true);
  });
});

Deno.test("pot prove and pot upgrade for a log that moved from one chain to another", async () => {
  await using one = await startDevnet();
  await using two = await startDevnet({ chainId: 4242 });
  const envOf = (devnet: typeof one, chainId: string) => ({
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: chainId,
    PRIVATE_KEY: devnet.accounts[0]!.privateKey,
    POT_CONFIRMATIONS: "1",
  });
  await using cli = await createCli();
  const [onOne, onTwo] = [envOf(one, "31337"), envOf(two, "4242")];
  await cli.runWith(onOne, "init", "--origin", "pot/moved");
  await cli.runWith(onOne, "contract", "deploy");
  await cli.runWith(onTwo, "contract", "deploy", "--yes");
  const id = await recordOne(cli, 0.5);
  await cli.runWith(onOne, "anchor");
  await cli.runWith(onOne, "prove", id, "-o", "p.json");
  await recordOne(cli, 0.6);
  const anchored = await cli.runWith(onTwo, "anchor");
  assert.equal(anchored.code, 0, anchored.err);

  const proved = await cli.runWith(onTwo, "prove", id, "-o", "both.json");
  assert.match(
    proved.out,
    /\n {2}anchor {4}confirmed on eip155:31337 in block \d+, with its receipt\n {2}anchor {4}confirmed on eip155:4242 in block \d+, with its receipt\n$/,
  );
  for (const devnet of [one, two]) {
    const { code, json } = await cli.run("verify", "both.json", "--rpc", devnet.rpcUrl, "--json");
    assert.deepEqual([code, json.level], [0, "L1"]);
  }
  const offline = await cli.run("verify", "both.json", "--offline", "--json");
  assert.deepEqual([offline.code, offline.json.reach], [0, "block"]);

  // The old proof learns of the new chain, and with endpoints of both goes on to final on each.
  await cli.runWith(onTwo, "upgrade", "p.json");
  for (const devnet of [one, two]) await devnet.request("anvil_mine", ["0x50"]);
  await using stranger = await createCli();
  await stranger.write("p.json", await Deno.readTextFile(cli.path("p.json")));
  const half = (await stranger.run("upgrade", "p.json", "--rpc", two.rpcUrl, "--json")).json;
  assert.deepEqual(half.proofs[0].anchors.map(({ state }: { state: string }) => state), [
    "confirmed",
    "final",
  ]);
  const { code, json } = await stranger.run(
    "upgrade",
    "p.json",
    "--rpc",
    one.rpcUrl,
    "--rpc",
    two.rpcUrl,
    "--json",
  );
  assert.equal(code, 0);
  assert.deepEqual(
    json.proofs[0].anchors.map((
      anchor: Record<string, unknown>,
    ) => [anchor["chainId"], anchor["state"], anchor["receipt"]]),
    [["eip155:31337", "final", "captured"], ["eip155:4242", "final", "captured"]],
  );
});
