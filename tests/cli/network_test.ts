import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { refuses } from "../_fakes/refuses.ts";

Deno.test("pot network list shows each network's defaults", async () => {
  await using cli = await createCli();
  const { networks } = (await cli.run("network", "list", "--json")).json;
  assert.deepEqual(networks.map(({ name }: { name: string }) => name), [
    "ethereum",
    "sepolia",
    "polygon",
    "polygon-amoy",
    "base",
    "base-sepolia",
    "arbitrum-one",
    "arbitrum-sepolia",
    "optimism",
    "optimism-sepolia",
    "anvil",
  ]);
  const { out } = await cli.run("network", "list");
  assert.match(out, /\npolygon {2}chain id 137, POL, try things out on polygon-amoy\n/);
  assert.match(out, /\n {2}fee caps {2}1000 gwei a unit of gas, 200 of them as a tip\n/);
});

Deno.test("pot network test asks each endpoint, and shows no key of one", async (t) => {
  await using devnet = await startDevnet();
  await using silent = startFaultProxy(devnet.rpcUrl, {
    path: "/topsecretkey",
    fault: () => ({ kind: "status", status: 503 }),
  });
  await using good = startFaultProxy(devnet.rpcUrl, { path: "/topsecretkey" });
  await using cli = await createCli({ env: { CHAIN_ID: "31337" } });

  await t.step("one that answers", async () => {
    const env = { RPC_URL: good.url };
    const { code, json } = await cli.runWith(env, "network", "test", "--json");
    const [{ latencyMs, ...endpoint }] = json.endpoints;
    assert.equal(code, 0);
    assert.ok(latencyMs >= 0);
    assert.deepEqual([endpoint.ok, endpoint.chainId, endpoint.headNumber], [true, "31337", "0"]);
    assert.ok(endpoint.headAgeSeconds < 600);
    assert.deepEqual([endpoint.finalizedNumber, endpoint.baseFeePerGasWei], ["0", "1000000000"]);
    const { out } = await cli.runWith(env, "network", "test");
    assert.match(
      out,
      /^anvil, chain id 31337\n✓ http:\/\/127\.0\.0\.1:\d+\/\[secret\]\n {2}newest {4}block 0, /,
    );
    assert.ok(!out.includes("topsecretkey"));
  });

  await t.step("one that does not, beside it and alone", async () => {
    const both = await cli.runWith(
      { POT_RPC_URLS: `${silent.url},${good.url}` },
      "network",
      "test",
      "--json",
    );
    assert.equal(both.code, 1);
    assert.deepEqual(both.json.endpoints.map(({ ok }: { ok: boolean }) => ok), [false, true]);
    assert.equal(both.json.endpoints[0].failure, "HTTP status 503");
    const alone = await cli.runWith({ RPC_URL: silent.url }, "network", "test");
    assert.equal(alone.code, 4);
    assert.match(alone.out, /\n✗ http:\/\/127\.0\.0\.1:\d+\/\[secret\]\n {2}HTTP status 503\n$/);
  });

  await t.step("one of another chain, by configuration and by name", async () => {
    await using other = await createCli({ env: { RPC_URL: devnet.rpcUrl } });
    const wrong = await other.run("network", "test", "sepolia");
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /\n {2}serves chain id 31337, not 11155111\n$/);
    for (
      const [args, env] of [[["network", "test", "mumbai"], {}], [["network", "test"], {
        CHAIN_ID: "80001",
      }]] as const
    ) {
      await refuses(other, args, {
        code: 2,
        env,
        message: /^Cannot use the configuration/,
        fact: /as it was shut down; use polygon-amoy \(chain id 80002\)$/,
      });
    }
    await refuses(cli, ["network", "test"], {
      code: 2,
      message: "Cannot test the network as no endpoint is configured",
    });
  });
});
