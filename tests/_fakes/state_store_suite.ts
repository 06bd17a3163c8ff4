import assert from "node:assert/strict";
import type { StateStore } from "../../lib/io/state_store.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

/** What every state store must do. `open` gives another view of the same documents each time, as another process has it. */
export async function checkStateStore(open: () => StateStore): Promise<void> {
  await keepsDocuments(open);
  await refusesOldVersions(open);
  await takesOneOfMany(open);
  await heedsItsSignal(open());
  await assert.rejects(() => open().read("../jobs"), TypeError);
  await assert.rejects(() => open().write("Jobs", bytesOf("a"), { version: undefined }), TypeError);
}

async function keepsDocuments(open: () => StateStore): Promise<void> {
  const store = open();
  assert.equal(await store.read("kept"), undefined);
  const first = await store.write("kept", bytesOf("one"), { version: undefined });
  assert.deepEqual(await open().read("kept"), { bytes: bytesOf("one"), version: first });
  const second = await open().write("kept", new Uint8Array(), { version: first });
  assert.deepEqual(await store.read("kept"), { bytes: new Uint8Array(), version: second });
  assert.equal(await store.read("other"), undefined);
  // Bytes of any kind, and newlines among them.
  const binary = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  await store.write("other", binary, { version: undefined });
  assert.deepEqual((await open().read("other"))?.bytes, binary);
}

async function refusesOldVersions(open: () => StateStore): Promise<void> {
  const conflict = { name: "StateConflictError", facts: ["document: turns"] };
  const store = open();
  await assert.rejects(() => store.write("turns", bytesOf("x"), { version: "1" }), conflict);
  const first = await store.write("turns", bytesOf("same"), { version: undefined });
  await assert.rejects(() => open().write("turns", bytesOf("x"), { version: undefined }), conflict);
  // The same bytes again are another version all the same: somebody was there.
  const second = await store.write("turns", bytesOf("same"), { version: first });
  assert.notEqual(second, first);
  await assert.rejects(() => store.write("turns", bytesOf("x"), { version: first }), conflict);
  assert.equal(textOf((await store.read("turns"))?.bytes), "same");
}

async function takesOneOfMany(open: () => StateStore): Promise<void> {
  let version: string | undefined;
  for (let round = 0; round < 3; round++) {
    const writes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => open().write("race", bytesOf(`${round} ${i}`), { version })),
    );
    const taken = writes.flatMap((write, i) => write.status === "fulfilled" ? [{ i, at: write.value }] : []);
    assert.equal(taken.length, 1);
    for (const write of writes) {
      if (write.status === "rejected") assert.equal(write.reason.name, "StateConflictError");
    }
    const document = await open().read("race");
    assert.equal(textOf(document?.bytes), `${round} ${taken[0]!.i}`);
    assert.equal(document?.version, taken[0]!.at);
    version = document?.version;
  }
}

async function heedsItsSignal(store: StateStore): Promise<void> {
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(() => store.read("kept", { signal }), { message: "enough" });
  await assert.rejects(() => store.write("new", bytesOf("x"), { version: undefined, signal }), {
    message: "enough",
  });
  assert.equal(await store.read("new"), undefined);
}
