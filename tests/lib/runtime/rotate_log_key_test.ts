import assert from "node:assert/strict";
import { join } from "node:path";
import { signCheckpointNote } from "../../../lib/core/checkpoint_note.ts";
import type { PotError } from "../../../lib/core/errors.ts";
import { formatLogKeys, parseLogKeys } from "../../../lib/core/log_keys.ts";
import { importNoteSigner } from "../../../lib/core/note_key.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { KEY_FILE, NEXT_KEY_FILE } from "../../../lib/runtime/log_key.ts";
import { rotateLogKey } from "../../../lib/runtime/rotate_log_key.ts";
import { createForgetfulDisk, type ForgetfulDisk, type Keep } from "../../_fakes/forgetful_files.ts";
import { growTo, makeHome, openHome, signersOf } from "../../_fakes/log_key_home.ts";

const HOME = "/home";

/** A disk with a log of three records, the newest checkpoint over two of them. */
async function makeDisk(): Promise<ForgetfulDisk> {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await makeHome(HOME, files);
  const { log } = await openHome(HOME, { files });
  await using _log = log;
  await growTo(log, 2);
  await log.checkpoint();
  await growTo(log, 3);
  return disk;
}

async function rotate(files: FileLayer, home = HOME) {
  const { log } = await openHome(home, { files });
  await using _log = log;
  return await rotateLogKey(home, log, { files });
}

const textAt = (disk: ForgetfulDisk, name: string) => {
  const bytes = disk.peek(join(HOME, name));
  return bytes && new TextDecoder().decode(bytes);
};

Deno.test("rotateLogKey() hands over at the size of the log, and removes the old private key", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  const oldKey = textAt(disk, KEY_FILE)!;
  const { log, keyring } = await openHome(HOME, { files });
  await using _log = log;
  const [first] = await keyring.keys();
  const rotation = await rotateLogKey(HOME, log, { files });
  const keys = await keyring.keys();
  const published = (await log.publishedCheckpoint())!;
  assert.deepEqual(rotation, { from: first!.verifierKey, to: keys[1]!.verifierKey, size: 3n });
  assert.deepEqual(keys, [
    { verifierKey: rotation.from, from: 0n, to: 3n },
    { verifierKey: rotation.to, from: 3n, handOver: published.note },
  ]);
  assert.deepEqual(await signersOf(published, keys), [0, 1]);
  assert.deepEqual(await log.verifierKeys(), [rotation.to, rotation.from]);
  // What an auditor reads holds, and what is secret is gone.
  assert.deepEqual(await parseLogKeys(JSON.stringify(formatLogKeys(keys))), keys);
  assert.notEqual(textAt(disk, KEY_FILE), oldKey);
  assert.equal(textAt(disk, NEXT_KEY_FILE), undefined);

  await growTo(log, 5);
  assert.deepEqual(await signersOf((await log.checkpoint())!, keys), [1]);
});

Deno.test("rotateLogKey() has removed the old private key for good when it resolves", async () => {
  const disk = await makeDisk();
  const oldKey = textAt(disk, KEY_FILE);
  await rotate(disk.mount());
  disk.cutPower("nothing");
  assert.notEqual(textAt(disk, KEY_FILE), oldKey);
  assert.equal(textAt(disk, NEXT_KEY_FILE), undefined);
});

Deno.test("rotateLogKey() replaces the note where the size has one, and can be repeated there", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  const { log, keyring } = await openHome(HOME, { files });
  await using _log = log;
  const before = (await log.checkpoint())!;
  const first = await rotateLogKey(HOME, log, { files });
  const second = await rotateLogKey(HOME, log, { files });
  const after = (await log.publishedCheckpoint())!;
  const keys = await keyring.keys();
  assert.deepEqual([first.size, second.size, second.from], [3n, 3n, first.to]);
  assert.deepEqual([after.size, after.root], [before.size, before.root]);
  assert.deepEqual(await signersOf(before, keys), [0]);
  assert.deepEqual(await signersOf(after, keys), [1, 2]);
  assert.deepEqual(keys.map(({ from, to }) => [from, to]), [[0n, 3n], [3n, 3n], [3n, undefined]]);
  assert.deepEqual(await parseLogKeys(JSON.stringify(formatLogKeys(keys))), keys);
});

Deno.test("rotateLogKey() makes one rotation after the other when two start at once", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  const [a, b] = await Promise.all([rotate(files), rotate(files)]);
  const { log, keyring } = await openHome(HOME, { files });
  await using _log = log;
  const keys = (await keyring.keys()).map(({ verifierKey }) => verifierKey);
  assert.deepEqual(new Set([a.from, a.to, b.from, b.to]), new Set(keys));
  assert.equal(keys.length, 3);
});

Deno.test("rotateLogKey() refuses an empty log, and changes nothing", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  await makeHome(HOME, files);
  await assert.rejects(rotate(files), {
    name: "UsageError",
    message: "Cannot rotate the log key as there is no record that it could sign",
  });
  assert.equal(textAt(disk, NEXT_KEY_FILE), undefined);
});

Deno.test("rotateLogKey() leaves one key in force and loses no hand-over, wherever the power is cut", async () => {
  const whole = await makeDisk();
  whole.kill();
  await rotate(whole.mount());
  const total = whole.calls;
  const outcomes = new Set<number>();
  for (let call = 1; call <= total; call++) {
    // A process that is killed keeps everything, a power cut may keep nothing.
    const keeps: Keep[] = call % 2 === 0 ? ["everything", "nothing"] : ["everything", { some: call }];
    for (const keep of keeps) {
      const disk = await makeDisk();
      const oldKey = textAt(disk, KEY_FILE)!;
      disk.kill();
      disk.cutAtCall(call);
      await assert.rejects(rotate(disk.mount()));
      disk.cutPower(keep);

      const at = `call ${call}, ${JSON.stringify(keep)}`;
      const files = disk.mount();
      const { log, keyring } = await openHome(HOME, { files });
      await using _log = log;
      assert.equal((await log.verifierKeys()).length > 0, true, at);
      const first = (await log.publishedCheckpoint())!;
      await growTo(log, 4);
      const second = (await log.checkpoint())!;
      const keys = await keyring.keys();
      // Exactly the key in force signed, and what was published before still holds.
      assert.deepEqual(await signersOf(second, keys), [keys.length - 1], at);
      assert.ok((await signersOf(first, keys)).length > 0, at);
      assert.deepEqual(await parseLogKeys(JSON.stringify(formatLogKeys(keys))), keys, at);
      // Whatever it signed would be lost with it.
      assert.equal(keys[0]!.verifierKey, (await importNoteSigner(oldKey.trim())).verifierKey, at);
      outcomes.add(keys.length);

      const { to } = await rotateLogKey(HOME, log, { files });
      assert.equal((await keyring.keys()).at(-1)!.verifierKey, to, at);
      assert.equal(textAt(disk, NEXT_KEY_FILE), undefined, at);
      assert.notEqual(textAt(disk, KEY_FILE), oldKey, at);
      await growTo(log, 5);
      assert.deepEqual(await signersOf((await log.checkpoint())!, await keyring.keys()), [
        (await keyring.keys()).length - 1,
      ]);
    }
  }
  assert.deepEqual(outcomes, new Set([1, 2]));
});

Deno.test("rotateLogKey() goes on with a rotation whose hand-over is published already", async () => {
  const whole = await makeDisk();
  whole.kill();
  await rotate(whole.mount());
  let resumed = 0;
  for (let call = 1; call <= whole.calls; call++) {
    const disk = await makeDisk();
    disk.kill();
    disk.cutAtCall(call);
    await assert.rejects(rotate(disk.mount()));
    disk.cutPower("nothing");
    const next = textAt(disk, NEXT_KEY_FILE);
    const { to, size } = await rotate(disk.mount());
    if (next === undefined) continue;
    resumed++;
    assert.equal(to, (await importNoteSigner(next.trim())).verifierKey);
    assert.equal(size, 3n);
  }
  assert.ok(resumed > 5, String(resumed));
});

Deno.test("LogKeyring.sign() refuses with a key that was put back after it had handed over", async () => {
  const disk = await makeDisk();
  const oldKey = disk.peek(join(HOME, KEY_FILE))!;
  await rotate(disk.mount());
  disk.poke(join(HOME, KEY_FILE), oldKey);
  const { log } = await openHome(HOME, { files: disk.mount() });
  await using _log = log;
  await growTo(log, 4);
  await assert.rejects(log.checkpoint(), {
    message: "Cannot sign a checkpoint as the log key here has handed over to another one",
    hint: "restore the newest key with: pot log restore-key <file>",
  });
  await assert.rejects(rotateLogKey(HOME, log, { files: disk.mount() }), {
    message: "Cannot sign a checkpoint as the log key here has handed over to another one",
  });
});

Deno.test("LogKeyring.sign() refuses on a host that was not told of a rotation on another one", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const shared = { files: denoFiles, folder: join(folder, "shared") };
    const [here, there] = [join(folder, "a"), join(folder, "b")];
    await makeHome(here, denoFiles);
    await Deno.mkdir(there);
    await Deno.copyFile(join(here, KEY_FILE), join(there, KEY_FILE));
    await using stack = new AsyncDisposableStack();
    const a = await openHome(here, shared);
    stack.use(a.log);
    const b = await openHome(there, shared);
    stack.use(b.log);
    await growTo(a.log, 2);
    await a.log.checkpoint();
    await growTo(b.log, 3);
    await b.log.checkpoint();

    const { to } = await rotateLogKey(here, a.log, { files: denoFiles });
    await growTo(b.log, 4);
    const refusal = "Cannot sign a checkpoint as the published one is signed by a key that is not here";
    await assert.rejects(b.log.checkpoint(), (error: PotError) => {
      assert.equal(error.message, refusal);
      assert.ok(error.facts.includes(`handed over to: ${to}`));
      return true;
    });
    await assert.rejects(rotateLogKey(there, b.log, { files: denoFiles }), { message: refusal });
    // Also when nothing but the new key's signature is to be seen.
    await a.log.checkpoint();
    await growTo(b.log, 5);
    await assert.rejects(b.log.checkpoint(), { message: refusal });
    assert.equal((await a.log.checkpoint())!.size, 5n);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("LogKeyring.sign() refuses to follow a note that a retired key signed past its end", async () => {
  const disk = await makeDisk();
  const files = disk.mount();
  const thief = await importNoteSigner(textAt(disk, KEY_FILE)!.trim());
  await rotate(files);
  const { log, keyring } = await openHome(HOME, { files });
  await using _log = log;
  const head = { origin: keyring.origin, size: 4n, root: new Uint8Array(32) };
  const forged = { ...head, note: await signCheckpointNote(head, thief) };
  await assert.rejects(keyring.sign({ ...head, size: 5n }, forged), {
    message: "Cannot sign a checkpoint as the published one is signed by a key that is not here",
  });
});

Deno.test("openLogKeyring() reports damaged log-keys.jsonl by file and line", async () => {
  const disk = await makeDisk();
  await rotate(disk.mount());
  const path = join(HOME, "log-keys.jsonl");
  const text = textAt(disk, "log-keys.jsonl")!;
  const [one = "", two = ""] = text.trimEnd().split("\n");
  const damaged: readonly (readonly [string, string])[] = [
    [`${one}\n{}\n`, "line 2"],
    [`${two}\n${one}\n`, "line 2"],
    [`${one}\n${one}\n`, "line 2"],
    [`null\n`, "line 1"],
    [`${one.replace('"0"', "0")}\n`, "line 1"],
    [`${one}\n${two.replace(/"from":"3"/, '"from":"-3"')}\n`, "line 2"],
  ];
  for (const [content, place] of damaged) {
    disk.poke(path, new TextEncoder().encode(content));
    const { log, keyring } = await openHome(HOME, { files: disk.mount() });
    await using _log = log;
    await assert.rejects(keyring.keys(), {
      name: "CorruptFileError",
      message: `Cannot read ${path} as it is damaged at ${place}`,
    }, content);
  }
});
