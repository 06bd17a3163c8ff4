import assert from "node:assert/strict";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { startSignerServer } from "../_fakes/signer_server.ts";
import { startVaultServer } from "../_fakes/vault_server.ts";

// Anvil's first two accounts: published, worth nothing.
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const OTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

Deno.test("pot reads its key from HashiCorp Vault", async (t) => {
  await using vault = startVaultServer({ namespace: "team/ml" });
  vault.secrets.set("team/ml|secret|pot/blockchain", [{ data: { private_key: KEY } }]);
  await using cli = await createCli({
    env: { POT_KEY_SOURCE: `vault:${vault.url}`, VAULT_NAMESPACE: "team/ml" },
  });
  const { roleId, secretId } = vault;

  await t.step("with an AppRole, whose secret id is in a file", async () => {
    const env = {
      VAULT_ROLE_ID: roleId,
      VAULT_SECRET_ID_FILE: await cli.write("secret-id", `${secretId}\n`),
    };
    const { code, out, err } = await cli.runWith(env, "keys", "show");
    assert.equal(code, 0, err);
    assert.ok(out.startsWith(`${ADDRESS}\n`), out);
    assert.deepEqual(vault.tokens(), [], "the token was given back");
  });
  await t.step("with a token", async () => {
    const { code, out, err } = await cli.runWith({ VAULT_TOKEN: vault.issue() }, "keys", "show", "--json");
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).address, ADDRESS);
  });
  await t.step("and tells what is wrong from what may pass", async () => {
    const token = vault.issue({ isExpired: true });
    const wrong = await cli.runWith({ VAULT_TOKEN: token }, "keys", "show");
    assert.deepEqual([wrong.code, wrong.out], [2, ""]);
    assert.ok(
      wrong.err.startsWith("error: Cannot sign as Vault does not know the token, or it has expired\n"),
    );
    assert.ok(!wrong.err.includes(token), wrong.err);
    vault.state = { isSealed: true };
    const sealed = await cli.runWith({ VAULT_TOKEN: vault.issue() }, "keys", "show");
    assert.equal(sealed.code, 4, sealed.err);
    assert.ok(sealed.err.startsWith("error: Cannot sign as the Vault server is sealed\n"), sealed.err);
  });
});

Deno.test("pot sends what an external signer signed, and nothing else", async (t) => {
  await using devnet = await startDevnet();
  await using signer = startSignerServer({ like: "clef", keys: [KEY, OTHER_KEY], chainId: 31_337 });
  await using cli = await createCli({
    env: {
      POT_KEY_SOURCE: `signer:${signer.url}`,
      POT_SIGNER_ADDRESS: ADDRESS,
      POT_SIGNER_TIMEOUT: "20s",
      RPC_URL: devnet.rpcUrl,
      CHAIN_ID: "31337",
    },
  });
  const sent = async () => Number(await devnet.request("eth_getTransactionCount", [ADDRESS, "pending"]));

  await t.step("a person says no", async () => {
    signer.mood = { denies: true };
    const { code, out, err } = await cli.run("contract", "deploy");
    assert.deepEqual([code, out], [1, ""], err);
    assert.ok(err.includes("error: Cannot sign as it was denied in the signer\n"), err);
  });
  await t.step("the signer changes the transaction", async () => {
    signer.mood = { change: (fields) => ({ ...fields, value: 1n }) };
    const { code, err } = await cli.run("contract", "deploy");
    assert.equal(code, 1, err);
    assert.ok(err.includes("error: Cannot sign as the signer changed the transaction's value\n"), err);
  });
  await t.step("the signer signs", async () => {
    assert.equal(await sent(), 0);
    signer.mood = {};
    const { code, out, err } = await cli.run("contract", "deploy", "--json");
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).deployment.deployer, ADDRESS);
    assert.equal(await sent(), 1);
    assert.ok(
      !signer.methods.includes("account_list"),
      "the account is named, so nobody is asked for a list",
    );
  });
});
