import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

/** Records a validation result whose metric makes it unlike any other. */
async function recordOne(cli: CliHarness, value: number): Promise<string> {
  const args = ["record", "validation", "--run", "run-1", "--metric", `value=${value}`, "--json"];
  return (await cli.run(...args)).json.records[0].id;
}

/** Runs a command that has to succeed. */
async function ok(cli: CliHarness, ...args: readonly string[]) {
  const outcome = await cli.run(...args, "--json");
  assert.equal(outcome.code, 0, outcome.err);
  return outcome.json;
}

const LOST = /^(?:anchors|stored|journal|anchoring)/;

async function loseDisk(cli: CliHarness): Promise<void> {
  for await (const { name } of Deno.readDir(cli.path(".pot"))) {
    if (LOST.test(name)) await Deno.remove(cli.path(".pot", name), { recursive: true });
  }
}

async function startPot(anchoring: "batched" | "each") {
  const devnet = await startDevnet({ args: ["--slots-in-an-epoch", "1"] });
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: "31337",
    PRIVATE_KEY: devnet.accounts[1]!.privateKey,
    POT_CONFIRMATIONS: "1",
    POT_ANCHORING: anchoring,
  };
  const cli = await createCli({ env });
  await ok(cli, "init", "--origin", `pot/rebuild-${anchoring}`);
  await ok(cli, "contract", "deploy");
  return {
    devnet,
    cli,
    mine: () => devnet.request("anvil_mine", ["0x4"]),
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await devnet[Symbol.asyncDispose]();
    },
  };
}

Deno.test("pot log rebuild gives anchors back that prove as before", async () => {
  await using pot = await startPot("batched");
  const { cli, mine } = pot;
  const ids: string[] = [];
  for (const round of [1, 2, 3]) {
    for (const value of [1, 2, 3]) ids.push(await recordOne(cli, 10 * round + value));
    await ok(cli, "anchor");
  }
  await mine();
  await ok(cli, "anchor");
  const before = (await Deno.readTextFile(cli.path(".pot/anchors.jsonl"))).trim().split("\n");
  await loseDisk(cli);

  const rebuilt = await ok(cli, "log", "rebuild", "--from-contract");
  assert.equal(rebuilt.isComplete, true);
  assert.deepEqual(rebuilt.findings, []);
  assert.deepEqual(rebuilt.submitters, [pot.devnet.accounts[1]!.address]);
  // The last line of each anchor is what counted; gas and notes come back as well.
  const after = (await Deno.readTextFile(cli.path(".pot/anchors.jsonl"))).trim().split("\n");
  const bySize = new Map(before.map((line) => [JSON.parse(line).size, JSON.parse(line)]));
  assert.deepEqual(after.map((line) => JSON.parse(line)), [...bySize.values()]);

  for (const [i, id] of ids.entries()) {
    const { file } = await ok(cli, "prove", id, "--output", `${i}.pot-proof.json`);
    const verdict = await ok(cli, "verify", file, "--offline");
    assert.equal(verdict.ok, true);
    assert.equal(verdict.state, "final");
  }
  await ok(cli, "log", "audit");
  // Nothing is left to anchor, and the next anchor goes through without the journal.
  assert.equal((await ok(cli, "anchor")).recordCount, 0);
  await recordOne(cli, 99);
  assert.equal((await ok(cli, "anchor")).recordCount, 1);
});

Deno.test("pot log rebuild gives stored hashes back, and nothing is stored twice", async () => {
  await using pot = await startPot("each");
  const { cli, mine, devnet } = pot;
  const ids = [await recordOne(cli, 1), await recordOne(cli, 2), await recordOne(cli, 3)];
  await ok(cli, "anchor");
  await ok(cli, "chain", "store", "ab".repeat(32));
  await mine();
  const stored = await Deno.readTextFile(cli.path(".pot/stored.jsonl"));
  await loseDisk(cli);

  const rebuilt = await ok(cli, "log", "rebuild", "--from-contract");
  assert.equal(await Deno.readTextFile(cli.path(".pot/stored.jsonl")), stored);
  assert.deepEqual(
    rebuilt.findings.map(({ severity, subject }: Record<string, string>) => [severity, subject]),
    [
      ["note", "stored hashes"],
    ],
  );
  const nonce = () => devnet.request("eth_getTransactionCount", [devnet.accounts[1]!.address, "latest"]);
  const sent = await nonce();
  assert.equal((await ok(cli, "anchor")).storedCount, 0);
  assert.equal(await nonce(), sent);
  const { file } = await ok(cli, "prove", ids[1]!);
  assert.equal((await ok(cli, "verify", file, "--offline")).ok, true);
  const status = await ok(cli, "status");
  assert.equal(status.recordCount, 3);
});

Deno.test("pot log rebuild writes over nothing, and down what the chain says where the log is lost", async () => {
  await using pot = await startPot("each");
  const { cli, mine } = pot;
  const id = await recordOne(cli, 1);
  await ok(cli, "anchor");
  await mine();

  await refuses(cli, ["log", "rebuild", "--from-contract"], {
    code: 2,
    message: "Cannot write a file as there is one already",
    hint: "move it away, or write elsewhere with --out <folder>",
  });

  await Deno.remove(cli.path(".pot"), { recursive: true });
  const rebuilt = await ok(cli, "log", "rebuild", "--from-contract");
  assert.match(rebuilt.notRestored[0], /^the records themselves/);
  assert.deepEqual(rebuilt.files.map(({ what, count }: Record<string, string>) => [what, count]), [[
    "recovered",
    2,
  ]]);
  const lines = (await Deno.readTextFile(rebuilt.files[0].path)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual([lines[0].schema, lines[1].hash, lines[2].size, lines[3]], [
    "pot-recovered/1",
    id,
    "1",
    { end: true, count: 2 },
  ]);
  assert.equal(lines[1].transactionHash.length, 66);
  assert.equal(lines[2].facts.state, "final");
});

Deno.test("pot log rebuild says what it needs", async () => {
  await using cli = await createCli();
  await refuses(cli, ["log", "rebuild"], {
    code: 2,
    message: "Cannot rebuild as no source is named",
    hint: "read from the contract with: pot log rebuild --from-contract",
  });
  await refuses(cli, ["log", "rebuild", "--from-contract"], {
    code: 2,
    message: "Cannot rebuild from a contract as no chain is configured",
    hint: "set RPC_URL and CHAIN_ID, and CONTRACT_ADDRESS where deployments/ is lost too",
  });
  await refuses(cli, ["log", "rebuild", "--from-contract", "--block", "0x10"], {
    code: 2,
    message: "Cannot rebuild as --block is no block number",
    hint: "give it in decimal, such as 65000000",
  });
  await refuses(cli, ["log", "rebuild", "--from-contract", "--submitter", "me"], {
    code: 2,
    message: "Cannot rebuild as --submitter is no address",
    hint: "give 0x and 40 hex characters, lowercase or with the right EIP-55 capitals",
  });
});
