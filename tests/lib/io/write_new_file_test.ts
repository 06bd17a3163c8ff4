import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { writeNewFile } from "../../../lib/io/write_new_file.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

async function* stream(...lines: readonly string[]): AsyncGenerator<string, void> {
  yield* lines;
}
const names = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("writeNewFile() writes a file of any size, and leaves the same one alone", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.jsonl");
    const lines = Array.from({ length: 3_000 }, (_, i) => `${i} ${"é".repeat(200)}`);
    assert.equal(await writeNewFile(denoFiles, path, stream(...lines)), 3_000);
    assert.equal(await Deno.readTextFile(path), lines.map((line) => `${line}\n`).join(""));
    const { ino } = await Deno.stat(path);
    assert.equal(await writeNewFile(denoFiles, path, stream(...lines)), 3_000);
    assert.equal((await Deno.stat(path)).ino, ino);
    assert.deepEqual(await names(folder), ["a.jsonl"]);
  }));

Deno.test("writeNewFile() never changes a file that is there, and makes none of nothing", () =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.jsonl");
    assert.equal(await writeNewFile(denoFiles, path, stream()), 0);
    assert.deepEqual(await names(folder), []);
    await Deno.writeTextFile(path, "");
    assert.equal(await writeNewFile(denoFiles, path, stream("mine")), 1);
    for (const lines of [["yours"], ["mine", "more"], ["min"]]) {
      await assert.rejects(writeNewFile(denoFiles, path, stream(...lines)), {
        message: "Cannot write a file as there is one already",
      });
    }
    assert.equal(await Deno.readTextFile(path), "mine\n");
    assert.deepEqual(await names(folder), ["a.jsonl"]);
  }));

Deno.test("writeNewFile() leaves nothing behind when its lines end with an error", () =>
  inTemporaryFolder(async (folder) => {
    async function* broken(): AsyncGenerator<string, void> {
      yield "one";
      await Promise.reject(new Error("gone"));
    }
    await assert.rejects(writeNewFile(denoFiles, join(folder, "a"), broken()), /gone/);
    assert.deepEqual(await names(folder), []);
  }));
