import assert from "node:assert/strict";
import { openJsonLinesFile } from "../../../lib/io/json_lines_file.ts";
import {
  createForgetfulDisk,
  type ForgetfulDisk,
  type Keep,
  PowerCut,
} from "../../_fakes/forgetful_files.ts";

const PATH = "/ledger.jsonl";

Deno.test("readNew() gives what anyone appended since the last call, by line", async () => {
  const files = createForgetfulDisk().mount();
  using one = await openJsonLinesFile(PATH, { files });
  using two = await openJsonLinesFile(PATH, { files });
  assert.deepEqual(await one.readNew(), []);
  await one.append([{ a: 1 }, "zwei\n"]);
  await two.append([null]);
  assert.deepEqual(await one.readNew(), [
    { line: 1, value: { a: 1 } },
    { line: 2, value: "zwei\n" },
    { line: 3, value: null },
  ]);
  assert.deepEqual(await one.readNew(), []);
  await two.append([[4]]);
  assert.deepEqual(await one.readNew(), [{ line: 4, value: [4] }]);
  assert.equal((await two.readNew()).length, 4);
});

Deno.test("append() makes no file for no values, and refuses what JSON cannot express", async () => {
  const disk = createForgetfulDisk();
  using file = await openJsonLinesFile(PATH, { files: disk.mount() });
  await file.append([]);
  await assert.rejects(() => file.append([1, undefined]), TypeError);
  assert.equal(disk.peek(PATH), undefined);
});

Deno.test("readNew() ignores a last line cut at any byte, and append() cuts it off", async () => {
  const whole = new TextEncoder().encode(`{"n":1}\n{"n":22}\n`);
  for (let cut = 0; cut <= whole.length; cut++) {
    const disk = await diskWith(whole.slice(0, cut));
    using file = await openJsonLinesFile(PATH, { files: disk.mount() });
    const lines = [{ line: 1, value: { n: 1 } }, { line: 2, value: { n: 22 } }];
    const kept = lines.slice(0, cut < 8 ? 0 : cut < whole.length ? 1 : 2);
    assert.deepEqual(await file.readNew(), kept);
    await file.append([{ n: 3 }]);
    assert.deepEqual(await file.readNew(), [{ line: kept.length + 1, value: { n: 3 } }]);
  }
});

Deno.test("append() finds the last line end far behind a long torn tail", async () => {
  const disk = await diskWith(new TextEncoder().encode(`1\n${"2".repeat(600_000)}`));
  using file = await openJsonLinesFile(PATH, { files: disk.mount() });
  await file.append([3]);
  assert.equal(new TextDecoder().decode(disk.peek(PATH)), "1\n3\n");
});

Deno.test("readNew() reports a broken line with file and line, each time", async () => {
  const disk = await diskWith(new TextEncoder().encode(`{"n":1}\n{"n":\n{"n":3}\n`));
  using file = await openJsonLinesFile(PATH, { files: disk.mount() });
  for (let i = 0; i < 2; i++) {
    await assert.rejects(() => file.readNew(), {
      name: "CorruptFileError",
      message: "Cannot read /ledger.jsonl as it is damaged at line 2",
    });
  }
});

Deno.test("readNew() reports bytes that are not UTF-8, and a file that became shorter", async () => {
  const disk = await diskWith(Uint8Array.of(0x22, 0xff, 0x22, 0x0a));
  using file = await openJsonLinesFile(PATH, { files: disk.mount() });
  await assert.rejects(() => file.readNew(), {
    message: "Cannot read /ledger.jsonl as it is damaged at line 1",
  });

  disk.poke(PATH, new TextEncoder().encode("1\n2\n"));
  await file.readNew();
  disk.poke(PATH, new TextEncoder().encode("1\n"));
  await assert.rejects(() => file.readNew(), {
    message: "Cannot read /ledger.jsonl as it is damaged at byte 2",
  });
});

Deno.test("append() leaves nothing behind and refuses to go on after a failed sync", async () => {
  const disk = createForgetfulDisk();
  using file = await openJsonLinesFile(PATH, { files: disk.mount() });
  await file.append([1]);
  disk.failNext("sync", new Error("input/output error"));
  await assert.rejects(() => file.append([2]), {
    message: "Cannot append to /ledger.jsonl as the disk did not take it",
  });
  await assert.rejects(() => file.append([3]), {
    message: "Cannot append to /ledger.jsonl as an earlier write failed",
  });
  using again = await openJsonLinesFile(PATH, { files: disk.mount() });
  assert.deepEqual(await again.readNew(), [{ line: 1, value: 1 }]);
});

Deno.test("append() keeps every resolved line through a power cut at any call", async () => {
  const appendAll = async (disk: ForgetfulDisk, resolved: unknown[]) => {
    using file = await openJsonLinesFile(PATH, { files: disk.mount() });
    for (let n = 0; n < 4; n++) {
      await file.append([{ n }]);
      resolved.push({ n });
      await file.readNew();
    }
  };
  const whole = createForgetfulDisk();
  await appendAll(whole, []);
  const keeps: readonly Keep[] = ["nothing", "everything", { prefix: 1 }, { prefix: 2 }, { prefix: 3 }, {
    some: 1,
  }];
  for (let call = 1; call <= whole.calls; call++) {
    for (const keep of keeps) {
      const disk = createForgetfulDisk();
      const resolved: unknown[] = [];
      disk.cutAtCall(call);
      await assert.rejects(
        () => appendAll(disk, resolved),
        (error: Error) => error instanceof PowerCut || error.cause instanceof PowerCut,
      );
      disk.cutPower(keep);
      using file = await openJsonLinesFile(PATH, { files: disk.mount() });
      const values = (await file.readNew()).map(({ value }) => value);
      assert.deepEqual(values.slice(0, resolved.length), resolved, `cut at call ${call}`);
      assert.ok(values.length <= resolved.length + 1);
      await file.append(["next"]);
      assert.deepEqual((await file.readNew()).map(({ value }) => value), ["next"]);
    }
  }
});

Deno.test("readNew() gives no line that a power cut could still take", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  using file = await openJsonLinesFile(PATH, { files });
  await file.append([1]);
  const dying = await files.open(PATH);
  await dying.writeAt(2, new TextEncoder().encode("2\n"));
  disk.kill();

  using reader = await openJsonLinesFile(PATH, { files: disk.mount() });
  const seen = (await reader.readNew()).map(({ value }) => value);
  assert.deepEqual(seen, [1, 2]);
  disk.cutPower("nothing");
  using after = await openJsonLinesFile(PATH, { files: disk.mount() });
  assert.deepEqual((await after.readNew()).map(({ value }) => value), seen);
});

async function diskWith(bytes: Uint8Array): Promise<ForgetfulDisk> {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  (await files.open(PATH)).close();
  await files.syncFolder("/");
  disk.poke(PATH, bytes);
  return disk;
}
