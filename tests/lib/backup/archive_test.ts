import assert from "node:assert/strict";
import { join } from "node:path";
import { archiveBytes, type ArchiveFile, isArchivePath } from "../../../lib/backup/archive_file.ts";
import { gunzipStream, gzipStream } from "../../../lib/backup/gzip_stream.ts";
import { encodeTarHeader } from "../../../lib/backup/tar_header.ts";
import { readTar } from "../../../lib/backup/tar_reader.ts";
import { inBlocks, writeTar } from "../../../lib/backup/tar_writer.ts";
import { inTemporaryFolder } from "../../_fakes/temporary_folder.ts";

const LONG = `${"a".repeat(120)}/${"b".repeat(99)}`;
const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["home/empty", new Uint8Array()],
  ["home/one", Uint8Array.of(7)],
  ["home/block", new Uint8Array(512).fill(1)],
  ["home/more", crypto.getRandomValues(new Uint8Array(60_001))],
  [LONG, new TextEncoder().encode("far down\n")],
];

async function* of<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items;
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk.slice());
  return new Uint8Array(await new Blob(all as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const tarOf = (files: readonly (readonly [string, Uint8Array])[]) =>
  bytesOf(
    writeTar(of(files.map(([path, bytes]) => archiveBytes(path, bytes))), { mtimeSeconds: 1_769_860_800 }),
  );

async function contentsOf(
  tar: Uint8Array,
  chunkBytes = 1_000,
): Promise<readonly (readonly [string, Uint8Array])[]> {
  const read: (readonly [string, Uint8Array])[] = [];
  for await (const file of readTar(inBlocks(of([tar]), chunkBytes))) {
    read.push([file.path, await bytesOf(file.chunks())]);
  }
  return read;
}

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("writeTar() makes what the system's tar unpacks, byte for byte", async () => {
  await inTemporaryFolder(async (folder) => {
    await Deno.writeFile(join(folder, "a.tar.gz"), await bytesOf(gzipStream(of([await tarOf(FILES)]))));
    await Deno.mkdir(join(folder, "out"));
    await run("tar", "-xzf", join(folder, "a.tar.gz"), "-C", join(folder, "out"));
    for (const [path, bytes] of FILES) {
      assert.deepEqual(await Deno.readFile(join(folder, "out", path)), bytes, path);
    }
    assert.match(await run("tar", "-tvzf", join(folder, "a.tar.gz")), /^-rw------- .* home\/empty$/m);
  });
});

Deno.test("readTar() reads what the system's tar packs of plain files", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const [path, bytes] of FILES) {
      await Deno.mkdir(join(folder, "in", path, ".."), { recursive: true });
      await Deno.writeFile(join(folder, "in", path), bytes);
    }
    const names = FILES.map(([path]) => path);
    await run(
      "tar",
      "--format=ustar",
      "-b",
      "1",
      "-cf",
      join(folder, "a.tar"),
      "-C",
      join(folder, "in"),
      ...names,
    );
    const tar = await Deno.readFile(join(folder, "a.tar"));
    assert.deepEqual(await contentsOf(tar), FILES);
  });
});

Deno.test("readTar() gives back what writeTar() was given, however it is cut into chunks", async () => {
  const tar = await tarOf(FILES);
  for (const chunkBytes of [1, 511, 512, 513, 1 << 20]) {
    assert.deepEqual(await contentsOf(tar, chunkBytes), FILES, `${chunkBytes}`);
  }
});

Deno.test("readTar() refuses what an archive of ours never holds", async () => {
  const header = (path: string, change: (bytes: Uint8Array) => void = () => {}) => {
    const bytes = encodeTarHeader({ path, sizeBytes: 0 }, { mtimeSeconds: 0 });
    change(bytes);
    bytes.fill(0x20, 148, 156);
    const sum = bytes.reduce((total, byte) => total + byte, 0).toString(8).padStart(6, "0");
    bytes.set(new TextEncoder().encode(`${sum}\0 `), 148);
    return bytes;
  };
  const end = new Uint8Array(1_024);
  const hostile: Readonly<Record<string, readonly Uint8Array[]>> = {
    "a path that goes up": [header("../../etc/passwd"), end],
    "an absolute path": [header("/etc/passwd"), end],
    "a name of two dots within": [header("home/../../x"), end],
    "a backslash": [header("home\\..\\x"), end],
    "a symbolic link": [header("home/x", (bytes) => bytes.set([0x32], 156)), end],
    "a folder": [header("home", (bytes) => bytes.set([0x35], 156)), end],
    "a path twice": [header("home/x"), header("home/x"), end],
    "no end": [header("home/x")],
    "half an end": [header("home/x"), new Uint8Array(512)],
    "bytes behind the end": [header("home/x"), end, new Uint8Array(512)],
    "a negative size": [header("home/x", (bytes) => bytes.fill(0xff, 124, 136)), end],
    "a wrong checksum": [header("home/x").map((byte, i) => i === 0 ? byte + 1 : byte), end],
    "nothing": [],
  };
  for (const [what, blocks] of Object.entries(hostile)) {
    const tar = new Uint8Array(await new Blob(blocks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    await assert.rejects(contentsOf(tar), { name: "DamagedBackupError" }, what);
  }
  assert.deepEqual((await contentsOf(new Uint8Array([...header("home/x"), ...end]))).map(([path]) => path), [
    "home/x",
  ]);
});

Deno.test("writeTar() writes sizes past what octal digits hold as GNU tar does", async () => {
  const sizeBytes = 9 * 2 ** 30;
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.tar");
    await Deno.writeFile(path, encodeTarHeader({ path: "large", sizeBytes }, { mtimeSeconds: 0 }));
    const { stdout } = await new Deno.Command("tar", { args: ["-tvf", path], stderr: "null" }).output();
    assert.match(new TextDecoder().decode(stdout), new RegExp(` ${sizeBytes} .* large`));
  });
});

Deno.test("writeTar() throws when a file is not as long as it said", async () => {
  const liar = (sizeBytes: number): ArchiveFile => ({
    ...archiveBytes("home/x", new Uint8Array(100)),
    sizeBytes,
  });
  for (const sizeBytes of [99, 101]) {
    await assert.rejects(bytesOf(writeTar(of([liar(sizeBytes)]), { mtimeSeconds: 0 })), {
      message: `Cannot back up a file as it has another length than ${sizeBytes} bytes by now`,
    });
  }
});

Deno.test("gunzipStream() refuses damage, and passes on what its source throws", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const packed = await bytesOf(gzipStream(of([bytes])));
  assert.deepEqual(await bytesOf(gunzipStream(of([packed]))), bytes);
  const flipped = packed.slice();
  flipped[packed.length >> 1]! ^= 1;
  await assert.rejects(bytesOf(gunzipStream(of([flipped]))), { name: "DamagedBackupError" });
  await assert.rejects(bytesOf(gunzipStream(of([packed.subarray(0, -5)]))), { name: "DamagedBackupError" });
  const broken = async function* () {
    yield packed.subarray(0, 100);
    throw new RangeError("the source broke");
  };
  await assert.rejects(bytesOf(gunzipStream(broken())), { name: "RangeError", message: "the source broke" });
});

Deno.test("isArchivePath() takes plain relative paths alone", () => {
  for (const path of ["a", "home/log/tile/entries/x001/234.p/5", "home/journal/journal-0xab"]) {
    assert.ok(isArchivePath(path));
  }
  for (
    const path of ["", "/a", "a/", "a//b", "./a", "a/..", "a b", "ä", "a\n", "C:a", "a\\b", "x".repeat(241)]
  ) {
    assert.ok(!isArchivePath(path), path);
  }
});
