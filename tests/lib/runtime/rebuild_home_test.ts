import assert from "node:assert/strict";
import { encodeDeployData } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingBytecode } from "../../../contracts/artifact.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { type ChainFixture, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { type CliHarness, createCli } from "../../_fakes/cli_harness.ts";
import { type Fault, type RpcCall, startFaultProxy } from "../../_fakes/fault_proxy.ts";

interface Installation {
  readonly cli: CliHarness;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command that has to succeed, and gives what it prints. */
  // deno-lint-ignore no-explicit-any -- tests pick what they expect
  ok(...args: readonly string[]): Promise<any>;
  /** Records, and anchors what was recorded. */
  anchorOne(value: number): Promise<void>;
  lose(...names: readonly string[]): Promise<void>;
  /** Lines of a file in the home. */
  // deno-lint-ignore no-explicit-any -- as above
  lines(name: string): Promise<any[]>;
}

/** An installation with an account of its own, on the contract that all tests share. */
async function install(
  chain: ChainFixture,
  account: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Installation & AsyncDisposable> {
  const env = {
    RPC_URL: chain.devnet.rpcUrl,
    CHAIN_ID: "31337",
    CONTRACT_ADDRESS: chain.contract,
    PRIVATE_KEY: chain.devnet.accounts[account]!.privateKey,
    POT_CONFIRMATIONS: "1",
    ...more,
  };
  const cli = await createCli({ env });
  const ok = async (...args: readonly string[]) => {
    const { code, err, json } = await cli.run(...args, "--json").then((outcome) => ({
      ...outcome,
      json: outcome.out === "" ? undefined : JSON.parse(outcome.out),
    }));
    assert.equal(code, 0, `${args.join(" ")}: ${err}`);
    return json;
  };
  await ok("init", "--origin", `pot/account-${account}`);
  return {
    cli,
    env,
    ok,
    async anchorOne(value) {
      await ok("record", "validation", "--run", "run-1", "--metric", `value=${value}`);
      await ok("anchor");
    },
    async lose(...names) {
      for (const name of names) await Deno.remove(cli.path(".pot", name), { recursive: true });
    },
    lines: async (name) =>
      (await Deno.readTextFile(cli.path(".pot", name))).trim().split("\n").map((line) => JSON.parse(line)),
    [Symbol.asyncDispose]: () => cli[Symbol.asyncDispose](),
  };
}

const REBUILD = ["log", "rebuild", "--from-contract", "--json"];
const mine = ({ devnet }: ChainFixture) => devnet.request("anvil_mine", ["0x4"]);
const sizes = (lines: readonly { readonly size: string }[]) => lines.map(({ size }) => size);

Deno.test("pot log rebuild, of installations that share a contract", async (t) => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  let fault: (call: RpcCall) => Fault | undefined = () => undefined;
  await using proxy = startFaultProxy(chain.devnet.rpcUrl, { fault: (call) => fault(call) });
  const through = { RPC_URL: proxy.url };

  await t.step("restores nothing of others, whoever asks", async () => {
    await using ours = await install(chain, 1);
    await using theirs = await install(chain, 2);
    for (const [i, pot] of [ours, theirs, ours].entries()) await pot.anchorOne(i);
    await mine(chain);
    await ours.lose("anchors.jsonl");
    // Without the key, as an auditor's machine may be.
    const { code, json } = await ours.cli.runWith({ PRIVATE_KEY: "" }, ...REBUILD);
    assert.equal(code, 0);
    assert.deepEqual(json.submitters, [chain.devnet.accounts[1]!.address]);
    assert.deepEqual(sizes(await ours.lines("anchors.jsonl")), ["1", "2"]);
    assert.equal(json.contracts[0].submitters.length, 2);
  });

  await t.step("asks who is meant where two have anchored the same log", async () => {
    await using first = await install(chain, 3);
    await first.anchorOne(1);
    await first.lose("anchors.jsonl");
    const other = { PRIVATE_KEY: chain.devnet.accounts[4]!.privateKey };
    assert.equal((await first.cli.runWith(other, "anchor")).code, 0);
    await mine(chain);
    await first.lose("anchors.jsonl");
    const asked = await first.cli.runWith({ PRIVATE_KEY: "" }, ...REBUILD);
    assert.equal(asked.code, 2);
    assert.match(asked.err, /Cannot tell which account anchors for this log/);
    // What was read by then need not be read again.
    const before = proxy.count("eth_getTransactionReceipt");
    const { address } = chain.devnet.accounts[4]!;
    const named = await first.cli.runWith(
      { PRIVATE_KEY: "", ...through },
      ...REBUILD,
      "--submitter",
      address,
    );
    assert.equal(named.code, 0, named.err);
    assert.equal(proxy.count("eth_getTransactionReceipt"), before);
    assert.deepEqual(named.json.submitters, [address]);
    assert.equal((await first.lines("anchors.jsonl"))[0].facts.submitter, address);
  });

  await t.step("signs nothing with a key that may not vouch for it", async () => {
    await using pot = await install(chain, 5);
    await pot.anchorOne(1);
    await pot.ok("record", "validation", "--run", "run-1", "--metric", "value=2");
    await pot.ok("log", "rotate");
    await pot.ok("anchor");
    await pot.anchorOne(3);
    await mine(chain);
    const before = await pot.lines("anchors.jsonl");
    await pot.lose("anchors.jsonl");
    const { findings } = await pot.ok(...REBUILD.slice(0, -1));
    assert.deepEqual(findings.map(({ severity, subject }: Record<string, string>) => [severity, subject]), [
      ["note", "anchor of size 1"],
    ]);
    const after = await pot.lines("anchors.jsonl");
    // The second one's note is the hand-over itself.
    assert.deepEqual(sizes(after), ["2", "3"]);
    for (const { size, note } of after) {
      assert.equal(note, before.find((line) => line.size === size)!.note);
    }
    const { records } = await pot.ok("runs", "run-1");
    const { file } = await pot.ok("prove", records[0].id);
    const keys = pot.cli.path("keys.json");
    await Deno.writeTextFile(keys, JSON.stringify(await pot.ok("log", "keys")));
    assert.equal((await pot.ok("verify", file, "--offline", "--log-keys", keys)).ok, true);
  });

  await t.step("names a log that is not the one that was anchored", async () => {
    await using pot = await install(chain, 6);
    for (const value of [1, 2]) await pot.anchorOne(value);
    await mine(chain);
    await pot.lose("anchors.jsonl", "log");
    // Another history of one record.
    await pot.ok("record", "validation", "--run", "run-1", "--metric", "value=7");
    const { code, json } = await pot.cli.run(...REBUILD);
    assert.equal(code, 1);
    assert.equal(json.isComplete, false);
    assert.deepEqual(
      json.findings.map(({ subject, detail }: Record<string, string>) => `${subject}: ${detail}`),
      [
        "anchor of size 1: its root is not the log's at that size: the log here is not the one that was anchored",
        "anchor of size 2: the log here has 1 records, fewer than were anchored: restore a newer backup of it",
      ],
    );
    await assert.rejects(Deno.stat(pot.cli.path(".pot/anchors.jsonl")), Deno.errors.NotFound);
  });

  await t.step("names what an endpoint hides, and what no node has any more", async () => {
    await using pot = await install(chain, 7, { POT_ANCHORING: "each" });
    for (const value of [1, 2, 3]) await pot.anchorOne(value);
    await mine(chain);
    const second = (await pot.lines("anchors.jsonl")).find(({ size }) => size === "2");
    await pot.lose("anchors.jsonl", "stored.jsonl");
    // The block of the second anchor is hidden, with all its events.
    const hidden = `0x${BigInt(second.facts.inclusion.blockNumber).toString(16)}`;
    fault = ({ method, params: [first] }) => {
      if (method !== "eth_getLogs") return undefined;
      const { fromBlock, toBlock } = first as { fromBlock: string; toBlock: string };
      if (fromBlock !== toBlock) {
        return { kind: "rpc-error", error: { code: -32602, message: "block range" } };
      }
      return fromBlock === hidden ? { kind: "result", result: [] } : undefined;
    };
    const lied = await pot.cli.runWith(through, ...REBUILD, "--out", "lied");
    assert.equal(lied.code, 1, lied.err);
    const { address } = chain.devnet.accounts[7]!;
    assert.deepEqual(
      lied.json.findings.filter(({ subject }: Record<string, string>) => subject!.includes(address))
        .map(({ subject }: Record<string, string>) => subject),
      [`anchor of size 1 by ${address}`, `anchors by ${address}`],
    );
    assert.deepEqual(sizes(await pot.lines("../lied/anchors.jsonl")), ["3"]);

    fault = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { kind: "result", result: null } : undefined;
    const pruned = await pot.cli.runWith(through, ...REBUILD, "--out", "pruned", "--submitter", address);
    assert.equal(pruned.code, 1);
    assert.deepEqual(pruned.json.findings.map(({ detail }: Record<string, string>) => detail), [
      "no endpoint has its receipt",
      "no endpoint has its receipt",
      "no endpoint has its receipt",
    ]);
    await assert.rejects(Deno.stat(pot.cli.path("pruned/anchors.jsonl")), Deno.errors.NotFound);
    fault = () => undefined;
    const { json } = await pot.cli.run(...REBUILD);
    assert.deepEqual(json.findings, []);
    assert.equal(json.files.length, 3);
    assert.deepEqual((await pot.lines("stored.jsonl")).map(({ index }) => index), ["0", "1", "2"]);
  });

  await t.step("goes on at a newer block when the state of the older one is gone", async () => {
    await using pot = await install(chain, 8);
    await pot.anchorOne(1);
    await mine(chain);
    await pot.lose("anchors.jsonl");
    fault = ({ method }) =>
      method === "eth_getTransactionReceipt" ? { kind: "status", status: 503 } : undefined;
    const stopped = new AbortController();
    let pinned: string | undefined;
    fault = ({ method, params: [, block] }) => {
      const { blockHash } = (block ?? {}) as { blockHash?: string };
      if (method === "eth_call") pinned ??= blockHash;
      if (method !== "eth_getTransactionReceipt") return undefined;
      stopped.abort(new Error("interrupted"));
      return { kind: "status", status: 503 };
    };
    {
      await using other = await createCli({ env: { ...pot.env, ...through }, signal: stopped.signal });
      const { code } = await other.run(...REBUILD, "--home", pot.cli.path(".pot"));
      assert.notEqual(code, 0);
    }
    await mine(chain);
    const forgotten = pinned;
    const error = { code: -32000, message: "missing trie node 1234 (path )" };
    fault = ({ method, params: [, block] }) =>
      method === "eth_call" && (block as { blockHash?: string }).blockHash === forgotten
        ? { kind: "rpc-error", error }
        : undefined;
    const before = proxy.count("eth_getLogs");
    const again = await pot.cli.runWith(through, ...REBUILD);
    fault = () => undefined;
    assert.equal(again.code, 0, again.err);
    assert.notEqual(again.json.block.hash, forgotten);
    // Only the few new blocks are searched.
    assert.equal(proxy.count("eth_getLogs") - before, 1);
    assert.deepEqual(sizes(await pot.lines("anchors.jsonl")), ["1"]);
  });

  await t.step("finishes when it was stopped between two of its files", async () => {
    await using pot = await install(chain, 9, { POT_ANCHORING: "each" });
    await pot.anchorOne(1);
    await mine(chain);
    await pot.lose("anchors.jsonl", "stored.jsonl");
    const stopped = new AbortController();
    const recovered = pot.cli.path(`.pot/recovered/eip155-31337-${chain.contract.toLowerCase()}.jsonl`);
    {
      // The second file waits for it.
      using _lock = await denoFiles.lock(pot.cli.path(".pot/anchoring.lock"));
      await using other = await createCli({ env: pot.env, signal: stopped.signal });
      const running = other.run(...REBUILD, "--home", pot.cli.path(".pot"));
      while (await denoFiles.stat(recovered) === undefined) await new Promise((go) => setTimeout(go, 5));
      stopped.abort(new Error("interrupted"));
      assert.notEqual((await running).code, 0);
    }
    await assert.rejects(Deno.stat(pot.cli.path(".pot/anchors.jsonl")), Deno.errors.NotFound);
    const again = await pot.ok(...REBUILD.slice(0, -1));
    assert.deepEqual(again.files.map(({ what }: Record<string, string>) => what), [
      "recovered",
      "anchors",
      "stored hashes",
    ]);
    assert.equal((await pot.lines("stored.jsonl")).length, 1);
  });
});

Deno.test("pot log rebuild follows the contract's predecessors", async () => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  await using pot = await install(chain, 1);
  await pot.anchorOne(1);
  const deployment = encodeDeployData({
    abi: proofOfTrainingAbi,
    bytecode: proofOfTrainingBytecode,
    args: [chain.devnet.accounts[0]!.address, chain.contract],
  });
  const { devnet } = chain;
  const from = devnet.accounts[0]!.address;
  const hash = await devnet.request("eth_sendTransaction", [{ from, data: deployment }]);
  await devnet.request("evm_mine");
  const { contractAddress } = await devnet.request("eth_getTransactionReceipt", [hash]) as {
    contractAddress: string;
  };
  const env = { CONTRACT_ADDRESS: contractAddress };
  await pot.ok("record", "validation", "--run", "run-1", "--metric", "value=2");
  assert.equal((await pot.cli.runWith(env, "anchor")).code, 0);
  await mine(chain);
  await pot.lose("anchors.jsonl");

  const rebuilt = await pot.cli.runWith(env, ...REBUILD);
  assert.equal(rebuilt.code, 0, rebuilt.err);
  const { json } = rebuilt;
  assert.deepEqual(json.findings, []);
  assert.deepEqual(
    json.contracts.map(({ contract }: Record<string, string>) => contract!.toLowerCase()),
    [chain.contract.toLowerCase(), contractAddress.toLowerCase()],
  );
  const anchors = await pot.lines("anchors.jsonl");
  assert.deepEqual(
    anchors.map(({ size, facts }) => [size, facts.contract.toLowerCase()]),
    [["1", chain.contract.toLowerCase()], ["2", contractAddress.toLowerCase()]],
  );
});
