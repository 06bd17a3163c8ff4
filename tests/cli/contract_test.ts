import assert from "node:assert/strict";
import { getAddress } from "viem/utils";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { DEPLOYMENT_PROXY } from "../../lib/chain/create2.ts";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { callSafeFile } from "../_fakes/call_safe_file.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";
import firstRelease from "../vectors/first_release.json" with { type: "json" };

const HASH = "ab".repeat(32);
const SAFE = "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6";

async function ok(cli: CliHarness, ...args: readonly string[]) {
  const { code, json } = await checked(cli, ...args);
  assert.equal(code, 0);
  return json;
}

async function checked(cli: CliHarness, ...args: readonly string[]) {
  const outcome = await cli.run(...args, "--json");
  assert.ok(outcome.out !== "", `${args.join(" ")}\n${outcome.err}`);
  return outcome;
}

Deno.test("pot contract deploy shows before it spends, and has one address on every chain", async (t) => {
  await using devnet = await startDevnet();
  await using polygon = await startDevnet({ chainId: 137 });
  await using sepolia = await startDevnet({ chainId: 11155111 });
  const [owner, poor] = devnet.accounts;
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: owner!.privateKey };
  await using cli = await createCli({ env });
  let address = "";

  await t.step("--dry-run tells address, gas and cost, and sends nothing", async () => {
    const preview = await ok(cli, "contract", "deploy", "--dry-run");
    address = preview.address;
    const [step, ...more] = preview.estimate.steps;
    assert.deepEqual(more, []);
    assert.deepEqual([preview.isThere, preview.isMain, preview.owner], [false, false, owner!.address]);
    assert.equal(step.purpose, "deploy the contract");
    assert.ok(BigInt(step.costWei) === BigInt(step.gas) * BigInt(step.feePerGasWei));
    assert.ok(BigInt(step.maxCostWei) > BigInt(step.costWei));
    const { out } = await cli.run("contract", "deploy", "--dry-run");
    assert.match(
      out,
      new RegExp(`^would deploy to ${address} on anvil\\n {2}owner     ${owner!.address}\\n`),
    );
    assert.match(
      out,
      /\n {2}cost {6}0\.00\d+ ETH, at most 0\.00\d+ ETH, to deploy the contract: \d{6,7} gas at [\d.]+ gwei\n/,
    );
    assert.match(out, /nothing was sent\n$/);
    assert.equal(await devnet.request("eth_blockNumber"), "0x0");

    const { json } = await checked(cli, "contract", "deploy");
    assert.equal(json.deployment.contractAddress, address);
    // A node estimates the limit, which a call within a call needs a 64th more of than is used.
    const [estimated, used] = [Number(step.gas), Number(json.deployment.gasUsed)];
    assert.ok(estimated >= used && estimated < used * 1.02, `${estimated} ${used}`);
    assert.equal((await ok(cli, "contract", "deploy", "--dry-run")).isThere, true);
  });

  await t.step("a poor account is told what to fund, and on a test network where", async () => {
    const other = { RPC_URL: sepolia.rpcUrl, CHAIN_ID: "11155111", PRIVATE_KEY: poor!.privateKey };
    await sepolia.request("anvil_setBalance", [poor!.address, "0x0"]);
    const { code, out } = await cli.runWith(other, "contract", "deploy", "--dry-run");
    assert.equal(code, 1);
    assert.match(
      out,
      new RegExp(
        `\\n {2}fund it {3}send at least 0\\.0\\d+ ETH to ${poor!.address}\\n {2}faucet {4}https://`,
      ),
    );
    // The journal of a new key is made where it is opened.
    assert.equal((await cli.runWith(other, "contract", "deploy")).code, 1);
    await refuses(cli, ["contract", "deploy"], {
      code: 1,
      env: other,
      message: "Cannot deploy the contract as the account cannot pay for it",
      fact: "balance: 0 ETH",
      hint: /^send at least 0\.0\d+ ETH to 0x\w{40}; it is given away at https:/,
    });
  });

  await t.step("a main network asks for --yes, and advises a test network until one was tried", async () => {
    const main = { RPC_URL: polygon.rpcUrl, CHAIN_ID: "137", POT_CONFIRMATIONS: "1" };
    await refuses(cli, ["contract", "deploy"], {
      code: 2,
      env: main,
      message: "Cannot deploy the contract on polygon as nobody confirmed that it may cost real money",
      fact: "advice    try it on polygon-amoy first: pot contract deploy --network polygon-amoy",
      hint: "give --yes once --dry-run shows what you expect",
    });
    const { out, code, err } = await cli.runWith(main, "contract", "deploy", "--yes");
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(out.startsWith(`deployed ${address} on chain 137\n`), out);
    await Deno.copyFile(cli.path("deployments", "31337.json"), cli.path("deployments", "80002.json"));
    const amoy = JSON.parse(await Deno.readTextFile(cli.path("deployments", "80002.json")));
    await cli.write("deployments/80002.json", JSON.stringify({ ...amoy, chainId: 80002 }));
    const tried = await cli.runWith(main, "contract", "deploy", "--dry-run", "--force", "--json");
    assert.deepEqual(tried.json.tryFirst, { network: "polygon-amoy", isDone: true });
  });

  await t.step("makes the deployment proxy where it is missing, and counts that in", async () => {
    await using bare = await startDevnet({ args: ["--disable-default-create2-deployer"] });
    assert.equal(await bare.request("eth_getCode", [DEPLOYMENT_PROXY, "latest"]), "0x");
    await using home = await createCli({ env: { ...env, RPC_URL: bare.rpcUrl } });
    const { estimate } = await ok(home, "contract", "deploy", "--dry-run");
    assert.deepEqual(estimate.steps.map(({ purpose }: { purpose: string }) => purpose), [
      "pay for the deployment proxy",
      "deploy the contract",
    ]);
    assert.ok(BigInt(estimate.costWei) > 10n ** 16n);
    const { deployment } = await ok(home, "contract", "deploy");
    assert.equal(deployment.contractAddress, address);
    const [, { gas }] = estimate.steps;
    assert.ok(
      Math.abs(Number(gas) - Number(deployment.gasUsed)) < 0.02 * Number(gas),
      `${gas} ${deployment.gasUsed}`,
    );

    // Another installation finds it there, with the transaction that made it.
    await using other = await createCli({ env: { ...env, RPC_URL: bare.rpcUrl } });
    const again = await ok(other, "contract", "deploy");
    assert.deepEqual(again.deployment, deployment);
    assert.equal(again.isNew, false);
    assert.equal(await bare.request("eth_getTransactionCount", [owner!.address, "latest"]), "0x2");
  });

  await t.step("--create takes an address of its own, where the proxy can't be made", async () => {
    await using bare = await startDevnet({ args: ["--disable-default-create2-deployer"] });
    // Its one transaction was mined without effect.
    await bare.request("anvil_setNonce", ["0x3fab184622dc19b6109349b94811493bf2a45362", "0x1"]);
    await using home = await createCli({ env: { ...env, RPC_URL: bare.rpcUrl } });
    assert.equal((await home.run("contract", "deploy")).code, 1);
    await refuses(home, ["contract", "deploy"], {
      code: 1,
      message:
        "Cannot deploy under the same address as on other chains as the one transaction that makes the deployment proxy has failed on this chain",
      hint: /^use --create/,
    });
    const { deployment } = await ok(home, "contract", "deploy", "--create");
    assert.equal(deployment.method, "create");
    assert.notEqual(deployment.contractAddress, address);
    assert.equal((await ok(home, "contract", "check")).ok, true);
  });
});

Deno.test("pot contract manages what it owns, once, and only that", async (t) => {
  await using devnet = await startDevnet();
  const [owner, next] = devnet.accounts;
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: owner!.privateKey };
  await using cli = await createCli({ env });
  const { deployment } = await ok(cli, "contract", "deploy");
  const contract = deployment.contractAddress;
  const sent = async () =>
    Number(await devnet.request("eth_getTransactionCount", [owner!.address, "latest"]));

  await t.step("pauses and resumes, as often as asked and not twice", async () => {
    for (const _round of [1, 2, 3]) {
      const before = await sent();
      assert.deepEqual((await ok(cli, "contract", "pause")).state.isPaused, true);
      assert.equal((await ok(cli, "contract", "pause")).isNew, false);
      assert.equal((await ok(cli, "contract", "unpause")).isNew, true);
      assert.match(
        (await cli.run("contract", "unpause")).out,
        new RegExp(`^nothing to do: ${contract} takes writes already\n`),
      );
      assert.equal(await sent(), before + 2);
    }
  });

  await t.step("offers, accepts, and refuses whoever is not asked", async () => {
    const asNext = { PRIVATE_KEY: next!.privateKey };
    assert.equal((await cli.runWith(asNext, "contract", "accept")).code, 2);
    await refuses(cli, ["contract", "accept"], {
      code: 2,
      env: asNext,
      message: "Cannot accept the contract as it is offered to nobody",
    });
    await ok(cli, "contract", "transfer", next!.address.toLowerCase());
    assert.equal((await ok(cli, "contract", "transfer", next!.address)).isNew, false);
    await refuses(cli, ["contract", "accept"], {
      code: 2,
      message: "Cannot accept the contract as it is offered to another account",
      fact: `offered to: ${next!.address}`,
    });
    const check = await ok(cli, "contract", "check");
    assert.deepEqual([check.owner, check.pendingOwner], [owner!.address, next!.address]);
    const accepted = await cli.runWith(asNext, "contract", "accept", "--json");
    assert.equal(accepted.json.state.owner, next!.address);
    await refuses(cli, ["contract", "pause"], {
      code: 2,
      message: "Cannot pause the contract as the account does not own it",
      fact: `owner: ${next!.address}`,
      hint: /--safe <file>$/,
    });
    await refuses(cli, ["contract", "transfer", `0x${"0".repeat(40)}`], {
      code: 2,
      message: "Cannot offer the contract to another owner as the zero address cannot own it",
    });
    const mistyped = `${next!.address.slice(0, -1)}${next!.address.endsWith("8") ? "9" : "8"}`;
    await refuses(cli, ["contract", "transfer", mistyped], { code: 2, message: /capitals are not those/ });
    await cli.runWith(asNext, "contract", "transfer", SAFE);
  });

  await t.step("writes what a Safe has to sign, and the Safe's calls do it", async () => {
    // No key: whoever prepares the file need not be an owner.
    const prepare = (...args: readonly string[]) =>
      cli.runWith({ PRIVATE_KEY: "" }, "contract", ...args, "--json");
    const execute = async (name: string) =>
      await callSafeFile(devnet, JSON.parse(await Deno.readTextFile(cli.path(name))));
    const accept = await prepare("accept", "--safe", "accept.json");
    assert.deepEqual([accept.code, accept.json.safe, accept.json.isContract], [0, SAFE, false]);
    await execute("accept.json");
    assert.equal((await ok(cli, "contract", "check")).owner, SAFE);
    await prepare("pause", "--safe", "pause.json");
    await refuses(cli, ["contract", "pause", "--safe", "pause.json"], {
      code: 2,
      message: "Cannot write the Safe's file as the file is there already",
    });
    const file = JSON.parse(await Deno.readTextFile(cli.path("pause.json")));
    assert.equal(file.transactions[0].to, contract);
    assert.deepEqual(file.transactions[0].contractMethod, {
      inputs: [],
      name: "pauseContract",
      payable: false,
    });
    await execute("pause.json");
    assert.equal((await prepare("pause", "--safe", "again.json")).json.isDone, true);
    await prepare("unpause", "--safe", "unpause.json");
    await execute("unpause.json");
    await prepare("transfer", owner!.address, "--safe", "transfer.json");
    await execute("transfer.json");
    await ok(cli, "contract", "accept");
    assert.equal((await ok(cli, "contract", "check")).owner, owner!.address);
  });

  await t.step("check tells foreign code, a proxy and a deployment file that disagrees", async () => {
    const { out } = await cli.run("contract", "check");
    assert.match(out, /is a ProofOfTraining contract of this version\n/);
    const foreign = getAddress(next!.address);
    const none = await cli.run("contract", "check", foreign, "--json");
    assert.deepEqual([none.code, none.json.problems], [1, ["there is no code at its address"]]);
    await devnet.request("anvil_setCode", [foreign, "0x0060005bf4"]);
    const proxy = await cli.run("contract", "check", foreign);
    assert.equal(proxy.code, 1);
    assert.match(
      proxy.out,
      /\n {2}problem {3}its code is that of no release\n {2}problem {3}its code has DELEGATECALL\n$/,
    );
    const path = cli.path("deployments", "31337.json");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(proofOfTrainingCodeHash, `0x${"12".repeat(32)}`));
    const changed = await cli.run("contract", "check", "--json");
    assert.deepEqual([changed.code, changed.json.ok], [1, false]);
    assert.match(changed.json.problems[0], /^the deployment file says code hash 0x1212/);
    await Deno.writeTextFile(path, text);
  });
});

Deno.test("pot contract migrate replaces a contract, and clients follow", async (t) => {
  await using devnet = await startDevnet();
  const [owner, stranger] = devnet.accounts;
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: owner!.privateKey };
  await using cli = await createCli({ env });
  const record = async (step: number) =>
    (await ok(cli, "record", "checkpoint", "--run", "r", "--step", `${step}`, "--digest", HASH)).records[0]
      .id;
  await cli.run("init", "--origin", "pot/migrate");
  const old = (await ok(cli, "contract", "deploy")).deployment.contractAddress;
  const first = await record(1);
  await ok(cli, "anchor");
  await ok(cli, "chain", "store", HASH, "--metadata", "kept");
  let successor = "";

  await t.step("only by its owner, before anything is paid for", async () => {
    const before = await devnet.request("eth_getTransactionCount", [stranger!.address, "latest"]);
    const { code, err } = await cli.runWith({ PRIVATE_KEY: stranger!.privateKey }, "contract", "migrate");
    assert.equal(code, 2);
    assert.match(err, /^error: Cannot retire the contract as the account does not own it\n/);
    assert.equal(await devnet.request("eth_getTransactionCount", [stranger!.address, "latest"]), before);
  });

  await t.step("--dry-run names each step with gas and cost", async () => {
    const before = await devnet.request("eth_blockNumber");
    const { json } = await checked(cli, "contract", "migrate", "--dry-run");
    successor = json.successor;
    assert.deepEqual([json.old, json.isDeployed, json.isRetired, json.isPossible], [old, false, false, true]);
    const { out } = await cli.run("contract", "migrate", "--dry-run");
    assert.match(
      out,
      /\n {2}1\. deploy the successor.*\n {2}2\. retire the old one, for good\n {2}3\. write .*\n/,
    );
    assert.match(out, /\n {2}in all {4}/);
    assert.equal(await devnet.request("eth_blockNumber"), before);

    const result = await ok(cli, "contract", "migrate");
    assert.equal(result.deployment.contractAddress, successor);
    assert.equal(result.deployment.predecessor, old);
    assert.equal(result.isNew, true);
    assert.equal(JSON.parse(await Deno.readTextFile(result.keptPath)).contractAddress, old);
    const gas = BigInt(json.estimate.retirement.gas);
    // deno-lint-ignore no-explicit-any
    const receipts: any = await devnet.request("eth_getBlockByNumber", ["latest", true]);
    // deno-lint-ignore no-explicit-any
    const receipt: any = await devnet.request("eth_getTransactionReceipt", [receipts.transactions[0].hash]);
    assert.ok(
      gas >= BigInt(receipt.gasUsed) && gas < BigInt(receipt.gasUsed) * 12n / 10n,
      `${gas} ${BigInt(receipt.gasUsed)}`,
    );
  });

  await t.step("a repeated command replaces nothing", async () => {
    const before = await devnet.request("eth_blockNumber");
    assert.equal((await ok(cli, "contract", "migrate", old)).isNew, false);
    await refuses(cli, ["contract", "migrate"], {
      code: 2,
      message: "Cannot migrate once more as the contract has taken another one's place already",
      hint: `name it if you mean it: pot contract migrate ${successor}`,
    });
    assert.equal(await devnet.request("eth_blockNumber"), before);
    const check = await ok(cli, "contract", "check");
    assert.deepEqual([check.contract, check.predecessor], [successor, old]);
    const retired = await ok(cli, "contract", "check", old);
    assert.deepEqual([retired.ok, retired.isPaused, retired.successor], [true, true, successor]);
    await refuses(cli, ["contract", "unpause"], {
      code: 2,
      env: { CONTRACT_ADDRESS: old },
      message: "Cannot resume the contract as it was retired, for good",
    });
  });

  await t.step("what the old one covers stays covered, and the successor goes on from its head", async () => {
    const before = await devnet.request("eth_blockNumber");
    assert.equal((await ok(cli, "anchor")).recordCount, 0);
    assert.equal(await devnet.request("eth_blockNumber"), before);
    // Also where this machine has lost its notes of it.
    const notes = await Deno.readTextFile(cli.path(".pot", "anchors.jsonl"));
    await Deno.remove(cli.path(".pot", "anchors.jsonl"));
    const found = await ok(cli, "anchor");
    assert.deepEqual([found.anchor.contract, found.anchor.size], [old, "1"]);
    assert.equal(await devnet.request("eth_blockNumber"), before);
    await Deno.writeTextFile(cli.path(".pot", "anchors.jsonl"), notes);
    const second = await record(2);
    const anchored = await ok(cli, "anchor");
    assert.deepEqual([anchored.recordCount, anchored.anchor.contract], [1, successor]);
    for (const id of [first, second]) {
      await cli.run("prove", id, "--output", `${id}.json`);
      const verdict = await cli.run("verify", `${id}.json`, "--rpc", devnet.rpcUrl, "--json");
      assert.deepEqual([verdict.code, verdict.json.ok], [0, true], verdict.out);
    }
    // deno-lint-ignore no-explicit-any
    const logs: any = await devnet.request("eth_getLogs", [{ fromBlock: "0x0", address: successor }]);
    const previous = BigInt(`0x${logs.at(-1).data.slice(2 + 128, 2 + 192)}`);
    assert.equal(previous >> 192n, 1n);
  });

  await t.step(
    "a client configured with the old one writes to the successor, says so, and reads the old one",
    async () => {
      const third = await record(3);
      const asOld = { CONTRACT_ADDRESS: old };
      const { json, err } = await cli.runWith(asOld, "anchor", "--json");
      assert.equal(json.anchor.contract, successor);
      assert.equal(
        err,
        `the contract ${old} was retired: writing to its successor ${successor} (set CONTRACT_ADDRESS to it)\n`,
      );
      // Nothing pending any more, for either.
      assert.equal((await cli.runWith(asOld, "anchor", "--json")).json.recordCount, 0);
      assert.equal((await ok(cli, "anchor")).recordCount, 0);
      const kept = await cli.runWith(asOld, "chain", "get", "1", "--json");
      assert.deepEqual([kept.json.exists, kept.json.metadata], [true, "kept"]);
      const stored = await cli.runWith(asOld, "chain", "store", HASH, "--json");
      assert.deepEqual([stored.json.contract, stored.json.transactionId], [successor, "1"]);
      assert.equal((await cli.runWith(asOld, "test", "--blockchain")).code, 0);
      await cli.run("prove", third, "--output", "third.json");
      assert.equal((await cli.run("verify", "third.json", "--rpc", devnet.rpcUrl)).code, 0);
    },
  );

  await t.step("by a Safe: one file for deployment and retirement, then no key is needed", async () => {
    await ok(cli, "contract", "transfer", SAFE);
    await cli.run("contract", "accept", "--safe", "accept.json");
    await callSafeFile(devnet, JSON.parse(await Deno.readTextFile(cli.path("accept.json"))));
    const noKey = { PRIVATE_KEY: "" };
    const written = await cli.runWith(
      noKey,
      "contract",
      "migrate",
      successor,
      "--safe",
      "migrate.json",
      "--json",
    );
    assert.equal(written.code, 0, written.err);
    const file = JSON.parse(await Deno.readTextFile(cli.path("migrate.json")));
    assert.deepEqual(file.transactions.map(({ to }: { to: string }) => to), [DEPLOYMENT_PROXY, successor]);
    await callSafeFile(devnet, file);
    const done = await cli.runWith(noKey, "contract", "migrate", successor, "--json");
    assert.equal(done.code, 0, done.err);
    assert.equal(done.json.deployment.contractAddress, written.json.successor);
    const check = await ok(cli, "contract", "check");
    assert.deepEqual([check.contract, check.owner, check.predecessor, check.ok], [
      written.json.successor,
      SAFE,
      successor,
      true,
    ]);
    await record(4);
    // Three contracts on, from the first.
    const last = await cli.runWith({ CONTRACT_ADDRESS: old }, "anchor", "--json");
    assert.equal(last.json.anchor.contract, written.json.successor);
  });
});

Deno.test("pot contract migrate replaces a contract of the first release, which is paused", async () => {
  await using devnet = await startDevnet();
  const [owner] = devnet.accounts;
  await using cli = await createCli({
    env: { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: owner!.privateKey },
  });
  const data = `${firstRelease.bytecode}${owner!.address.slice(2).toLowerCase().padStart(64, "0")}`;
  const hash = await devnet.request("eth_sendTransaction", [{ from: owner!.address, data }]);
  await devnet.request("evm_mine");
  // deno-lint-ignore no-explicit-any
  const receipt: any = await devnet.request("eth_getTransactionReceipt", [hash]);
  const old = getAddress(receipt.contractAddress);
  const asOld = { CONTRACT_ADDRESS: old };
  await cli.run("init", "--origin", "pot/first");
  const record = (step: number) =>
    cli.run("record", "checkpoint", "--run", "r", "--step", `${step}`, "--digest", HASH);
  await record(1);
  assert.equal((await cli.runWith(asOld, "anchor", "--json")).json.anchor.contract, old);
  const before = await cli.runWith(asOld, "contract", "check");
  assert.deepEqual([before.code, before.err], [0, ""]);
  assert.match(before.out, /is a ProofOfTraining contract of an earlier release\n/);
  await refuses(cli, ["contract", "transfer", SAFE], {
    code: 1,
    env: asOld,
    message:
      "Cannot offer the contract to another owner as a contract of the first release can only be paused and resumed from here",
    hint: "put a contract of this version in its place with: pot contract migrate",
  });

  const { out } = await cli.runWith(asOld, "contract", "migrate", "--dry-run");
  assert.match(out, /\n {2}2\. pause {2}the old one; it cannot name its successor\n/);
  const migrated = await cli.runWith(asOld, "contract", "migrate", "--json");
  assert.equal(migrated.code, 0, migrated.err);
  const successor = migrated.json.deployment.contractAddress;
  assert.deepEqual([migrated.json.isFirstRelease, migrated.json.deployment.predecessor], [true, old]);
  const again = await cli.runWith(asOld, "contract", "migrate");
  assert.match(again.out, new RegExp(`^nothing to do: ${successor} has taken the place of ${old}\n`));
  assert.match(
    again.out,
    new RegExp(`\n {2}configure CONTRACT_ADDRESS .* still says ${old}: set it to ${successor}\n$`),
  );
  assert.equal((await cli.runWith(asOld, "contract", "check", "--json")).json.isPaused, true);

  // The record is covered by the old one; the next one goes on from there.
  assert.equal((await cli.run("anchor", "--json")).json.recordCount, 0);
  await record(2);
  assert.equal((await cli.run("anchor", "--json")).json.anchor.contract, successor);
  const stuck = await cli.runWith(asOld, "chain", "store", HASH);
  assert.equal(stuck.code, 1);
  assert.match(stuck.err, /as the contract is paused\n/);
});
