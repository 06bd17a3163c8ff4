import assert from "node:assert/strict";
import { join } from "node:path";
import { createRedactor } from "../../../lib/core/redactor.ts";
import { encryptKeystore } from "../../../lib/keys/keystore.ts";
import { openKeySource, openKeyUri } from "../../../lib/runtime/open_key_source.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { secretTexts } from "../../../lib/runtime/secret_texts.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

function configOf(env: Readonly<Record<string, string>>, folder = "/srv/pot") {
  return parseConfig({ folder, env });
}

Deno.test("openKeySource() knows every kind of source, and opens none by itself", () => {
  const descriptions: Readonly<Record<string, string>> = {
    "env:SIGNING_KEY": "env SIGNING_KEY",
    "keystore:a.json": "keystore /srv/pot/a.json",
    "aws-ssm:/a?region=eu-west-1": "AWS parameter /a in eu-west-1",
    "aws-kms:alias/pot": "AWS KMS key alias/pot",
    "azure-secret:https://v.vault.azure.net": "azure-secret https://v.vault.azure.net/blockchain-private-key",
    "azure-key:https://v.vault.azure.net/signer": "azure-key https://v.vault.azure.net/signer",
    "vault:https://vault.example": "vault https://vault.example/secret/pot/blockchain#private_key",
    "signer:https://signer.example/token": "signer https://signer.example/[secret]",
  };
  for (const [uri, description] of Object.entries(descriptions)) {
    assert.equal(openKeySource(configOf({ POT_KEY_SOURCE: uri })).description, description);
  }
});

Deno.test("openKeySource() says that there is no key where none is configured", async () => {
  await assert.rejects(openKeySource(configOf({})).open(), {
    message: "Cannot sign as no private key is configured",
  });
  await assert.rejects(openKeySource(configOf({ POT_KEY_SOURCE: "env:SIGNING_KEY" })).open(), {
    message: "Cannot sign as no private key is configured",
    hint: "set SIGNING_KEY to the account's key (64 hex characters)",
  });
});

Deno.test("openKeySource() reads a keystore once for a configuration, from where the passphrase lies", async () => {
  await inTemporaryFolder(async (folder) => {
    const passphrase = "correct horse battery staple";
    const keystore = await encryptKeystore(Uint8Array.fromHex(KEY), {
      address: ADDRESS,
      passphrase,
      scryptN: 2,
    });
    await Deno.writeTextFile(join(folder, "a.json"), JSON.stringify(keystore));
    await Deno.writeTextFile(join(folder, "passphrase"), `${passphrase}\n`);
    const config = configOf(
      { POT_KEY_SOURCE: "keystore:a.json", POT_KEYSTORE_PASSPHRASE_FILE: "passphrase" },
      folder,
    );
    const signer = await openKeySource(config).open();
    assert.equal(signer.address, ADDRESS);
    await Deno.remove(join(folder, "a.json"));
    assert.equal(await openKeySource(config).open(), signer);
    // Another configuration knows nothing of it.
    await assert.rejects(openKeySource({ ...config, signing: { ...config.signing! } }).open(), {
      message: "Cannot open the keystore as there is no such file",
    });
  });
});

Deno.test("openKeySource() asks for a passphrase for as long as a person needs", async () => {
  await inTemporaryFolder(async (folder) => {
    const keystore = await encryptKeystore(Uint8Array.fromHex(KEY), {
      address: ADDRESS,
      passphrase: "typed by a person",
      scryptN: 2,
    });
    await Deno.writeTextFile(join(folder, "a.json"), JSON.stringify(keystore));
    const { keys, ...config } = configOf({ POT_KEYSTORE: "a.json" }, folder);
    const answers = ["a slip of a finger", "typed by a person"];
    const askSecret = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return answers.shift();
    };
    const asking = { ...config, keys: { ...keys, timeoutMs: 1 }, askSecret };
    await assert.rejects(openKeySource(asking).open(), { name: "UsageError" });
    assert.equal((await openKeySource(asking).open()).address, ADDRESS);
  });
});

Deno.test("openKeySource() refuses another account's key, and names both", async () => {
  const other = `0x${"1".repeat(40)}`;
  const config = configOf({ PRIVATE_KEY: KEY, POT_SIGNER_ADDRESS: other });
  await assert.rejects(openKeySource(config).open(), {
    name: "UsageError",
    facts: [`configured: ${other}`, `key: ${ADDRESS}`, "source: env PRIVATE_KEY"],
  });
});

Deno.test("secretTexts() knows the variable that a source names, and a signer's URL", () => {
  assert.deepEqual(secretTexts({ env: { POT_KEY_SOURCE: "env:SIGNING_KEY", SIGNING_KEY: KEY } }), [KEY]);
  assert.deepEqual(secretTexts({ env: { SIGNING_KEY: KEY }, file: { keySource: "env:SIGNING_KEY" } }), [KEY]);
  const signer = "https://signer.example/a-token-in-its-path";
  assert.deepEqual(secretTexts({ env: { POT_KEY_SOURCE: `signer:${signer}?address=${ADDRESS}` } }), [signer]);
  assert.deepEqual(secretTexts({ env: { POT_KEY_SOURCE: "aws-kms:alias/pot" } }), []);
});

Deno.test("openKeyUri() opens any key with what a configuration knows", async () => {
  const redactor = createRedactor();
  const config = configOf({
    PRIVATE_KEY: "1".repeat(64),
    NEXT_KEY: KEY,
    POT_SIGNER_ADDRESS: `0x${"1".repeat(40)}`,
  });
  const next = openKeyUri({ kind: "env", variable: "NEXT_KEY" }, { ...config, redactor });
  assert.equal((await next.open()).address, ADDRESS);
  assert.equal(redactor.known(`key ${KEY}`), "key [secret]");
});
