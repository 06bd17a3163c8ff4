import assert from "node:assert/strict";
import { join } from "node:path";
import { generateNoteKey } from "../../../lib/core/note_key.ts";
import { decryptText, encryptText } from "../../../lib/runtime/age_text.ts";
import { backUpLogKey } from "../../../lib/runtime/back_up_log_key.ts";
import { KEY_FILE, openLogKey } from "../../../lib/runtime/log_key.ts";
import { restoreLogKey } from "../../../lib/runtime/restore_log_key.ts";
import { rotateLogKey } from "../../../lib/runtime/rotate_log_key.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { growTo, makeHome, openHome, signersOf } from "../../_fakes/log_key_home.ts";
import { TEST_ORIGIN } from "../../_fakes/test_log.ts";

const HOME = "/home";
const passphrase = "correct horse battery staple";
/** Cheap: the tests encrypt often, and guard nothing. */
const workFactor = 10;

async function makeDisk(): Promise<ForgetfulDisk> {
  const disk = createForgetfulDisk();
  await makeHome(HOME, disk.mount());
  await disk.mount().makeFolder("/out");
  return disk;
}

async function backUp(disk: ForgetfulDisk, output: string, home = HOME): Promise<Uint8Array> {
  await backUpLogKey(home, { files: disk.mount(), output, passphrase, workFactor });
  return disk.peek(output)!;
}

async function rotate(disk: ForgetfulDisk): Promise<void> {
  const files = disk.mount();
  const { log } = await openHome(HOME, { files });
  await using _log = log;
  await growTo(log, Number(await log.size()) + 2);
  await rotateLogKey(HOME, log, { files });
}

const keyText = (disk: ForgetfulDisk, home = HOME) =>
  new TextDecoder().decode(disk.peek(join(home, KEY_FILE)));

Deno.test("backUpLogKey() writes what restoreLogKey() brings back into an empty home", async () => {
  const disk = await makeDisk();
  const before = keyText(disk);
  const backup = await backUp(disk, "/out/a.age");
  const text = new TextDecoder().decode(backup);
  assert.match(text, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
  assert.ok(!text.includes(before.trim().slice(-20)));
  assert.equal(await decryptText(backup, passphrase), before);

  const files = disk.mount();
  const restored = await restoreLogKey("/new", { files, backup, passphrase, origin: TEST_ORIGIN });
  assert.equal(keyText(disk, "/new"), before);
  assert.deepEqual(restored, { verifierKey: (await openLogKey(HOME, { files })).verifierKey, isNew: true });
  const again = await restoreLogKey("/new", { files, backup, passphrase });
  assert.deepEqual(again, { ...restored, isNew: false });
});

Deno.test("backUpLogKey() takes the set of keys along, and restoreLogKey() brings a host up to date", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  await files.makeFolder("/stale");
  const old = await backUp(disk, "/out/old.age");
  await restoreLogKey("/stale", { files, backup: old, passphrase });
  await rotate(disk);
  await rotate(disk);
  const backup = await backUp(disk, "/out/new.age");
  const lines = (await decryptText(backup, passphrase)).trimEnd().split("\n");
  assert.equal(`${lines[0]}\n`, keyText(disk));
  assert.equal(`${lines.slice(1).join("\n")}\n`, new TextDecoder().decode(disk.peek("/home/log-keys.jsonl")));

  for (const home of ["/stale", "/fresh"]) {
    assert.equal((await restoreLogKey(home, { files, backup, passphrase })).isNew, true);
    assert.equal(keyText(disk, home), keyText(disk));
    const { log, keyring } = await openHome(home, { files, folder: join(HOME, "log") });
    await using _log = log;
    assert.deepEqual((await keyring.keys()).map(({ from, to }) => [from, to]), [[0n, 2n], [2n, 4n], [
      4n,
      undefined,
    ]]);
    await growTo(log, Number(await log.size()) + 1);
    assert.deepEqual(await signersOf((await log.checkpoint())!, await keyring.keys()), [2]);
  }
});

Deno.test("restoreLogKey() never brings a retired key back", async () => {
  const disk = await makeDisk();
  const backup = await backUp(disk, "/out/a.age");
  await rotate(disk);
  const before = keyText(disk);
  await assert.rejects(restoreLogKey(HOME, { files: disk.mount(), backup, passphrase }), {
    name: "PotError",
    message: "Cannot restore the log key as it has handed over to another one",
  });
  assert.equal(keyText(disk), before);
});

Deno.test("restoreLogKey() refuses the key of another log, and one from another history", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  const backup = await backUp(disk, "/out/a.age");
  await assert.rejects(restoreLogKey("/new", { files, backup, passphrase, origin: "pot/other" }), {
    name: "UsageError",
    message: "Cannot restore the log key as it is another log's",
    facts: ["configured: pot/other", `in the backup: ${TEST_ORIGIN}`],
  });
  assert.equal(disk.peek(join("/new", KEY_FILE)), undefined);
  await makeHome("/other", files);
  await assert.rejects(restoreLogKey("/other", { files, backup, passphrase }), {
    name: "PotError",
    message: "Cannot restore the log key as the home has other keys",
  });
});

Deno.test("restoreLogKey() leaves a usable home wherever the power is cut", async () => {
  const disk = await makeDisk();
  const stale = await backUp(disk, "/out/stale.age");
  await rotate(disk);
  const backup = await backUp(disk, "/out/new.age");
  const [staleText, newText] = [await decryptText(stale, passphrase), await decryptText(backup, passphrase)];
  let cuts = 0;
  for (let call = 1;; call++, cuts++) {
    const target = createForgetfulDisk();
    await target.mount().makeFolder(HOME);
    const file = await target.mount().open(join(HOME, KEY_FILE));
    await file.writeAt(0, new TextEncoder().encode(staleText));
    await file.sync();
    await target.mount().syncFolder(HOME);
    target.kill();
    target.cutAtCall(call);
    const done = await restoreLogKey(HOME, { files: target.mount(), backup, passphrase }).then(
      () => true,
      () => false,
    );
    if (done) break;
    target.cutPower({ some: call });
    // Either key, and never a signature that the set does not know: what was cut off is done by doing it again.
    assert.ok([staleText, `${newText.split("\n")[0]}\n`].includes(keyText(target)), String(call));
    await restoreLogKey(HOME, { files: target.mount(), backup, passphrase });
    assert.equal(keyText(target), `${newText.split("\n")[0]}\n`);
  }
  assert.ok(cuts > 10, String(cuts));
});

Deno.test("backUpLogKey() overwrites nothing, and waits for a rotation to be finished", async () => {
  const disk = await makeDisk();
  await backUp(disk, "/out/a.age");
  await assert.rejects(backUp(disk, "/out/a.age"), {
    name: "UsageError",
    message: "Cannot write the backup as the file is there already",
    facts: ["file: /out/a.age"],
  });
  const { keyring, log } = await openHome(HOME, { files: disk.mount() });
  await using _log = log;
  await keyring.prepare();
  await assert.rejects(backUp(disk, "/out/b.age"), {
    message: "Cannot back up the log key as a rotation was not finished",
    hint: "finish it with: pot log rotate",
  });
  assert.equal(disk.peek("/out/b.age"), undefined);
});

Deno.test("restoreLogKey() answers every damaged or foreign backup with one error that shows no secret", async () => {
  const disk = await makeDisk();
  await rotate(disk);
  const plain = await decryptText(await backUp(disk, "/out/a.age"), passphrase);
  const seed = plain.split("\n")[0]!.slice(-30);
  const [key = "", ...lines] = plain.trimEnd().split("\n");
  const stranger = await generateNoteKey(TEST_ORIGIN);
  const contents = [
    "",
    "hello",
    key.slice(0, -3),
    `${key}\n${lines[0]}\n`,
    `${key}\n${lines.toReversed().join("\n")}\n`,
    `${key}\n${lines.join("\n").replace("— ", "—")}\n`,
    `${key}\nnull\n`,
    `${stranger.signerKey}\n${lines.join("\n")}\n`,
  ];
  const files = disk.mount();
  for (const content of contents) {
    const backup = new TextEncoder().encode(await encryptText(content, { passphrase, workFactor }));
    await assert.rejects(restoreLogKey("/new", { files, backup, passphrase }), (error: Error) => {
      assert.equal(error.message, "Cannot restore the log key as the file is no backup of one");
      assert.ok(!Deno.inspect(error).includes(seed));
      return true;
    }, content);
  }
  const right = new TextEncoder().encode(await encryptText(plain, { passphrase, workFactor }));
  const cut = right.slice(0, -60);
  const flipped = right.with(right.length - 60, right[right.length - 60]! ^ 1);
  for (const [backup, phrase] of [[right, "wrong"], [cut, passphrase], [flipped, passphrase]] as const) {
    await assert.rejects(restoreLogKey("/new", { files, backup, passphrase: phrase }), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot decrypt the file as it is no age file, is damaged, or has another/,
      );
      assert.ok(!Deno.inspect(error).includes(seed));
      return true;
    });
  }
  assert.equal(disk.peek(join("/new", KEY_FILE)), undefined);
});

Deno.test("decryptText() reads age files, armored or not", async () => {
  const armored = await encryptText("hello age", { passphrase, workFactor });
  const raw = Uint8Array.fromBase64(armored.split("\n").slice(1, -1).join("").replace(/-.*$/, ""));
  assert.equal(await decryptText(raw, passphrase), "hello age");
  assert.equal(await decryptText(new TextEncoder().encode(armored), passphrase), "hello age");
  assert.match(new TextDecoder("latin1").decode(raw), /^age-encryption\.org\/v1\n-> scrypt \S+ 10\n/);
});
