import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptFileError } from "../../../lib/io/corrupt_file_error.ts";
import {
  openWriteAheadFile,
  replaceWriteAheadFile,
  type WriteAheadFile,
} from "../../../lib/io/write_ahead_file.ts";
import { createForgetfulDisk, type ForgetfulDisk } from "../../_fakes/forgetful_files.ts";

const PATH = "/log";
const HEADER = bytesOf("header");

Deno.test("append() gives back what frames() and readAt() find, in any handle", async () => {
  const disk = createForgetfulDisk();
  using file = await open(disk);
  const first = await file.append(bytesOf("first"));
  const second = await file.append(bytesOf(""));
  assert.equal(second.offset, first.end + 16);
  assert.equal(file.end, second.end);

  using other = await open(disk);
  assert.deepEqual(await payloads(other), ["first", ""]);
  assert.deepEqual(await other.readAt(first.offset, 5), bytesOf("first"));
  assert.deepEqual(other.header, HEADER);
  assert.equal(other.identity, file.identity);
});

Deno.test("append() goes on after what another handle appended", async () => {
  const disk = createForgetfulDisk();
  using one = await open(disk);
  using two = await open(disk);
  await one.append(bytesOf("1"));
  await two.append(bytesOf("2"));
  await one.append(bytesOf("3"));
  assert.deepEqual(await payloads(two), ["1", "2", "3"]);
});

Deno.test("frames() starts at the end of any frame", async () => {
  using file = await open(createForgetfulDisk());
  const { end } = await file.append(bytesOf("1"));
  await file.append(bytesOf("2"));
  assert.deepEqual(await payloads(file, end), ["2"]);
  assert.deepEqual(await payloads(file, file.end), []);
});

Deno.test("frames() gives back payloads of any content and size", async () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc.integer({ min: 250_000, max: 300_000 }).map((length) => new Uint8Array(length).fill(0xf5)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(payload, { maxLength: 8 }), async (expected) => {
      const disk = createForgetfulDisk();
      using file = await open(disk);
      for (const one of expected) await file.append(one);
      disk.kill();
      using again = await open(disk);
      const found = await Array.fromAsync(again.frames(), (frame) => frame.payload.slice());
      assert.deepEqual(found, expected);
    }),
    { numRuns: 40 },
  );
});

Deno.test("frames() finds every frame wholly before a cut at any byte, and append() cuts off the rest", async () => {
  const { bytes, ends } = await threeFrames();
  for (let cut = ends[0]!; cut <= bytes.length; cut++) {
    const disk = await diskWith(bytes.slice(0, cut));
    using file = await open(disk);
    const whole = ["one", "two", "three"].slice(0, ends.filter((end) => end <= cut).length - 1);
    assert.deepEqual(await payloads(file), whole, `cut at ${cut}`);

    using writer = await open(disk);
    await writer.append(bytesOf("!"));
    assert.deepEqual(await payloads(file), [...whole, "!"], `appended after a cut at ${cut}`);
    assert.equal(disk.peek(PATH)!.length, writer.end);
  }
});

Deno.test("frames() takes zeros and rubbish at the end for a torn tail", async () => {
  const { bytes } = await threeFrames();
  for (
    const rubbish of [
      new Uint8Array(100),
      new Uint8Array(100).fill(0xff),
      bytes.slice(0, 19),
      bytes.slice(0, 4),
    ]
  ) {
    using file = await open(await diskWith(Uint8Array.of(...bytes, ...rubbish)));
    assert.deepEqual(await payloads(file), ["one", "two", "three"]);
  }
});

Deno.test("frames() and append() report any flipped bit that intact frames follow, and cut nothing", async () => {
  const { bytes, ends } = await threeFrames();
  for (let at = ends[0]!; at < ends[2]!; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << (at % 8);
    const disk = await diskWith(damaged);
    using file = await open(disk);
    const where = at < ends[1]! ? ends[0] : ends[1];
    await assert.rejects(() => payloads(file), {
      name: "CorruptFileError",
      message: `Cannot read /log as it is damaged at byte ${where}`,
    });
    using writer = await open(disk);
    await assert.rejects(() => writer.append(bytesOf("!")), CorruptFileError);
    assert.deepEqual(disk.peek(PATH), damaged);
  }
});

Deno.test("openWriteAheadFile() reports a broken header", async () => {
  const { bytes, ends } = await threeFrames();
  for (let at = 0; at < ends[0]!; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 0x10;
    const disk = await diskWith(damaged);
    await assert.rejects(() => open(disk), { message: "Cannot read /log as it is damaged at byte 0" });
  }
  const disk = await diskWith(new Uint8Array());
  await assert.rejects(() => open(disk), CorruptFileError);
});

Deno.test("append() leaves nothing behind and refuses to go on after a failed sync or write", async () => {
  for (const kind of ["sync", "writeAt"] as const) {
    const disk = createForgetfulDisk();
    using file = await open(disk);
    await file.append(bytesOf("kept"));
    disk.failNext(kind, new Error("input/output error"));
    await assert.rejects(() => file.append(bytesOf("lost")), {
      message: "Cannot append to /log as the disk did not take it",
      facts: ["file: /log", "reason: input/output error"],
    });
    await assert.rejects(() => file.append(bytesOf("late")), {
      message: "Cannot append to /log as an earlier write failed",
    });
    using again = await open(disk);
    await again.append(bytesOf("next"));
    assert.deepEqual(await payloads(again), ["kept", "next"]);
  }
});

Deno.test("append() refuses a second append while one is under way", async () => {
  using file = await open(createForgetfulDisk());
  const first = file.append(bytesOf("1"));
  await assert.rejects(() => file.append(bytesOf("2")), {
    message: "Cannot append to /log as another append is under way",
  });
  await first;
  assert.deepEqual(await payloads(file), ["1"]);
});

Deno.test("append() reports a file that became shorter", async () => {
  const disk = createForgetfulDisk();
  using file = await open(disk);
  await file.append(bytesOf("1"));
  disk.poke(PATH, disk.peek(PATH)!.slice(0, 30));
  await assert.rejects(() => file.append(bytesOf("2")), CorruptFileError);
});

Deno.test("look() tells that another file took the name", async () => {
  const disk = createForgetfulDisk();
  using file = await open(disk);
  await file.append(bytesOf("1"));
  assert.deepEqual(await file.look(), { isReplaced: false, sizeBytes: file.end });
  for (const header of ["second", "third"]) {
    await replaceWriteAheadFile(PATH, { files: disk.mount(), header: bytesOf(header) });
    assert.equal((await file.look()).isReplaced, true);
  }
  using third = await open(disk);
  assert.deepEqual(third.header, bytesOf("third"));
});

Deno.test("identity tells two files apart though the second got the inode of the first", async () => {
  const disk = createForgetfulDisk();
  const files = disk.mount();
  const file = await open(disk);
  const { identity: inode } = (await files.stat(PATH))!;
  file.close();
  await replaceWriteAheadFile(PATH, { files, header: bytesOf("second") });
  await replaceWriteAheadFile(PATH, { files, header: bytesOf("third") });
  using third = await open(disk);
  assert.equal((await files.stat(PATH))!.identity, inode);
  assert.notEqual(third.identity, file.identity);
});

async function threeFrames(): Promise<{ bytes: Uint8Array; ends: readonly number[] }> {
  const disk = createForgetfulDisk();
  using file = await open(disk);
  const ends = [file.end];
  for (const text of ["one", "two", "three"]) ends.push((await file.append(bytesOf(text))).end);
  return { bytes: disk.peek(PATH)!, ends };
}

async function diskWith(bytes: Uint8Array): Promise<ForgetfulDisk> {
  const disk = createForgetfulDisk();
  (await disk.mount().open(PATH)).close();
  disk.poke(PATH, bytes);
  return disk;
}

function open(disk: ForgetfulDisk): Promise<WriteAheadFile> {
  return openWriteAheadFile(PATH, { files: disk.mount(), header: HEADER });
}

async function payloads(file: WriteAheadFile, from?: number): Promise<readonly string[]> {
  return await Array.fromAsync(file.frames(from), ({ payload }) => new TextDecoder().decode(payload));
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("frames() reports a file full of starts of long frames as damage, without hashing each", async () => {
  const disk = createForgetfulDisk();
  {
    using file = await openWriteAheadFile(PATH, { files: disk.mount(), header: HEADER });
    await file.append(bytesOf("payload"));
  }
  const intact = disk.peek(PATH)!;
  const bytes = new Uint8Array(intact.length + 4 * 1024 * 1024);
  bytes.set(intact);
  const view = new DataView(bytes.buffer);
  // 260 000 of them, each of which claims all the rest: 500 GB in all.
  for (let at = intact.length; at + 16 <= bytes.length; at += 16) {
    view.setUint32(at, 0xf5fef8ff);
    view.setUint32(at + 4, bytes.length - at - 16);
  }
  disk.poke(PATH, bytes);
  using file = await openWriteAheadFile(PATH, { files: disk.mount(), header: HEADER });
  await assert.rejects(() => Array.fromAsync(file.frames()), {
    name: "CorruptFileError",
    message: `Cannot read ${PATH} as it is damaged at byte ${intact.length}`,
  });
});

Deno.test("append() refuses a payload that no reader would take", async () => {
  const disk = createForgetfulDisk();
  using file = await openWriteAheadFile(PATH, { files: disk.mount(), header: HEADER });
  await assert.rejects(() => file.append(new Uint8Array(32 * 1024 * 1024 + 1)), RangeError);
});
