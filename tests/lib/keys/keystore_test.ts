import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { fromHex, toHex } from "../../../lib/core/hex.ts";
import { decryptKeystore, encryptKeystore, parseKeystore } from "../../../lib/keys/keystore.ts";
import { writeKeystore } from "../../../lib/keys/keystore_file.ts";
import { createKeystoreKeySource } from "../../../lib/keys/keystore_key_source.ts";
import vectors from "../../vectors/web3_secret_storage.json" with { type: "json" };
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

// Anvil's first account: published, worth nothing.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const CHEAP = { address: ADDRESS, passphrase: "correct horse", scryptN: 2 };

Deno.test("decryptKeystore() opens the official vectors", async () => {
  assert.equal(vectors.files.length, 2);
  for (const file of vectors.files) {
    const keystore = parseKeystore(JSON.stringify(file));
    assert.equal(toHex(await decryptKeystore(keystore, vectors.password)), vectors.secret);
  }
  assert.equal(
    privateKeyToAccount(`0x${vectors.secret}`).address.toLowerCase(),
    `0x${vectors.address}`,
  );
});

Deno.test("decryptKeystore() opens geth's old files, whose keys lack the zeros they begin with", async () => {
  const { cases, password } = vectors.short;
  assert.equal(cases.length, 2);
  for (const { file, secret } of cases) {
    assert.equal(toHex(await decryptKeystore(parseKeystore(JSON.stringify(file)), password)), secret);
  }
});

Deno.test("decryptKeystore() takes a passphrase as it is, and as ethers spells it", async () => {
  // A ligature, and an accent apart from its letter: NFKC has other characters for both.
  const passphrase = "\ufb01ne cafe\u0301";
  for (const spelling of [passphrase, passphrase.normalize("NFKC")]) {
    const keystore = await encryptKeystore(fromHex(KEY)!, { ...CHEAP, passphrase: spelling });
    assert.equal(toHex(await decryptKeystore(keystore, passphrase)), KEY);
  }
  const composed = await encryptKeystore(fromHex(KEY)!, { ...CHEAP, passphrase });
  await assert.rejects(decryptKeystore(composed, passphrase.normalize("NFKC")), /passphrase is wrong/);
});

Deno.test("encryptKeystore() makes what others read: the same fields, 256 MiB of scrypt, never the same twice", async () => {
  const { address, passphrase } = CHEAP;
  const keystore = await encryptKeystore(fromHex(KEY)!, { address, passphrase });
  assert.equal(toHex(await decryptKeystore(keystore, CHEAP.passphrase)), KEY);
  assert.deepEqual(Object.keys(keystore).sort(), ["address", "crypto", "id", "version"]);
  assert.equal(keystore.version, 3);
  assert.equal(keystore.address, ADDRESS.slice(2).toLowerCase());
  assert.match(keystore.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const { kdf, kdfparams, cipher, cipherparams: { iv }, ciphertext, mac } = keystore.crypto;
  const { salt, ...cost } = kdfparams;
  assert.deepEqual([kdf, cipher, cost], ["scrypt", "aes-128-ctr", { dklen: 32, n: 262_144, r: 8, p: 1 }]);
  assert.deepEqual([iv, salt, ciphertext, mac].map((text) => text.length), [32, 64, 64, 64]);
  assert.ok(!JSON.stringify(keystore).includes(KEY));

  const again = await encryptKeystore(fromHex(KEY)!, CHEAP);
  assert.notEqual(again.crypto.cipherparams.iv, iv);
  assert.notEqual(again.crypto.kdfparams.salt, salt);
  assert.notEqual(again.id, keystore.id);
});

Deno.test("decryptKeystore() refuses another passphrase and every changed byte", async () => {
  const keystore = await encryptKeystore(fromHex(KEY)!, CHEAP);
  const wrong = {
    name: "UsageError",
    message: "Cannot open the keystore as the passphrase is wrong, or the file was changed",
  };
  await assert.rejects(() => decryptKeystore(keystore, "correct horsf"), wrong);
  for (const name of ["ciphertext", "mac"] as const) {
    const text = keystore.crypto[name];
    const flipped = (Number.parseInt(text.slice(0, 2), 16) ^ 1).toString(16).padStart(2, "0") + text.slice(2);
    const changed = { ...keystore, crypto: { ...keystore.crypto, [name]: flipped } };
    await assert.rejects(() => decryptKeystore(changed, CHEAP.passphrase), wrong);
  }
});

Deno.test("parseKeystore() refuses what is no keystore, and costs that only a stranger would ask for", async () => {
  const good = await encryptKeystore(fromHex(KEY)!, CHEAP);
  const kdf = (kdf: string, params: object) => ({
    ...good,
    crypto: { ...good.crypto, kdf, kdfparams: { ...good.crypto.kdfparams, ...params } },
  });
  const derivation = "its key derivation is neither scrypt nor pbkdf2 with usual parameters";
  const cases: readonly (readonly [unknown, string])[] = [
    ["{", "it is not a JSON object"],
    ["[]", "it is not a JSON object"],
    [{ ...good, version: 1 }, "it is not of version 3"],
    [{ ...good, crypto: null }, "it has no crypto section"],
    [{ ...good, address: "0x12" }, "its address is not 20 bytes of hex"],
    [{ ...good, crypto: { ...good.crypto, cipher: "aes-128-cbc" } }, "its cipher is not aes-128-ctr"],
    [{ ...good, crypto: { ...good.crypto, cipherparams: {} } }, "its iv is not 16 bytes of hex"],
    [{ ...good, crypto: { ...good.crypto, ciphertext: "00" } }, "its ciphertext is not 32 bytes of hex"],
    [{ ...good, crypto: { ...good.crypto, mac: undefined } }, "its mac is not 32 bytes of hex"],
    [kdf("argon2", {}), derivation],
    [kdf("scrypt", { n: 3 }), derivation],
    [kdf("scrypt", { n: 2 ** 21 }), derivation],
    [kdf("scrypt", { n: 262_144, r: 64 }), derivation],
    [kdf("scrypt", { n: 262_144, p: 64 }), derivation],
    [kdf("scrypt", { dklen: 16 }), derivation],
    [kdf("scrypt", { salt: "xy" }), derivation],
    [kdf("pbkdf2", { c: 1e9, prf: "hmac-sha256" }), derivation],
    [kdf("pbkdf2", { c: 1, prf: "hmac-sha512" }), derivation],
  ];
  for (const [content, reason] of cases) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    assert.throws(() => parseKeystore(text), {
      name: "UsageError",
      message: `Cannot open the keystore as ${reason}`,
    });
  }
  // As old programs write it.
  const { crypto: section, address: _, ...rest } = good;
  const old = parseKeystore(JSON.stringify({ ...rest, Crypto: section }));
  assert.equal(toHex(await decryptKeystore(old, CHEAP.passphrase)), KEY);
});

Deno.test("writeKeystore() keeps it from others and never takes another file's place", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/a.json`;
    const keystore = await encryptKeystore(fromHex(KEY)!, CHEAP);
    await writeKeystore(path, keystore, denoFiles);
    const text = await Deno.readTextFile(path);
    assert.deepEqual(JSON.parse(text), keystore);
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    await assert.rejects(() => writeKeystore(path, { ...keystore, id: "other" }, denoFiles), {
      name: "UsageError",
      message: "Cannot write the keystore as the file is there already",
    });
    assert.equal(await Deno.readTextFile(path), text);

    // Cut off before the content is there: nothing is left that looks like a key.
    const full = { ...denoFiles, rename: () => Promise.reject(new Error("disk full")) };
    await assert.rejects(() => writeKeystore(`${folder}/b.json`, keystore, full), /disk full/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.json"]);

    // Two at once: one of them gets the name.
    const both = await Promise.allSettled(
      [1, 2].map(() => writeKeystore(`${folder}/c.json`, keystore, denoFiles)),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(`${folder}/c.json`)), keystore);
  });
});

Deno.test("createKeystoreKeySource() signs as the account, and shows neither key nor passphrase", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = `${folder}/key.json`;
    const source = (passphrase: string, file = path) =>
      createKeystoreKeySource({
        path: file,
        files: denoFiles,
        readPassphrase: () => Promise.resolve(passphrase),
      });
    const keystore = await encryptKeystore(fromHex(KEY)!, CHEAP);
    await writeKeystore(path, keystore, denoFiles);
    const signer = await source(CHEAP.passphrase).open();
    assert.equal(signer.address, ADDRESS);
    const transaction = { type: "eip1559", chainId: 1, nonce: 0, gas: 21_000n, maxFeePerGas: 1n } as const;
    assert.equal(
      await signer.signTransaction(transaction),
      await privateKeyToAccount(`0x${KEY}`).signTransaction(transaction),
    );
    assert.equal(source("").description, `keystore ${path}`);

    await assert.rejects(() => source("wrong").open(), { name: "UsageError" });
    await assert.rejects(() => source("x", `${folder}/none.json`).open(), {
      name: "UsageError",
      message: "Cannot open the keystore as there is no such file",
    });
    await Deno.writeTextFile(`${folder}/large.json`, " ".repeat(100_000));
    await assert.rejects(() => source("x", `${folder}/large.json`).open(), {
      message: "Cannot open the keystore as the file is too large",
    });
    await Deno.writeTextFile(
      `${folder}/other.json`,
      JSON.stringify({ ...keystore, address: "00".repeat(20) }),
    );
    await assert.rejects(() => source(CHEAP.passphrase, `${folder}/other.json`).open(), {
      message: "Cannot sign as the keystore holds the key of another account than it names",
    });
    const zero = await encryptKeystore(new Uint8Array(32), CHEAP);
    await Deno.writeTextFile(`${folder}/zero.json`, JSON.stringify(zero));
    await assert.rejects(() => source(CHEAP.passphrase, `${folder}/zero.json`).open(), {
      message: "Cannot sign as the keystore holds no private key of secp256k1",
    });
  });
});
