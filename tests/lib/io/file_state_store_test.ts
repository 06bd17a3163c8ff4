import assert from "node:assert/strict";
import { join } from "node:path";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileStateStore } from "../../../lib/io/file_state_store.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { checkStateStore } from "../../_fakes/state_store_suite.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("openFileStateStore() keeps what every state store must", () =>
  inTemporaryFolder((folder) =>
    checkStateStore(() => openFileStateStore(join(folder, "state"), { files: denoFiles }))
  ));

Deno.test("openFileStateStore() takes one of two processes that write at once", () =>
  inTemporaryFolder(async (folder) => {
    const program = `
      import { openFileStateStore } from ${
      JSON.stringify(new URL("../../../lib/io/file_state_store.ts", import.meta.url))
    };
      import { denoFiles } from ${JSON.stringify(new URL("../../../lib/io/deno_files.ts", import.meta.url))};
      const store = openFileStateStore(${JSON.stringify(folder)}, { files: denoFiles });
      let taken = 0;
      while (taken < 40) {
        const document = await store.read("count");
        const count = Number(new TextDecoder().decode(document?.bytes));
        const next = new TextEncoder().encode(String(count + 1));
        await store.write("count", next, { version: document?.version }).then(() => taken++, (error) => {
          if (error.name !== "StateConflictError") throw error;
        });
      }`;
    const processes = Array.from({ length: 2 }, () =>
      new Deno.Command(Deno.execPath(), {
        args: ["eval", "--no-lock", "--no-check", program],
        stderr: "piped",
      }).output());
    for (const { code, stderr } of await Promise.all(processes)) {
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    }
    const document = await openFileStateStore(folder, { files: denoFiles }).read("count");
    assert.equal(new TextDecoder().decode(document?.bytes), "80");
  }));

Deno.test("openFileStateStore() has what write() resolved for, whenever the power is cut, and the document before otherwise", async () => {
  for (const keep of ["nothing", "everything", { prefix: 7 }, { some: 3 }] as const) {
    for (let call = 1;; call++) {
      const disk = createForgetfulDisk();
      const first = await openFileStateStore("/home/state", { files: disk.mount() })
        .write("jobs", bytesOf("before"), { version: undefined });
      disk.cutPower("nothing");
      disk.cutAtCall(call);
      const wasWritten = await openFileStateStore("/home/state", { files: disk.mount() })
        .write("jobs", bytesOf("after"), { version: first })
        .then(() => true, () => false);
      disk.cutPower(keep);
      const store = openFileStateStore("/home/state", { files: disk.mount() });
      const { bytes, version } = (await store.read("jobs"))!;
      const text = new TextDecoder().decode(bytes);
      if (wasWritten) assert.equal(text, "after");
      else assert.ok(["before", "after"].includes(text), text);
      await store.write("jobs", bytesOf("later"), { version });
      if (wasWritten) break;
    }
  }
});

Deno.test("openFileStateStore() has the first document as well", async () => {
  for (let call = 1;; call++) {
    const disk = createForgetfulDisk();
    disk.cutAtCall(call);
    const wasWritten = await openFileStateStore("/home/state", { files: disk.mount() })
      .write("jobs", bytesOf("first"), { version: undefined }).then(() => true, () => false);
    disk.cutPower("nothing");
    const document = await openFileStateStore("/home/state", { files: disk.mount() }).read("jobs");
    if (wasWritten) assert.deepEqual(document?.bytes, bytesOf("first"));
    else assert.equal(document, undefined);
    if (wasWritten) return;
  }
});

Deno.test("openFileStateStore() reports damage and never writes over it", () =>
  inTemporaryFolder(async (folder) => {
    const store = openFileStateStore(folder, { files: denoFiles });
    const path = join(folder, "jobs.state");
    const version = await store.write("jobs", bytesOf("good"), { version: undefined });
    const content = await Deno.readTextFile(path);
    for (const damaged of ["", "good", content.replace("good", "bad!"), content.slice(0, -1)]) {
      await Deno.writeTextFile(path, damaged);
      await assert.rejects(() => store.read("jobs"), { name: "CorruptFileError" });
      await assert.rejects(() => store.write("jobs", bytesOf("x"), { version }), {
        name: "CorruptFileError",
      });
      assert.equal(await Deno.readTextFile(path), damaged);
    }
  }));
