import assert from "node:assert/strict";
import { fromHex, toHex } from "../../lib/core/hex.ts";
import { decryptKeystore, encryptKeystore, parseKeystore } from "../../lib/keys/keystore.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { parseRawKey, readRawKeyFile } from "../../lib/runtime/read_raw_key.ts";
import { askEthers } from "../_fakes/ethers_keystores.ts";
import { type CliHarness, createCli } from "../_fakes/cli_harness.ts";
import { refuses } from "../_fakes/refuses.ts";
import { inTemporaryFolder } from "../_fakes/temporary_folder.ts";

// Anvil's first account: published, worth nothing.
const KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const PASSPHRASE = "correct horse battery staple";
const OTHER = "another staple for a horse";

/** At a cost that a test can pay. */
async function cheapKeystore(passphrase: string): Promise<string> {
  return JSON.stringify(await encryptKeystore(fromHex(KEY)!, { address: ADDRESS, passphrase, scryptN: 2 }));
}

async function writePrivate(cli: CliHarness, name: string, content: string): Promise<void> {
  await Deno.chmod(await cli.write(name, content), 0o600);
}

Deno.test("a keystore goes between ethers and pot both ways", async () => {
  const ofOurs = async (passphrase: string) =>
    JSON.stringify(
      await encryptKeystore(fromHex(KEY)!, { address: ADDRESS, passphrase, scryptN: 1024 }),
    );
  const open = [await ofOurs(PASSPHRASE), await ofOurs(OTHER)];
  const { opened, made } = await askEthers({ open, privateKey: `0x${KEY}`, passphrase: PASSPHRASE });
  assert.deepEqual(opened, [{ address: ADDRESS, privateKey: `0x${KEY}` }, { error: "incorrect password" }]);
  const theirs = parseKeystore(made);
  assert.equal(`0x${theirs.address}`, ADDRESS.toLowerCase());
  assert.equal(toHex(await decryptKeystore(theirs, PASSPHRASE)), KEY);
  const accented = await askEthers({ open: [], privateKey: `0x${KEY}`, passphrase: "\ufb01ne cafe\u0301" });
  assert.equal(toHex(await decryptKeystore(parseKeystore(accented.made), "\ufb01ne cafe\u0301")), KEY);
});

Deno.test("readRawKeyFile() takes the key itself, or a keystore, and shows neither in its errors", async () => {
  await inTemporaryFolder(async (folder) => {
    const read = async (content: string, passphrase = PASSPHRASE) => {
      const path = `${folder}/key`;
      await Deno.writeTextFile(path, content);
      return await readRawKeyFile(path, {
        files: denoFiles,
        readPassphrase: () => Promise.resolve(passphrase),
      });
    };
    for (const text of [KEY, `0x${KEY}`, `0x${KEY.toUpperCase()}\r\n`, await cheapKeystore(PASSPHRASE)]) {
      assert.equal(await read(text), KEY);
    }
    for (const text of ["", KEY.slice(1), `${KEY}00`, `${KEY}\n${KEY}`]) {
      await assert.rejects(read(text), (error: Error) => {
        assert.equal(error.message, "Cannot import the key as the file holds none");
        assert.ok(!JSON.stringify(error).includes(KEY.slice(0, 16)));
        return true;
      });
    }
    await assert.rejects(read(await cheapKeystore(PASSPHRASE), OTHER), /passphrase is wrong/);
    await assert.rejects(
      readRawKeyFile(`${folder}/none`, { files: denoFiles, readPassphrase: () => Promise.reject() }),
      { message: "Cannot import the key as there is no such file" },
    );
  });
  assert.equal(parseRawKey(` 0x${KEY} `, "what was typed"), KEY);
});

Deno.test("pot keys import encrypts a key, reads it back and says who still has it", async () => {
  await using cli = await createCli();
  await writePrivate(cli, "theirs.json", await cheapKeystore(OTHER));
  await writePrivate(cli, "old", `${OTHER}\n`);
  await writePrivate(cli, "new", PASSPHRASE);
  const env = { POT_KEYSTORE_PASSPHRASE_FILE: "new" };
  const args = ["keys", "import", "--from-file", "theirs.json", "--source-passphrase-file", "old"];
  const { code, out, err } = await cli.runWith(env, ...args, "-o", "ours.json");
  assert.equal(code, 0, err);
  assert.match(
    out,
    new RegExp(`^wrote ours\\.json\\n {2}account {3}${ADDRESS}\\n {2}use it {4}POT_KEY_SOURCE=`),
  );
  assert.equal(err, "theirs.json still holds the key: remove it once the new file is in use\n");
  const text = await Deno.readTextFile(cli.path("ours.json"));
  assert.equal(JSON.parse(text).address, ADDRESS.slice(2).toLowerCase());
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(cli.path("ours.json"))).mode! & 0o777, 0o600);
  }
  for (const secret of [KEY, PASSPHRASE, OTHER]) assert.ok(!`${out}${err}${text}`.includes(secret));
  await refuses(cli, [...args, "-o", "theirs.json"], {
    code: 2,
    env,
    message: "Cannot write the keystore as the file is there already",
  });
  await refuses(cli, [...args.slice(0, 4), "-o", "new.json"], {
    code: 2,
    env: { ...env, POT_SOURCE_KEYSTORE_PASSPHRASE: "wrong wrong wrong" },
    message: "Cannot open the keystore as the passphrase is wrong, or the file was changed",
  });
});

Deno.test("pot keys import wants a key from somewhere else than the command line", async () => {
  await using cli = await createCli({ env: { POT_KEYSTORE_PASSPHRASE: PASSPHRASE, WEAK: "12", HOT: KEY } });
  await refuses(cli, ["keys", "import"], {
    code: 2,
    message: "Cannot import a key as none is given",
    hint: "use --from-file <file> or --from-environment <variable>, or type it at a terminal",
  });
  await refuses(cli, ["keys", "import", "--from-environment", "WEAK"], {
    code: 2,
    message: "Cannot import the key as the variable WEAK holds none",
  });
  await refuses(cli, ["keys", "import", "--from-environment", "HOT", "--from-file", "x"], {
    code: 2,
    message: "Cannot import the key as --from-file and --from-environment are given together",
  });
  // Above the group's order; the library below shows such a number, in decimal.
  const above = "f".repeat(62) + "a7";
  for (
    const [variable, ...args] of [["HOT", "keys", "import", "--from-environment", "HOT"], [
      "PRIVATE_KEY",
      "keys",
      "new",
      "--from-environment",
    ]] as const
  ) {
    const { code, out, err } = await cli.runWith({ [variable]: above }, ...args);
    assert.equal(code, 2, err);
    assert.match(err, /(?:^|\n)error: Cannot encrypt the key as it is no private key of secp256k1\n/);
    for (const secret of [above, String(BigInt(`0x${above}`))]) assert.ok(!`${out}${err}`.includes(secret));
  }
  // Whoever does it all the same: it is not repeated on the screen, nor in a file.
  for (
    const args of [
      ["keys", "import", KEY],
      ["keys", "import", `0x${KEY}`],
      ["keys", "import", "--from-environment", KEY],
      ["keys", "import", "--from-environment", `x${KEY}`],
      ["keys", "import", "--private-key", KEY],
      ["keys", "rotate", "--to", KEY],
      ["keys", "rotate", "--to", `env:${KEY}`],
      ["keys", "rotate", "--to", `keystore:0x${KEY}`],
    ]
  ) {
    const { code, out, err } = await cli.run(...args);
    assert.equal(code, 2, args.join(" ").slice(0, 40));
    assert.ok(!`${out}${err}`.toLowerCase().includes(KEY), err);
  }
  assert.equal(await cli.listing(), "");
});

Deno.test("pot keys import takes a typed key, and a typed passphrase twice", async () => {
  const questions: string[] = [];
  const answers = [`0x${KEY}`, PASSPHRASE, "something else"];
  await using cli = await createCli({
    askSecret: (question) => {
      questions.push(question);
      return Promise.resolve(answers[questions.length - 1]);
    },
  });
  const { code, err } = await cli.run("keys", "import");
  assert.equal(code, 2);
  assert.match(err, /^error: Cannot use the passphrase as it was not typed the same twice/);
  assert.deepEqual(questions, ["Private key (not shown)", "New passphrase", "The same again"]);
});

Deno.test("pot keys show prints the private key only when asked twice", async (t) => {
  const asked: string[] = [];
  let answer: string | undefined = "2266";
  const askSecret = (question: string) => {
    asked.push(question);
    return Promise.resolve(question.startsWith("Type") ? answer : PASSPHRASE);
  };
  const env = { HOT: `0x${KEY.toUpperCase()}`, POT_KEY_SOURCE: "env:HOT" };
  await using quiet = await createCli({ env });
  await using cli = await createCli({ env, askSecret });
  const args = ["keys", "show", "--private-key"];

  await t.step("without a terminal: refused, or by a second flag", async () => {
    await refuses(quiet, args, {
      code: 2,
      message: "Cannot show the private key as nobody confirmed it",
      hint: /--yes-show-the-private-key$/,
    });
    const shown = await quiet.run(...args, "--yes-show-the-private-key");
    assert.deepEqual([shown.code, shown.out, shown.err], [0, `0x${KEY}\n`, ""]);
    const { json } = await quiet.run(...args, "--yes-show-the-private-key", "--json");
    assert.deepEqual(json, { address: ADDRESS, privateKey: `0x${KEY}` });
    // The second flag alone asks for nothing.
    const alone = await quiet.run("keys", "show", "--yes-show-the-private-key");
    assert.ok(!`${alone.out}${alone.err}`.toLowerCase().includes(KEY));
  });

  await t.step("at a terminal: by typing the end of the account", async () => {
    const shown = await cli.run(...args);
    assert.deepEqual([shown.code, shown.out, shown.err], [0, `0x${KEY}\n`, ""]);
    assert.match(
      asked[0]!,
      new RegExp(`^Type the last four characters of ${ADDRESS} to see its private key`),
    );
    for (const wrong of ["2267", "y", "", undefined]) {
      answer = wrong;
      const refused = await cli.run(...args);
      assert.deepEqual([refused.code, refused.out], [2, ""]);
      assert.ok(!refused.err.toLowerCase().includes(KEY));
    }
  });

  await t.step("of a keystore too, and of what is kept elsewhere not", async () => {
    await writePrivate(cli, "signer.json", await cheapKeystore(PASSPHRASE));
    await writePrivate(cli, "passphrase", `${PASSPHRASE}\n`);
    answer = "2266";
    assert.equal((await cli.run("keys", "show", "signer.json", "--private-key")).out, `0x${KEY}\n`);
    const more = ["--passphrase-file", "passphrase", "--yes-show-the-private-key"];
    assert.equal((await cli.run("keys", "show", "signer.json", "--private-key", ...more)).out, `0x${KEY}\n`);
    const unlocked = await cli.run("keys", "show", "signer.json", "--unlock", ...more.slice(0, 2));
    assert.match(unlocked.out, /, which opens\n$/);
    assert.ok(!`${unlocked.out}${unlocked.err}`.includes(KEY));
  });
});

Deno.test({
  name: "pot says which secret files others can read",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using cli = await createCli({ env: { POT_KEYSTORE: "signer.json" } });
    assert.equal((await cli.run("init")).code, 0);
    await cli.write("signer.json", await cheapKeystore(PASSPHRASE));
    await cli.write("passphrase", PASSPHRASE);
    await Deno.chmod(cli.path("signer.json"), 0o640);
    await Deno.chmod(cli.path("passphrase"), 0o604);
    const env = { POT_KEYSTORE_PASSPHRASE_FILE: "passphrase" };
    const { code, err } = await cli.runWith(env, "keys", "show");
    assert.equal(code, 0);
    assert.deepEqual(err.trim().split("\n"), [
      `others can read ${cli.path("signer.json")} (mode 0640): chmod 600 it`,
      `others can read ${cli.path("passphrase")} (mode 0604): chmod 600 it`,
    ]);
    for (const name of ["signer.json", "passphrase"]) await Deno.chmod(cli.path(name), 0o600);
    assert.equal((await cli.runWith(env, "keys", "show")).err, "");
    await Deno.chmod(cli.path(".pot", "log.key"), 0o644);
    assert.match((await cli.runWith(env, "status")).err, /^others can read \S+log\.key \(mode 0644\)/);
  },
});
