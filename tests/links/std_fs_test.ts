import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureDir } from "@std/fs/ensure-dir";
import { exists } from "@std/fs/exists";
import { walk, type WalkOptions } from "@std/fs/walk";
import * as fs from "@std/fs";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** `a.txt`, `b.json`, `sub/c.txt`, `sub/deep/d.txt`, `link` → `a.txt`. */
async function plant(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, "sub", "deep"), { recursive: true });
  for (const path of ["a.txt", "b.json", "sub/c.txt", "sub/deep/d.txt"]) {
    await Deno.writeTextFile(join(folder, path), path);
  }
  await Deno.symlink(join(folder, "a.txt"), join(folder, "link"));
}

async function walked(folder: string, options?: WalkOptions): Promise<string[]> {
  const entries = await Array.fromAsync(walk(folder, options));
  return entries.map((entry) => relative(folder, entry.path) || ".").sort();
}

Deno.test("@std/fs exports the same functions from its root", () => {
  assert.equal(fs.ensureDir, ensureDir);
  assert.equal(fs.exists, exists);
  assert.equal(fs.walk, walk);
});

Deno.test("ensureDir() makes the folder and those above it, and accepts one that is there", () =>
  inFolder(async (folder) => {
    const dir = join(folder, "a", "b", "c");
    await ensureDir(dir);
    await ensureDir(pathToFileURL(dir));
    assert.equal((await Deno.stat(dir)).isDirectory, true);
  }));

Deno.test("ensureDir() leaves what a folder holds", () =>
  inFolder(async (folder) => {
    await plant(folder);
    await ensureDir(join(folder, "sub"));
    assert.equal(await Deno.readTextFile(join(folder, "sub", "c.txt")), "sub/c.txt");
  }));

Deno.test("ensureDir() accepts a link to a folder", () =>
  inFolder(async (folder) => {
    await plant(folder);
    await Deno.symlink(join(folder, "sub"), join(folder, "alias"));
    await ensureDir(join(folder, "alias"));
  }));

Deno.test("ensureDir() throws when a file has that path", () =>
  inFolder(async (folder) => {
    await plant(folder);
    await assert.rejects(() => ensureDir(join(folder, "a.txt")), Error);
    assert.equal(await Deno.readTextFile(join(folder, "a.txt")), "a.txt");
  }));

Deno.test("exists() tells files, folders and nothing apart", () =>
  inFolder(async (folder) => {
    await plant(folder);
    const file = join(folder, "a.txt");
    const dir = join(folder, "sub");
    assert.equal(await exists(file), true);
    assert.equal(await exists(pathToFileURL(file)), true);
    assert.equal(await exists(dir), true);
    assert.equal(await exists(join(folder, "none")), false);
    assert.equal(await exists(file, { isFile: true }), true);
    assert.equal(await exists(file, { isDirectory: true }), false);
    assert.equal(await exists(dir, { isFile: true }), false);
    assert.equal(await exists(dir, { isDirectory: true }), true);
    assert.equal(await exists(join(folder, "link"), { isFile: true }), true);
  }));

Deno.test("exists() is false for a link that leads nowhere", () =>
  inFolder(async (folder) => {
    await Deno.symlink(join(folder, "none"), join(folder, "dangling"));
    assert.equal(await exists(join(folder, "dangling")), false);
  }));

Deno.test("exists() refuses to look for a file and a folder at once", () =>
  inFolder(async (folder) => {
    await assert.rejects(() => exists(folder, { isFile: true, isDirectory: true }), TypeError);
  }));

Deno.test("walk() reports the root and everything below, and does not follow links", () =>
  inFolder(async (folder) => {
    await plant(folder);
    const all = [".", "a.txt", "b.json", "link", "sub", "sub/c.txt", "sub/deep", "sub/deep/d.txt"];
    assert.deepEqual(await walked(folder), all);
    assert.deepEqual((await Array.fromAsync(walk(pathToFileURL(folder)))).length, all.length);
  }));

Deno.test("walk() describes each entry", () =>
  inFolder(async (folder) => {
    await plant(folder);
    const entries = await Array.fromAsync(walk(folder, { maxDepth: 1 }));
    const pick = (name: string) => entries.find((entry) => entry.name === name);
    const file = {
      path: join(folder, "a.txt"),
      name: "a.txt",
      isFile: true,
      isDirectory: false,
      isSymlink: false,
    };
    assert.deepEqual({ ...pick("a.txt") }, file);
    assert.equal(pick("sub")?.isDirectory, true);
    assert.equal(pick("link")?.isSymlink, true);
    assert.equal(pick("link")?.isFile, false);
  }));

Deno.test("walk() stops at maxDepth", () =>
  inFolder(async (folder) => {
    await plant(folder);
    assert.deepEqual(await walked(folder, { maxDepth: 0 }), ["."]);
    assert.deepEqual(await walked(folder, { maxDepth: 1 }), [".", "a.txt", "b.json", "link", "sub"]);
    assert.deepEqual(await walked(folder, { maxDepth: -1 }), []);
  }));

Deno.test("walk() leaves out what is not asked for", () =>
  inFolder(async (folder) => {
    await plant(folder);
    const files = ["a.txt", "b.json", "sub/c.txt", "sub/deep/d.txt"];
    assert.deepEqual(await walked(folder, { includeDirs: false, includeSymlinks: false }), files);
    assert.deepEqual(await walked(folder, { includeFiles: false, includeSymlinks: false }), [
      ".",
      "sub",
      "sub/deep",
    ]);
    const texts = ["a.txt", "sub/c.txt", "sub/deep/d.txt"];
    assert.deepEqual(await walked(folder, { exts: [".txt"] }), texts);
    assert.deepEqual(await walked(folder, { exts: ["txt"] }), texts);
    assert.deepEqual(await walked(folder, { match: [/\.json$/g, /c\.txt$/] }), ["b.json", "sub/c.txt"]);
  }));

Deno.test("walk() does not look below a folder that is skipped", () =>
  inFolder(async (folder) => {
    await plant(folder);
    assert.deepEqual(await walked(folder, { skip: [/sub$/] }), [".", "a.txt", "b.json", "link"]);
  }));

Deno.test("walk() joins a relative root with the way down from it", () =>
  inFolder(async (folder) => {
    await plant(folder);
    const root = relative(Deno.cwd(), folder);
    const entries = await Array.fromAsync(walk(`./${root}`, { exts: [".json"] }));
    assert.deepEqual(entries.map((entry) => entry.path), [join(root, "b.json")]);
  }));

Deno.test("walk() throws for a root that is not there and for a file", () =>
  inFolder(async (folder) => {
    await plant(folder);
    await assert.rejects(() => walked(join(folder, "none")), Deno.errors.NotFound);
    await assert.rejects(() => walked(join(folder, "a.txt")), Deno.errors.NotADirectory);
  }));
