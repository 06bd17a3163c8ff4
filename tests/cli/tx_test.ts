import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";

const METRICS = ["a=1"];

Deno.test("pot pause, resume and tx on a chain of its own", async (t) => {
  await using devnet = await startDevnet();
  const { address, privateKey } = devnet.accounts[0]!;
  const controller = new AbortController();
  const env = {
    RPC_URL: `${devnet.rpcUrl}/?key=topsecretkey`,
    CHAIN_ID: "31337",
    PRIVATE_KEY: privateKey,
    POT_CONFIRMATIONS: "1",
    POT_DAILY_TRANSACTIONS: "50",
  };
  await using cli = await createCli({ env, signal: controller.signal });
  const nonce = async () => Number(await devnet.request("eth_getTransactionCount", [address, "latest"]));
  const record = (...args: readonly string[]) =>
    cli.run("record", "validation", "--run", "r", ...METRICS.flatMap((m) => ["--metric", m]), ...args);
  const list = async () => (await cli.run("tx", "list", "--json")).json;

  assert.equal((await cli.run("init")).code, 0);

  await t.step("tx list of a key that has sent nothing says so", async () => {
    const { code, out, err } = await cli.run("tx", "list");
    assert.deepEqual([code, out, err], [0, `account  ${address}\nit has sent nothing on chain 31337\n`, ""]);
    const empty = await list();
    assert.deepEqual([empty.live, empty.settled, empty.metrics.signed], [[], [], 0]);
  });
  await t.step("deploys", async () => assert.equal((await cli.run("contract", "deploy")).code, 0));

  await t.step("pause stops writes and resume ends it; records are kept meanwhile", async () => {
    const before = await nonce();
    const { json } = await cli.run("pause", "--reason", "moving the key", "--json");
    assert.deepEqual(
      [json.isPaused, json.wasPaused, json.reason, json.detail],
      [true, false, "operator", "moving the key"],
    );
    assert.match((await cli.run("pause", "--reason", "other")).out, /^writes were paused already, since 20/);
    const recorded = await record("--json");
    assert.equal(recorded.code, 0, recorded.err);
    assert.equal(recorded.json.records.length, 1);
    const refused = await cli.run("anchor");
    assert.equal(refused.code, 1);
    assert.match(refused.err, /as writes are paused on this host\n(.*\n)*? {2}detail: moving the key\n/);
    assert.equal(await nonce(), before);

    const resumed = (await cli.run("resume", "--json")).json;
    assert.deepEqual([resumed.isPaused, resumed.wasPaused, resumed.detail], [false, true, "moving the key"]);
    assert.equal((await cli.run("resume")).out, "writes were not paused\n");
    const anchored = await cli.run("anchor", "--json");
    assert.equal(anchored.code, 0, anchored.err);
    assert.equal(await nonce(), before + 1);
  });

  await t.step("tx list tells states, costs and spend, with no signed bytes and no secrets", async () => {
    const { code, out } = await cli.run("tx", "list");
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^account {2}${address}\\n`));
    assert.match(out, /\nnonce \d+ {2}confirmed {2}anchor, signed 20\S+Z {2}0x[0-9a-f]{64}\n/);
    assert.match(out, /\n\d transactions signed, 0 replacements, 0 reorganisations\n/);
    assert.match(
      out,
      /\ntoday \(UTC\): \d transactions, up to [\d.]+ ETH \(\d+ wei\); this month: up to [\d.]+ ETH \(\d+ wei\)\n/,
    );
    assert.match(
      out,
      /\nanchor: [\d.]+ ETH \(\d+ wei\) for 1 transaction, [\d.]+ ETH \(\d+ wei\) a record\n/,
    );
    const { out: jsonText } = await cli.run("tx", "list", "--json");
    for (const text of [out, jsonText]) {
      assert.doesNotMatch(text, /topsecretkey|"raw"|0x02f8|0x[0-9a-f]{200}/);
      assert.ok(!text.includes(privateKey.slice(2)));
    }
    const json = JSON.parse(jsonText);
    assert.deepEqual(Object.keys(json), ["address", "live", "settled", "events", "metrics", "spent"]);
    const anchor = json.live.find(({ purpose }: { purpose: string }) => purpose === "anchor");
    assert.deepEqual([anchor.state, anchor.records, anchor.forms.length], ["confirmed", 1, 1]);
    assert.match(anchor.maxCostWei, /^\d+$/);
    assert.equal(json.metrics.signed, await nonce());
    assert.deepEqual(json.metrics.costs.anchor.transactions, 1);
    assert.equal(json.spent.day.transactions, await nonce());
    assert.equal(json.metrics.timeToMine.buckets.at(-1).upToSeconds, null);
  });

  await t.step("tx speed-up and cancel replace what waits, with at least 12.5 % more", async () => {
    await devnet.request("evm_setAutomine", [false]);
    await record("--step", "1");
    // It waits for a block that does not come.
    const anchoring = cli.run("anchor", "--json");
    let waiting;
    while (waiting === undefined || waiting.state !== "broadcast") {
      waiting = (await list()).live.find(({ mined }: { mined?: unknown }) => mined === undefined);
    }
    await refuses(cli, ["tx", "speed-up", String(waiting.nonce)], {
      code: 1,
      message: "Cannot send as another process is sending with the same key",
    });
    controller.abort(new DOMException("stopped", "AbortError"));
    assert.notEqual((await anchoring).code, 0);

    // The first command was stopped by its signal; this one has its own.
    await using other = await createCli({ env: { ...env, POT_HOME: cli.path(".pot") } });
    await refuses(other, ["tx", "speed-up", "4711"], {
      code: 1,
      message: "Cannot replace the transaction as none that is under way has this nonce, hash or key",
    });
    const faster = (await other.run("tx", "speed-up", String(waiting.nonce), "--json")).json;
    assert.equal(faster.nonce, waiting.nonce);
    const earlier = BigInt(waiting.forms[0].fees.maxFeePerGasWei);
    assert.ok(BigInt(faster.fees.maxFeePerGasWei) * 8n >= earlier * 9n);
    const cancelled = await other.run("tx", "cancel", faster.transactionHash);
    assert.equal(cancelled.code, 0, cancelled.err);
    assert.match(cancelled.out, /^nonce \d+ is to be replaced by one that does nothing: 0x[0-9a-f]{64}\n$/);
    const forms = (await other.run("tx", "list", "--json")).json.live.at(-1).forms;
    assert.deepEqual(forms.map(({ kind }: { kind: string }) => kind), ["first", "speed-up", "cancel"]);
    const text = (await other.run("tx", "list")).out;
    assert.match(text, /, 2 replacements {2}0x/);
    const since = new Date(waiting.signedAtMs).toISOString();
    assert.ok(text.includes(`\nthe oldest pending one was signed ${since}\n`), text);
    const before = await nonce();
    await devnet.request("evm_mine");
    assert.equal(await nonce(), before + 1);
    const block = await devnet.request("eth_getBlockByNumber", ["latest", false]) as {
      transactions: string[];
    };
    assert.deepEqual(block.transactions, [forms.at(-1).hash]);
    await refuses(other, ["tx", "cancel", String(waiting.nonce)], {
      code: 1,
      message: "Cannot cancel the transaction as none of that key waits for a block",
    });
  });
});

Deno.test("pot chaos drives one seed and says what it came to", async () => {
  await using cli = await createCli();
  const { code, json, err } = await cli.run("chaos", "--seed", "5", "--submissions", "4", "--json");
  assert.equal(code, 0, err);
  assert.deepEqual([json.seed, json.submissions, json.violations], [5, 4, []]);
  assert.ok(json.transactions >= 4);
  // Nothing is left behind.
  assert.equal(await cli.listing(), "");
});
