import assert from "node:assert/strict";
import { join } from "node:path";
import { listFolderItems, readFolderItem } from "../../../lib/io/folder_items.ts";
import { openFolderChanges } from "../../../lib/io/folder_changes.ts";
import { makeTempFolder } from "../../_fakes/recorder_fixture.ts";

Deno.test("listFolderItems() tells files, folders, links and other things apart", async () => {
  await using folder = await makeTempFolder();
  await Deno.writeTextFile(join(folder.path, "a"), "1");
  await Deno.mkdir(join(folder.path, "b/c"), { recursive: true });
  await Deno.writeTextFile(join(folder.path, "b/c/d"), "22");
  await Deno.writeTextFile(join(folder.path, "b/e"), "333");
  await Deno.symlink("a", join(folder.path, "l"));
  const found = [...await listFolderItems(folder.path)].sort((x, y) => x.name < y.name ? -1 : 1);
  assert.deepEqual(found.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes]), [
    ["a", "file", 1],
    ["b", "directory", 5],
    ["l", "link", 1],
  ]);
  assert.equal(await readFolderItem(folder.path, "none"), undefined);
});

Deno.test("readFolderItem() gives another fingerprint for every change, and the same for a copy with its times", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "x");
  await Deno.mkdir(path);
  const write = async (name: string, text: string, ms: number) => {
    await Deno.writeTextFile(join(path, name), text);
    await Deno.utime(join(path, name), new Date(ms), new Date(ms));
  };
  const print = async () => (await readFolderItem(folder.path, "x"))!.fingerprint;
  await write("a", "1", 1_000);
  const prints = [await print()];
  await write("a", "1", 2_000);
  prints.push(await print());
  await write("a", "11", 2_000);
  prints.push(await print());
  await write("b", "1", 2_000);
  prints.push(await print());
  await Deno.rename(join(path, "b"), join(path, "c"));
  prints.push(await print());
  assert.equal(new Set(prints).size, prints.length);
  await Deno.rename(path, join(folder.path, "old"));
  await Deno.mkdir(path);
  await write("a", "11", 2_000);
  await write("c", "1", 2_000);
  assert.equal(await print(), prints.at(-1));
});

Deno.test("readFolderItem() says why an item cannot be complete", async () => {
  await using folder = await makeTempFolder();
  const path = join(folder.path, "x");
  const why = async () => (await readFolderItem(folder.path, "x"))!.incomplete;
  await Deno.writeTextFile(path, "");
  assert.equal(await why(), "it is empty");
  await Deno.remove(path);
  await Deno.mkdir(path);
  assert.equal(await why(), "it is empty");
  await Deno.writeTextFile(join(path, "m-00001-of-00003.bin"), "1");
  await Deno.writeTextFile(join(path, "m-00003-of-00003.bin"), "1");
  assert.equal(await why(), "it holds 2 of the 3 parts of m-*-of-00003.bin");
  await Deno.writeTextFile(join(path, "m-00002-of-00003.bin"), "1");
  assert.equal(await why(), undefined);
  await Deno.writeTextFile(join(path, ".metadata"), "1");
  assert.equal(await why(), undefined);
  await Deno.mkdir(join(path, "deep"));
  await Deno.writeTextFile(join(path, "deep/opt.pt.tmp"), "1");
  assert.equal(await why(), "it holds a temporary name: deep/opt.pt.tmp");
});

Deno.test("readFolderItem() keeps an item's identity through a rename, and gives a new file a new one", async () => {
  await using folder = await makeTempFolder();
  const identity = async (name: string) => (await readFolderItem(folder.path, name))!.identity;
  await Deno.writeTextFile(join(folder.path, "a.tmp"), "1");
  const before = await identity("a.tmp");
  await Deno.rename(join(folder.path, "a.tmp"), join(folder.path, "a"));
  assert.equal(await identity("a"), before);
  await Deno.writeTextFile(join(folder.path, "b"), "1");
  assert.notEqual(await identity("b"), before);
});

Deno.test("openFolderChanges() tells of a change below the folder, also one before it is asked", async () => {
  await using folder = await makeTempFolder();
  using changes = openFolderChanges(folder.path);
  await Deno.writeTextFile(join(folder.path, "a"), "1");
  await changes.next();
  const next = changes.next();
  await Deno.writeTextFile(join(folder.path, "b"), "1");
  await next;
});

Deno.test("openFolderChanges() throws where there is no such folder", () => {
  assert.throws(() => openFolderChanges("/nowhere/at/all"));
});
