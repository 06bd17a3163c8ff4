import assert from "node:assert/strict";
import { writeFileAtomically } from "../../../lib/io/atomic_write.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { createForgetfulDisk, type Keep } from "../../_fakes/forgetful_files.ts";

const OLD = new TextEncoder().encode("old content");
const NEW = new TextEncoder().encode("new content, longer");

Deno.test("writeFileAtomically() leaves the old file or the new one when the power is cut at any call", async () => {
  const keeps: readonly Keep[] = [
    "nothing",
    "everything",
    ...[1, 2, 3, 4].flatMap((n) => [{ prefix: n }, { some: n }]),
  ];
  let isDone = false;
  for (let call = 1; !isDone; call++) {
    for (const keep of keeps) {
      const disk = createForgetfulDisk();
      await writeFileAtomically(disk.mount(), "/file", OLD);
      disk.cutAtCall(disk.calls + call);
      isDone = await writeFileAtomically(disk.mount(), "/file", NEW).then(() => true, () => false);
      disk.cutPower(keep);
      const left = disk.peek("/file");
      if (isDone) assert.deepEqual(left, NEW);
      else {assert.ok(
          equal(left, OLD) || equal(left, NEW),
          `cut at call ${call}, keeping ${JSON.stringify(keep)}`,
        );}
    }
  }
});

Deno.test("writeFileAtomically() removes its temporary file and keeps the old one when a step fails", async () => {
  for (const kind of ["writeAt", "sync", "rename"] as const) {
    const disk = createForgetfulDisk();
    const files = disk.mount();
    await writeFileAtomically(files, "/file", OLD);
    disk.failNext(kind, new Error("no space left on device"));
    await assert.rejects(() => writeFileAtomically(files, "/file", NEW), {
      message: "no space left on device",
    });
    assert.deepEqual((await files.list("/")).map(({ name }) => name), ["file"]);
    assert.deepEqual(disk.peek("/file"), OLD);
  }
});

Deno.test("writeFileAtomically() sets permission bits and leaves nothing else in the folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeFileAtomically(denoFiles, `${folder}/key`, NEW, { mode: 0o600 });
    await writeFileAtomically(denoFiles, `${folder}/key`, OLD, { mode: 0o600 });
    assert.deepEqual(await Deno.readFile(`${folder}/key`), OLD);
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(`${folder}/key`)).mode! & 0o777, 0o600);
    assert.deepEqual((await denoFiles.list(folder)).map(({ name }) => name), ["key"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function equal(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a?.toHex() === b.toHex();
}
