import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { encryptKeystore } from "../../../lib/keys/keystore.ts";
import { newKeystore } from "../../../lib/runtime/new_keystore.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const CHEAP = { passphrase: "correct horse battery staple", scryptN: 2 };

Deno.test("newKeystore() does not trust what reads back as another key", async () => {
  await inTemporaryFolder(async (home) => {
    const { address, file } = await newKeystore(home, { ...CHEAP, files: denoFiles });
    const other = await encryptKeystore(new Uint8Array(32).fill(7), { ...CHEAP, address });
    const files = {
      ...denoFiles,
      read: () => Promise.resolve(new TextEncoder().encode(JSON.stringify(other))),
    };
    await assert.rejects(newKeystore(home, { ...CHEAP, files, output: `${file}.2` }), {
      name: "PotError",
      message: "Cannot trust the keystore as it does not read back as it was written",
      facts: [`file: ${file}.2`],
    });
  });
});

Deno.test("newKeystore() writes nothing for what is no key, and does not show it", async () => {
  await inTemporaryFolder(async (home) => {
    const privateKey = "f".repeat(64);
    await assert.rejects(newKeystore(home, { ...CHEAP, files: denoFiles, privateKey }), (error: Error) => {
      assert.equal(error.message, "Cannot encrypt the key as it is no private key of secp256k1");
      const shown = Deno.inspect(error, { depth: 20, showHidden: true });
      for (const secret of [privateKey, String(BigInt(`0x${privateKey}`))]) {
        assert.ok(!shown.includes(secret));
      }
      return true;
    });
    assert.deepEqual([...Deno.readDirSync(home)], []);
  });
});
