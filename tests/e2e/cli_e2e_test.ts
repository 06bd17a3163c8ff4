import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { refuses } from "../_fakes/refuses.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DEAD_RPC = "http://127.0.0.1:9/topsecret";
const HASH = "ab".repeat(32);

interface ProcessOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A script of ours in a process of its own, its output collected. */
function spawn(script: string, args: readonly string[], { folder, env }: ProcessOptions): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      "--no-check",
      "--config",
      `${ROOT}deno.json`,
      `${ROOT}${script}`,
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function runProcess(script: string, args: readonly string[], options: ProcessOptions) {
  const { code, stdout, stderr } = await spawn(script, args, options).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}

/** Records a validation result whose metric makes it unlike any other. */
async function recordOne(cli: CliHarness, value: number): Promise<string> {
  const args = ["record", "validation", "--run", "run-1", "--metric", `value=${value}`, "--json"];
  return (await cli.run(...args)).json.records[0].id;
}

Deno.test("pot on a chain", async (t) => {
  await using devnet = await startDevnet();
  const [owner, other] = devnet.accounts;
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: owner!.privateKey };
  await using cli = await createCli({ env });
  const options = { folder: cli.folder, env };
  const transactionCount = async () =>
    Number(await devnet.request("eth_getTransactionCount", [owner!.address, "latest"]));
  let contract = "";

  await t.step("starts an installation", async () => {
    const { code, out, err } = await runProcess("cli/main.ts", ["init", "--origin", "pot/e2e"], options);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^wrote .*pot\.jsonc\n/);
  });

  await t.step("asks for a contract before it writes to the chain", async () => {
    await refuses(cli, ["contract", "check"], {
      code: 2,
      message: "Cannot check the contract as none is configured",
      hint: "set CONTRACT_ADDRESS, or deploy one with: pot contract deploy",
    });
    await refuses(cli, ["chain", "store", HASH], {
      code: 2,
      message: "Cannot use the chain as no contract is configured",
      fact: "chain: anvil",
    });
  });

  await t.step("deploys the contract once", async () => {
    const first = (await cli.run("contract", "deploy", "--json")).json;
    assert.equal(first.isNew, true);
    contract = first.deployment.contractAddress;
    const file = JSON.parse(await Deno.readTextFile(cli.path("deployments", "31337.json")));
    assert.deepEqual([file.contractAddress, file.chainId, file.deployer], [contract, 31337, owner!.address]);
    assert.equal(first.path, cli.path("deployments", "31337.json"));

    const nonce = await transactionCount();
    const again = await cli.run("contract", "deploy");
    assert.equal(again.code, 0);
    assert.match(again.out, new RegExp(`^nothing to do: ${contract} is on chain 31337 already \\(--force`));
    assert.equal(await transactionCount(), nonce);
    assert.match((await cli.run("contract", "check")).out, /is a ProofOfTraining contract of this version\n/);
  });

  await t.step("tries itself out", async () => {
    const { code, out, err } = await cli.run("test", "--blockchain");
    assert.deepEqual([code, err], [0, ""], out);
    assert.match(out, /✓ log .*\n {2}✓ chain .*\n {2}✓ store .* gas\nall of it works\n$/);
  });

  let id = "";
  await t.step("records, anchors in one transaction and proves", async () => {
    await cli.write("model/a.bin", "weights a");
    await cli.write("a.bin", "weights");
    const paths = ["a.bin", "model"];
    const recorded = await cli.run(
      "record",
      "checkpoint",
      ...paths,
      "--run",
      "run-1",
      "--step",
      "1",
      "--json",
    );
    id = recorded.json.records[0].id;
    await cli.run("record", "checkpoint", "--run", "run-1", "--step", "2", "--digest", HASH);
    await cli.run("record", "validation", "--run", "run-1", "--step", "2", "--metric", "accuracy=0.9");

    const nonce = await transactionCount();
    const { recordCount, anchor } = (await cli.run("anchor", "--json")).json;
    assert.deepEqual([recordCount, anchor.size, anchor.kind, anchor.state], [4, "4", "evm", "confirmed"]);
    assert.deepEqual([anchor.chainId, anchor.contract, anchor.submitter], [
      "eip155:31337",
      contract,
      owner!.address,
    ]);
    assert.equal(await transactionCount(), nonce + 1);
    assert.match(
      (await cli.run("anchor")).out,
      /^nothing is pending: the newest anchor covers 4 records and is (confirmed|final)\n$/,
    );
    assert.equal(await transactionCount(), nonce + 1);

    const { records } = (await cli.run("status", "--json")).json;
    assert.equal(records.confirmed + records.final, 4);
    assert.equal((await cli.run("runs", "run-1", "--json")).json.records.length, 4);
    const proved = await runProcess("cli/main.ts", ["prove", id, "-o", "p.json", "--json"], options);
    assert.deepEqual([proved.code, proved.err], [0, ""]);
    assert.deepEqual(JSON.parse(proved.out).file, cli.path("p.json"));
  });

  await t.step("verifies as far as it is let", async () => {
    const verify = async (...args: readonly string[]) => {
      const { code, json } = await cli.run("verify", "p.json", "--json", ...args);
      const failed = json.checks.filter(({ outcome }: { outcome: string }) => outcome !== "pass");
      return [code, json.level, failed.map(({ name }: { name: string }) => name)];
    };
    assert.deepEqual(await verify(), [0, "L1", []]);
    assert.deepEqual(await verify("--offline"), [0, "L0", []]);
    assert.deepEqual(await verify("--artifact", "a.bin"), [0, "L1", []]);
    assert.deepEqual(await verify("--artifact", "model/a.bin"), [1, "none", ["artifact"]]);
    assert.deepEqual(await verify("--artifact", "model", "--offline"), [1, "none", ["artifact"]]);
    assert.deepEqual(await verify("--submitter", owner!.address.toLowerCase()), [0, "L1", []]);
    assert.deepEqual(await verify("--submitter", other!.address), [1, "none", ["submitter"]]);
    assert.deepEqual(await verify("--contract", contract), [0, "L1", []]);
    assert.deepEqual(await verify("--contract", other!.address), [1, "none", ["contract"]]);
    // An outage is never "invalid".
    assert.deepEqual(await verify("--rpc", DEAD_RPC), [4, "L0", ["endpoint"]]);
  });

  await t.step("lets a stranger verify in an empty folder, whatever else is set", async () => {
    await using stranger = await createCli();
    const file = cli.path("p.json");
    assert.equal((await stranger.run("verify", file, "--json")).json.level, "L0");
    assert.equal((await stranger.run("verify", file, "--rpc", devnet.rpcUrl, "--json")).json.level, "L1");
    assert.equal(await stranger.listing(), "");
    const { code, out, err } = await runProcess("cli/main.ts", ["verify", file, "--offline"], {
      folder: stranger.folder,
      env: { CHAIN_ID: "nonsense" },
    });
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^valid \(level L0, confirmed\)\n/);
  });

  await t.step("reaches the three verbs by hand", async () => {
    const stored = (await cli.run("chain", "store", HASH, "--metadata", '{"model":"m-1"}', "--json")).json;
    assert.match(stored.transactionId, /^[1-9][0-9]*$/);
    const got = (await cli.run("chain", "get", stored.transactionId, "--json")).json;
    assert.deepEqual([got.exists, got.hash, got.metadata, got.submitter], [
      true,
      HASH,
      '{"model":"m-1"}',
      owner!.address,
    ]);
    assert.equal((await cli.run("chain", "verify", HASH, stored.transactionId)).code, 0);
    const wrong = await cli.run("chain", "verify", "cd".repeat(32), stored.transactionId);
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /^no: /);
    for (const unknown of ["0", "999999", "9".repeat(90)]) {
      assert.equal((await cli.run("chain", "get", unknown)).code, 1, unknown);
    }
  });

  await t.step(
    "goes to the ledger while no endpoint answers, and to the chain when one is back",
    async () => {
      const fallback = { POT_FALLBACK: "local" };
      const late = await recordOne(cli, 1);
      const outage = await cli.runWith({ ...fallback, RPC_URL: DEAD_RPC }, "anchor");
      assert.equal(outage.code, 0, outage.err);
      assert.match(outage.out, /state {5}local\n/);
      assert.match(
        outage.out,
        /no endpoint answered, so the local ledger has them: the next pot anchor takes them/,
      );
      assert.ok(!/topsecret/.test(outage.out + outage.err));
      assert.equal((await cli.run("status", "--json")).json.records.local, 1);

      const back = (await cli.runWith(fallback, "anchor", "--json")).json;
      assert.deepEqual([back.recordCount, back.anchor.kind, back.anchor.size], [1, "evm", "5"]);
      assert.equal((await cli.run("status", "--json")).json.records.local, 0);
      assert.deepEqual((await cli.run("prove", late, "-o", "late.json", "--json")).json.states.sort(), [
        "confirmed",
        "local",
      ]);
      const { code, json } = await cli.run("verify", "late.json", "--json");
      assert.deepEqual([code, json.level, json.state], [0, "L1", "confirmed"]);
    },
  );

  await t.step("without a fallback says that nobody answered, and keeps everything pending", async () => {
    await recordOne(cli, 2);
    const { code, out, err } = await cli.runWith({ RPC_URL: DEAD_RPC }, "anchor");
    assert.deepEqual([code, out], [4, ""]);
    assert.match(err, /^error: Cannot /);
    assert.ok(!err.includes("topsecret"), err);
    assert.equal((await cli.run("status", "--json")).json.records.pending, 1);
    assert.equal((await cli.runWith({ RPC_URL: DEAD_RPC }, "test", "--blockchain")).code, 4);
    assert.equal((await cli.runWith({ RPC_URL: DEAD_RPC }, "contract", "check")).code, 4);
  });

  await t.step("stores each record where that is asked for, each once", async () => {
    const each = { POT_ANCHORING: "each" };
    const { storedCount, recordCount } = (await cli.runWith(each, "anchor", "--json")).json;
    assert.deepEqual([storedCount, recordCount], [6, 1]);
    assert.equal((await cli.runWith(each, "anchor", "--json")).json.storedCount, 0);
    await recordOne(cli, 3);
    const nonce = await transactionCount();
    assert.match((await cli.runWith(each, "anchor")).out, /stored 1 record one by one\n$/);
    assert.equal(await transactionCount(), nonce + 2);
  });

  await t.step("refuses another chain, a missing key and a contract that is none", async () => {
    // The log's own checkpoint over the new record is made first; what follows writes nothing at all.
    await cli.run("prove", await recordOne(cli, 4));
    await refuses(cli, ["anchor"], {
      code: 2,
      env: { CHAIN_ID: "1", CONTRACT_ADDRESS: contract },
      message: /chain/,
    });
    await refuses(cli, ["anchor"], {
      code: 2,
      env: { PRIVATE_KEY: "" },
      message: /^Cannot .* as no signing key is configured$/,
      hint: /PRIVATE_KEY/,
    });
    await refuses(cli, ["anchor"], {
      code: 2,
      env: { CONTRACT_ADDRESS: other!.address },
      message: /no contract|no code/,
    });
    const check = await cli.run("contract", "check", other!.address);
    assert.equal(check.code, 1);
    assert.match(check.out, /^there is no contract at 0x/);
    await refuses(cli, ["contract", "deploy"], { code: 2, env: { CHAIN_ID: "7" }, message: /chain/ });
    await refuses(cli, ["contract", "deploy"], { code: 2, env: { PRIVATE_KEY: "" }, message: /private key/ });
    await using elsewhere = await startDevnet({ chainId: 4242 });
    await refuses(cli, ["verify", "p.json", "--rpc", elsewhere.rpcUrl], {
      code: 2,
      message: "Cannot verify the anchor as the endpoint serves another chain",
      fact: /^proof: anchored on eip155:31337$/,
    });
    assert.equal((await cli.run("status", "--json")).json.records.pending, 1);
  });

  await t.step("says that the contract is paused, and goes on when it is not", async () => {
    const call = async (functionName: "pauseContract" | "unpauseContract") => {
      const data = encodeFunctionData({ abi: proofOfTrainingAbi, functionName });
      await devnet.request("eth_sendTransaction", [{ from: owner!.address, to: contract, data }]);
      await devnet.request("evm_mine");
    };
    await call("pauseContract");
    await refuses(cli, ["anchor"], { code: 1, message: /paused/ });
    await refuses(cli, ["chain", "store", HASH], { code: 1, message: /paused/ });
    assert.match((await cli.run("contract", "check")).out, /paused {4}yes: writes are refused/);
    assert.equal((await cli.run("test", "--blockchain")).code, 1);
    await call("unpauseContract");
    assert.equal((await cli.run("anchor", "--json")).json.recordCount, 1);
  });

  await t.step("ends in order at Ctrl-C, with the exit code of shells, and sends nothing", async () => {
    await recordOne(cli, 5);
    const asked = Promise.withResolvers<void>();
    await using proxy = startFaultProxy(devnet.rpcUrl, {
      fault: () => {
        asked.resolve();
        return { kind: "hang" };
      },
    });
    const nonce = await transactionCount();
    const child = spawn("cli/main.ts", ["anchor"], {
      folder: cli.folder,
      env: { ...env, RPC_URL: proxy.url },
    });
    await asked.promise;
    child.kill("SIGINT");
    const { code, stdout, stderr } = await child.output();
    assert.deepEqual([code, stdout.length], [130, 0]);
    assert.match(new TextDecoder().decode(stderr), /^error: Stopped by a signal\n/);
    assert.equal(await transactionCount(), nonce);
    assert.equal((await cli.run("anchor", "--json")).json.recordCount, 1);
  });

  await t.step("deploys by script, once", async () => {
    await using fresh = await createCli();
    const run = () =>
      runProcess("deploy.ts", ["--network", "anvil"], {
        folder: fresh.folder,
        env: { RPC_URL: devnet.rpcUrl, PRIVATE_KEY: other!.privateKey },
      });
    const first = await run();
    assert.deepEqual([first.code, first.err], [0, ""]);
    assert.match(first.out, /^deployed 0x[0-9a-fA-F]{40} on chain 31337\n/);
    const again = await run();
    assert.equal(again.code, 0);
    assert.match(again.out, /^nothing to do: 0x/);
    const wrong = await runProcess("deploy.ts", ["--network", "mumbai", "--colour"], {
      folder: fresh.folder,
      env,
    });
    assert.deepEqual([wrong.code, wrong.out], [2, ""]);
    assert.match(wrong.err, /^error: Cannot deploy as --colour is no option\n/);
  });
});
