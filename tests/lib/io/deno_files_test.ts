import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { LockHeldError } from "../../../lib/io/lock_held_error.ts";

Deno.test("open() reads and writes at offsets, and readAt() is short at the end", () =>
  inFolder(async (folder) => {
    const file = await denoFiles.open(`${folder}/a`);
    await file.writeAt(3, Uint8Array.of(1, 2, 3));
    await file.sync();
    assert.deepEqual(await file.readAt(2, 10), Uint8Array.of(0, 1, 2, 3));
    assert.deepEqual(await file.readAt(6, 10), new Uint8Array());
    await file.truncate(4);
    assert.equal((await file.stat()).sizeBytes, 4);
    file.close();
    await assert.rejects(() => denoFiles.open(`${folder}/a`, { createNew: true }), Deno.errors.AlreadyExists);
    await assert.rejects(() => denoFiles.open(`${folder}/b`, { create: false }), Deno.errors.NotFound);
  }));

Deno.test("open() keeps reads and writes apart that run at once", () =>
  inFolder(async (folder) => {
    const file = await denoFiles.open(`${folder}/a`);
    const ones = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(
      ones.map((i) => Promise.all([file.writeAt(i * 10, new Uint8Array(10).fill(i)), file.sync()])),
    );
    const read = await Promise.all(ones.map((i) => file.readAt(i * 10, 10)));
    read.forEach((bytes, i) => assert.deepEqual(bytes, new Uint8Array(10).fill(i)));
    file.close();
  }));

Deno.test("denoFiles answers for what is not there", () =>
  inFolder(async (folder) => {
    assert.equal(await denoFiles.read(`${folder}/none`), undefined);
    assert.equal(await denoFiles.stat(`${folder}/none`), undefined);
    assert.deepEqual(await denoFiles.list(`${folder}/none`), []);
    await denoFiles.remove(`${folder}/none`);
  }));

Deno.test("stat() tells a file from the one that takes its name", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "a");
    await Deno.writeTextFile(`${folder}/b`, "b");
    const before = await denoFiles.stat(`${folder}/a`);
    await denoFiles.rename(`${folder}/b`, `${folder}/a`);
    assert.notEqual((await denoFiles.stat(`${folder}/a`))!.identity, before!.identity);
  }));

Deno.test("makeFolder() makes parents, takes what exists, and refuses a file in the way", () =>
  inFolder(async (folder) => {
    await Promise.all([1, 2, 3].map((n) => denoFiles.makeFolder(`${folder}/a/b/${n}`)));
    await denoFiles.makeFolder(`${folder}/a/b`);
    assert.deepEqual((await denoFiles.list(`${folder}/a/b`)).map(({ name }) => name).sort(), ["1", "2", "3"]);
    await denoFiles.remove(`${folder}/a/b/1`);
    assert.equal((await denoFiles.list(`${folder}/a/b`)).length, 2);
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(() => denoFiles.makeFolder(`${folder}/file`), Deno.errors.AlreadyExists);
  }));

Deno.test("lock() has one holder at a time in one process, and lets timers run meanwhile", () =>
  inFolder(async (folder) => {
    let holders = 0;
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await Promise.all(Array.from({ length: 5 }, async () => {
      using _lock = await denoFiles.lock(`${folder}/lock`);
      assert.equal(++holders, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders--;
    }));
    clearInterval(timer);
    assert.ok(ticks >= 5);
  }));

Deno.test("lock() gives up at once with failIfHeld, and when the signal aborts", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const held = await denoFiles.lock(path);
    await assert.rejects(() => denoFiles.lock(path, { failIfHeld: true }), new LockHeldError(path));
    const controller = new AbortController();
    const waiting = denoFiles.lock(path, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(() => waiting, { message: "enough" });
    await assert.rejects(() => denoFiles.lock(path, { signal: controller.signal }), { message: "enough" });
    held.release();
    held.release();
    (await denoFiles.lock(path, { failIfHeld: true })).release();
  }));

Deno.test("lock() excludes other processes and outlives none of them", () =>
  inFolder(async (folder) => {
    const path = `${folder}/lock`;
    const holder = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `const f = Deno.openSync(${JSON.stringify(path)}, { write: true, create: true });
         f.lockSync(true); console.log("held"); setTimeout(() => {}, 60_000);`,
      ],
      stdout: "piped",
    }).spawn();
    const output = holder.stdout.getReader();
    try {
      await output.read();
      await assert.rejects(() => denoFiles.lock(path, { failIfHeld: true }), LockHeldError);
    } finally {
      holder.kill("SIGKILL");
      await holder.status;
      await output.cancel();
    }
    (await denoFiles.lock(path, { signal: AbortSignal.timeout(5_000) })).release();
  }));

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
