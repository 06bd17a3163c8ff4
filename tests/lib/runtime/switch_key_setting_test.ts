import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { switchKeySetting } from "../../../lib/runtime/switch_key_setting.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** Switches in a pot.jsonc of that content; answers with what became of both. */
async function switched(
  content: string,
  source: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly [string, readonly string[], boolean]> {
  let answer: readonly [string, readonly string[], boolean] | undefined;
  await inTemporaryFolder(async (folder) => {
    const configFile = join(await Deno.realPath(folder), "pot.jsonc");
    await Deno.writeTextFile(configFile, content);
    const to = { address: ADDRESS, source: source.replace("FOLDER", await Deno.realPath(folder)) } as const;
    const places = { configFile, env, files: denoFiles };
    const { file, toSet } = await switchKeySetting(to, places);
    const text = await Deno.readTextFile(configFile);
    // Once more changes nothing.
    assert.deepEqual(await switchKeySetting(to, places), { ...(file && { file }), toSet });
    assert.equal(await Deno.readTextFile(configFile), text);
    answer = [text, toSet, file === configFile];
  });
  return answer!;
}

Deno.test("switchKeySetting() changes only what it must in pot.jsonc", async () => {
  assert.deepEqual(await switched('{"keySource":"env:OLD"}', "aws-kms:alias/pot"), [
    '{"keySource":"aws-kms:alias/pot"}',
    [],
    true,
  ]);
  const crlf = '\ufeff{\r\n  // why\r\n  "keySource": "env:OLD", // old\r\n  "rpcUrls": ["a", "b"],\r\n}\r\n';
  assert.deepEqual(await switched(crlf, "env:NEW"), [crlf.replace("OLD", "NEW"), [], true]);
  const [text, toSet] = await switched(
    '{\n  "chain": "evm",\n  "keystore": "old.json",\n  "signerAddress": "0x00"\n}\n',
    "keystore:FOLDER/keys/new.json",
    { POT_SIGNER_ADDRESS: "0x00" },
  );
  assert.deepEqual(JSON.parse(text), {
    chain: "evm",
    keySource: "keystore:keys/new.json",
    signerAddress: ADDRESS,
  });
  assert.deepEqual(toSet, [
    `set POT_SIGNER_ADDRESS=${ADDRESS}`,
    "POT_KEYSTORE_PASSPHRASE or POT_KEYSTORE_PASSPHRASE_FILE is to open the new file",
  ]);
});

Deno.test("switchKeySetting() leaves the environment to people, and says what to set", async () => {
  const file = '{"keySource":"env:OLD"}';
  assert.deepEqual(await switched(file, "env:NEW", { POT_KEY_SOURCE: "env:OLD" }), [
    file,
    ["set POT_KEY_SOURCE=env:NEW"],
    false,
  ]);
  assert.deepEqual(await switched("{}", "vault:https://vault.example", { PRIVATE_KEY: "secret" }), [
    "{}",
    ["set POT_KEY_SOURCE=vault:https://vault.example", "unset PRIVATE_KEY"],
    false,
  ]);
  // The key of that variable does not stand in its own way.
  assert.deepEqual(await switched(file, "env:PRIVATE_KEY", { PRIVATE_KEY: "secret" }), [
    '{"keySource":"env:PRIVATE_KEY"}',
    [],
    true,
  ]);
  const none = await switchKeySetting({ address: ADDRESS, source: "env:NEW" }, {
    env: { POT_KEYSTORE: "old.json" },
    files: denoFiles,
  });
  assert.deepEqual(none, { toSet: ["set POT_KEY_SOURCE=env:NEW", "unset POT_KEYSTORE"] });
});

Deno.test("switchKeySetting() says what to write where pot.jsonc cannot be written", async () => {
  await inTemporaryFolder(async (folder) => {
    const configFile = join(await Deno.realPath(folder), "pot.jsonc");
    const content = '{ "keystore": "old.json", "signerAddress": "0x00" }';
    await Deno.writeTextFile(configFile, content);
    // As of a file that is mounted into a container by itself.
    const busy = Object.assign(new Error("Device or resource busy"), { code: "EBUSY" });
    const to = { address: ADDRESS, source: "env:NEW" } as const;
    const files = { ...denoFiles, rename: () => Promise.reject(busy) };
    const where = `in ${configFile}, which cannot be written from here`;
    assert.deepEqual(await switchKeySetting(to, { configFile, env: {}, files }), {
      toSet: [
        `set keySource to "env:NEW" ${where}`,
        `take keystore out ${where}`,
        `set signerAddress to "${ADDRESS}" ${where}`,
      ],
    });
    assert.equal(await Deno.readTextFile(configFile), content);
    const broken = { ...denoFiles, rename: () => Promise.reject(new Error("no space left")) };
    await assert.rejects(switchKeySetting(to, { configFile, env: {}, files: broken }), /no space left/);
  });
});

Deno.test("switchKeySetting() keeps mode and place of the file, a link included", async () => {
  await inTemporaryFolder(async (folder) => {
    const real = join(await Deno.realPath(folder), "real.jsonc");
    const configFile = join(folder, "pot.jsonc");
    await Deno.writeTextFile(real, '{"keySource":"env:OLD"}');
    await Deno.chmod(real, 0o640);
    await Deno.symlink(real, configFile);
    await switchKeySetting({ address: ADDRESS, source: "env:NEW" }, {
      configFile,
      env: {},
      files: denoFiles,
    });
    assert.equal(await Deno.readTextFile(real), '{"keySource":"env:NEW"}');
    assert.equal((await Deno.stat(real)).mode! & 0o777, 0o640);
    assert.ok((await Deno.lstat(configFile)).isSymlink);
  });
});
