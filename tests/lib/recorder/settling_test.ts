import assert from "node:assert/strict";
import type { FolderItem } from "../../../lib/io/folder_items.ts";
import { createSettling, STILL_WRITTEN } from "../../../lib/recorder/settling.ts";

const item = (name: string, more: Partial<FolderItem> = {}): FolderItem => ({
  name,
  kind: "file",
  identity: `id of ${name}`,
  sizeBytes: 1,
  modifiedMs: 0,
  fingerprint: "f",
  ...more,
});
const isWanted = () => true;

function looks(settleMs: number) {
  const settling = createSettling({ settleMs });
  return (nowMs: number, ...items: readonly FolderItem[]) => {
    const { ready, waiting, nextAtMs } = settling.look(items, { nowMs, isWanted });
    return [ready.map(({ name }) => name).join(), waiting.map(({ because }) => because).join(), nextAtMs];
  };
}

Deno.test("createSettling() takes an item for complete once nothing of it changed for the settling time", () => {
  const look = looks(100);
  assert.deepEqual(look(0, item("a")), ["", STILL_WRITTEN, 100]);
  assert.deepEqual(look(99, item("a")), ["", STILL_WRITTEN, 100]);
  assert.deepEqual(look(100, item("a")), ["a", "", undefined]);
});

Deno.test("createSettling() begins anew with every change, replacement and disappearance", () => {
  const look = looks(100);
  look(0, item("a"));
  assert.deepEqual(look(90, item("a", { fingerprint: "g" })), ["", STILL_WRITTEN, 190]);
  assert.deepEqual(look(180, item("a", { fingerprint: "g", identity: "other" })), ["", STILL_WRITTEN, 280]);
  look(200);
  assert.deepEqual(look(290, item("a", { fingerprint: "g", identity: "other" })), ["", STILL_WRITTEN, 390]);
});

Deno.test("createSettling() ignores the times in files: another machine's clock made them", () => {
  const look = looks(100);
  assert.deepEqual(look(1e12, item("a", { modifiedMs: 5 })), ["", STILL_WRITTEN, 1e12 + 100]);
});

Deno.test("createSettling() takes at once what was renamed from a temporary name, and only that", () => {
  const look = looks(100);
  look(0, item("a.tmp", { identity: "1" }), item("b.tmp", { identity: "2" }));
  assert.deepEqual(look(1, item("a", { identity: "1" }), item("c", { identity: "3" })), [
    "a",
    STILL_WRITTEN,
    101,
  ]);
  // Without an identity nobody can tell.
  look(2, item("d.tmp", { identity: undefined }));
  assert.deepEqual(look(3, item("d", { identity: undefined })), ["", STILL_WRITTEN, 103]);
});

Deno.test("createSettling() never takes temporary, unwanted or visibly incomplete items", () => {
  const settling = createSettling({ settleMs: 0 });
  const items = [item(".a"), item("b.tmp"), item("c~"), item("d"), item("e", { incomplete: "it is empty" })];
  const { ready, waiting } = settling.look(items, { nowMs: 0, isWanted: ({ name }) => name !== "d" });
  assert.deepEqual([ready, waiting], [[], [{ name: "e", because: "it is empty" }]]);
});
