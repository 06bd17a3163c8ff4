import assert from "node:assert/strict";
import { createWritePause, type PauseNote, WritesPausedError } from "../../../lib/chain/write_pause.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const PATH = "/home/pot/writes-paused.json";
const NOTE: PauseNote = {
  reason: "finality-violated",
  detail: "block 7 was replaced",
  since: "2026-11-22T20:00:00Z",
};

Deno.test("createWritePause() pauses durably, keeps the earlier reason and time, and resumes once", async () => {
  const disk = createForgetfulDisk();
  const pause = createWritePause(PATH, disk.mount());
  assert.equal(await pause.read(), undefined);
  await pause.pause(NOTE);
  await pause.pause({ reason: "operator", detail: "later", since: "2026-11-22T21:00:00Z" });
  assert.deepEqual(await pause.read(), NOTE);
  // Another process, after a power cut.
  const restarted = createWritePause(PATH, disk.mount());
  assert.deepEqual(await restarted.read(), NOTE);
  assert.equal(await restarted.resume(), true);
  assert.equal(await pause.read(), undefined);
  assert.equal(await pause.resume(), false);
  assert.equal(await createWritePause(PATH, disk.mount()).read(), undefined);
});

for (
  const [what, text] of [
    ["nothing", ""],
    ["no JSON", "paused by hand"],
    ["null", "null"],
    ["another reason", JSON.stringify({ ...NOTE, reason: "whim" })],
    ["half a note", JSON.stringify({ reason: "operator" })],
  ] as const
) {
  Deno.test(`createWritePause() pauses with a file that holds ${what}`, async () => {
    const files = createForgetfulDisk().mount();
    await files.makeFolder("/home/pot");
    const file = await files.open(PATH, { create: true });
    await file.writeAt(0, new TextEncoder().encode(text));
    await file.sync();
    file.close();
    const pause = createWritePause(PATH, files);
    assert.deepEqual(await pause.read(), {
      reason: "operator",
      detail: "the pause file is there, but cannot be read",
      since: "unknown",
    });
    assert.equal(await pause.resume(), true);
    assert.equal(await pause.read(), undefined);
  });
}

Deno.test("WritesPausedError says why and since when", () => {
  const error = new WritesPausedError("anchor", NOTE);
  assert.equal(error.message, "Cannot anchor as writes are paused on this host");
  assert.deepEqual(error.facts, [
    "reason: finality-violated",
    "detail: block 7 was replaced",
    "since: 2026-11-22T20:00:00Z",
  ]);
  assert.equal(error.hint, "records are kept and stay pending; resume with: pot resume");
});
