import assert from "node:assert/strict";
import { join } from "node:path";
import { manifestDigest } from "../../../lib/core/manifest.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openDocumentStore } from "../../../lib/io/document_store.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("openDocumentStore() keeps documents by their digest, once", () =>
  inTemporaryFolder(async (folder) => {
    const store = openDocumentStore(join(folder, "manifests"), { files: denoFiles });
    const digest = manifestDigest(bytesOf("{}"));
    assert.equal(await store.get(digest), undefined);
    assert.equal(await store.put(bytesOf("{}")), digest);
    const file = join(folder, "manifests", `${digest}.json`);
    const before = await Deno.stat(file);
    assert.equal(await store.put(bytesOf("{}")), digest);
    assert.equal((await Deno.stat(file)).ino, before.ino);
    assert.deepEqual(await store.get(digest), bytesOf("{}"));
    assert.deepEqual([...Deno.readDirSync(join(folder, "manifests"))].map(({ name }) => name), [
      `${digest}.json`,
    ]);
  }));

Deno.test("openDocumentStore() never gives out a document that has another digest, and puts it right", () =>
  inTemporaryFolder(async (folder) => {
    const store = openDocumentStore(folder, { files: denoFiles });
    const digest = await store.put(bytesOf("genuine"));
    await Deno.writeTextFile(join(folder, `${digest}.json`), "forged");
    await assert.rejects(() => store.get(digest), {
      name: "CorruptFileError",
      message: `Cannot read ${join(folder, `${digest}.json`)} as it is damaged at its digest`,
    });
    await store.put(bytesOf("genuine"));
    assert.deepEqual(await store.get(digest), bytesOf("genuine"));
  }));

Deno.test("openDocumentStore() has put it for good when put() resolves, whenever the power was cut before", async () => {
  const bytes = bytesOf("a manifest");
  const digest = manifestDigest(bytes);
  for (let call = 1;; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    const wasPut = await openDocumentStore("/manifests", { files: disk.mount() }).put(bytes).then(
      () => true,
      () => false,
    );
    disk.cutPower("nothing");
    const store = openDocumentStore("/manifests", { files: disk.mount() });
    assert.deepEqual(await store.get(digest), wasPut ? bytes : undefined);
    await store.put(bytes);
    disk.cutPower("nothing");
    assert.deepEqual(await openDocumentStore("/manifests", { files: disk.mount() }).get(digest), bytes);
    if (wasPut) return;
  }
});

Deno.test("openDocumentStore() makes a name durable that a dead process left", async () => {
  const bytes = bytesOf("a manifest");
  for (let call = 1;; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    const wasPut = await openDocumentStore("/manifests", { files: disk.mount() }).put(bytes).then(
      () => true,
      () => false,
    );
    disk.kill();
    const digest = await openDocumentStore("/manifests", { files: disk.mount() }).put(bytes);
    disk.cutPower("nothing");
    assert.deepEqual(await openDocumentStore("/manifests", { files: disk.mount() }).get(digest), bytes);
    if (wasPut) return;
  }
});
