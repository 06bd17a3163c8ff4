import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { startSigner } from "../_fakes/external_signer.ts";

Deno.test("pot keys rotate opens each key once, and shows of a signer's address only its host", async () => {
  // A main network, where a person sees the plan first.
  await using devnet = await startDevnet({ chainId: 137 });
  const [first, next] = devnet.accounts;
  await using signer = startSigner("geth", [next!.privateKey], 137);
  const { host } = new URL(signer.url);
  const uri = `signer:http://${host}/planted/path`;
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "137", FIRST: first!.privateKey };
  await using cli = await createCli({ env: { ...env, POT_KEY_SOURCE: "env:FIRST" } });
  assert.equal((await cli.run("init", "--origin", "pot/rotation")).code, 0);
  const outputs = [
    await cli.run("keys", "rotate", "--to", uri, "--dry-run"),
    await cli.run("keys", "rotate", "--to", uri, "--dry-run", "--json"),
  ];
  const before = signer.methods.length;
  const done = await cli.run("keys", "rotate", "--to", uri, "--yes", "--json");
  assert.equal(done.code, 0, done.err);
  assert.equal(done.json.to.address, next!.address);
  assert.deepEqual(done.json.setting.toSet, [`set POT_KEY_SOURCE=signer:http://${host}/[secret]`]);
  assert.equal(signer.methods.slice(before).filter((method) => method === "eth_accounts").length, 1);
  outputs.push(done, await cli.runWith({ POT_KEY_SOURCE: uri }, "keys", "rotate", "--to", uri));
  assert.match(outputs.at(-1)!.out, /\n {2}done {6}before: nothing was handed over or swept now\n/);
  outputs.push(await cli.run("contract", "pause"), await cli.run("keys", "show", "--json"));
  for (const { out, err } of outputs) assert.ok(!`${out}${err}`.includes("planted"), out + err);
});
