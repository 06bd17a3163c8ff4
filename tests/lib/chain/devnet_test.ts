import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { startDevnet } from "../../../lib/chain/devnet.ts";

Deno.test("startDevnet() answers on a free port with funded accounts, and leaves nothing when disposed", async () => {
  const devnet = await startDevnet({ chainId: 4242 });
  const other = await startDevnet();
  await using _other = other;
  try {
    assert.match(devnet.rpcUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.notEqual(devnet.rpcUrl, other.rpcUrl);
    assert.equal(devnet.chainId, 4242);
    assert.equal(await devnet.request("eth_chainId"), "0x1092");
    assert.equal(devnet.accounts.length, 10);
    assert.deepEqual(
      await devnet.request("eth_accounts"),
      devnet.accounts.map(({ address }) => address.toLowerCase()),
    );
    for (const { privateKey } of devnet.accounts) assert.match(privateKey, /^0x[0-9a-f]{64}$/);
  } finally {
    await devnet[Symbol.asyncDispose]();
    await devnet[Symbol.asyncDispose]();
  }
  await assert.rejects(() => devnet.request("eth_chainId"), TypeError);
  assert.equal(await other.request("eth_chainId"), "0x7a69");
});

Deno.test("startDevnet() passes arguments on and reports an error of the node", async () => {
  await using devnet = await startDevnet({ args: ["--accounts", "2", "--no-mining"] });
  assert.equal(devnet.accounts.length, 2);
  assert.equal(await devnet.request("anvil_getAutomine"), false);
  await assert.rejects(() => devnet.request("eth_nonsense"), (error) => {
    assert.ok(error instanceof PotError);
    assert.equal(error.message, "Cannot call eth_nonsense as the local chain answered with an error");
    assert.equal(error.facts[0], "code: -32601");
    return true;
  });
});

Deno.test("startDevnet() says what Anvil said when it does not come up", async () => {
  await assert.rejects(() => startDevnet({ args: ["--no-such-flag"] }), (error) => {
    assert.ok(error instanceof PotError);
    assert.equal(error.message, "Cannot start a local chain as Anvil did not come up");
    assert.equal(error.exitCode, 2);
    return true;
  });
  await assert.rejects(() => startDevnet({ anvilPath: "/nowhere/anvil" }), (error) => {
    assert.ok(error instanceof PotError);
    assert.match(error.facts[1] ?? "", /^its last words: .*\/nowhere\/anvil: not found$/);
    return true;
  });
});

Deno.test("startDevnet() stops when its signal aborts", async () => {
  const reason = new Error("enough");
  await assert.rejects(() => startDevnet({ signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const start = startDevnet({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(start, reason);
});

Deno.test("startDevnet() leaves no Anvil behind when its process is killed", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const module = new URL("../../../lib/chain/devnet.ts", import.meta.url).href;
  const script = `import { startDevnet } from "${module}"; console.log((await startDevnet()).rpcUrl);
    setInterval(() => {}, 1000);`;
  const parent = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", script],
    stdout: "piped",
  }).spawn();
  const reader = parent.stdout.getReader();
  const { value } = await reader.read();
  const rpcUrl = new TextDecoder().decode(value).trim();
  const isAlive = async () => {
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
      const headers = { "content-type": "application/json", connection: "close" };
      return (await (await fetch(rpcUrl, { method: "POST", headers, body })).json()).result === "0x7a69";
    } catch {
      return false;
    }
  };
  assert.equal(await isAlive(), true);
  parent.kill("SIGKILL");
  await reader.read();
  await reader.cancel();
  await parent.status;
  for (let tries = 0; tries < 100 && await isAlive(); tries++) {
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal(await isAlive(), false);
});
