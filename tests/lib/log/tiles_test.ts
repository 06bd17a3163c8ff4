import assert from "node:assert/strict";
import { leafHash } from "../../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../../lib/core/merkle/merkle_root.ts";
import { verifyInclusion } from "../../../lib/core/merkle/verify_inclusion.ts";
import type { FileLayer } from "../../../lib/io/file_layer.ts";
import { decodeBundle } from "../../../lib/log/entry_bundle.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import type { Log } from "../../../lib/log/log.ts";
import { levelSize, tilePath } from "../../../lib/log/tile_path.ts";
import { createForgetfulDisk } from "../../_fakes/forgetful_files.ts";
import { testDraft, testLogOptions } from "../../_fakes/test_log.ts";

Deno.test("checkpoint() writes exactly the tiles of the spec, and every entry is provable from them", async () => {
  for (const sizes of [[1], [255], [256], [257], [100, 255, 256, 300], [511, 513], [1, 2, 1_000]]) {
    const files = createForgetfulDisk().mount();
    await using log = await open(files);
    for (const size of sizes) await growTo(log, size);
    await assertTiles(files, sizes);
    await assertProvable(log, sizes.at(-1)!, 1);
  }
});

Deno.test("checkpoint() fills the second level of tiles", async () => {
  const files = createForgetfulDisk().mount();
  await using log = await open(files);
  const sizes = [65_535, 65_537];
  for (const size of sizes) await growTo(log, size);
  await assertTiles(files, sizes);
  // Every index takes 9 s; a prime step and both ends meet each kind of tile.
  await assertProvable(log, 65_537, 37);
});

async function growTo(log: Log, size: number): Promise<void> {
  const from = Number(await log.size());
  await Promise.all(Array.from({ length: size - from }, (_, i) => log.append(testDraft("a", from + i))));
  await log.checkpoint();
}

/** Recomputes every tile from the entries, and finds them on disk: these, and no other. */
async function assertTiles(files: FileLayer, sizes: readonly number[]): Promise<void> {
  const size = sizes.at(-1)!;
  const entries = await readBundles(files, size);
  let hashes = entries.map((entry) => leafHash(entry));
  const expected = new Map<string, Uint8Array>();
  for (let level = 0; hashes.length > 0; level++) {
    for (let index = 0; index * 256 < hashes.length; index++) {
      const tile = hashes.slice(index * 256, index * 256 + 256);
      if (tile.length === 256) expected.set(tilePath({ level, index }), concat(tile));
      else {
        // Every published width of a tile that is not full stays available.
        for (const width of sizes.map((one) => levelSize(one, level) - index * 256)) {
          if (width > 0) expected.set(tilePath({ level, index }, width), concat(tile.slice(0, width)));
        }
      }
    }
    hashes = Array.from(
      { length: Math.floor(hashes.length / 256) },
      (_, i) => merkleRoot(hashes.slice(i * 256, i * 256 + 256)),
    );
  }
  const found = await filesBelow(files, "/log/tile");
  const hashTiles = found.filter((path) => !path.startsWith("tile/entries/"));
  assert.deepEqual(hashTiles.sort(), [...expected.keys()].sort());
  for (const [path, bytes] of expected) assert.deepEqual(await files.read(`/log/${path}`), bytes, path);
  const bundles = found.filter((path) => path.startsWith("tile/entries/"));
  const levelZero = hashTiles.filter((path) => path.startsWith("tile/0/"));
  assert.deepEqual(bundles.sort(), levelZero.map((path) => path.replace("tile/0/", "tile/entries/")).sort());
}

async function readBundles(files: FileLayer, size: number): Promise<readonly Uint8Array[]> {
  const entries: Uint8Array[] = [];
  for (let index = 0; index * 256 < size; index++) {
    const width = Math.min(256, size - index * 256);
    const bundle = await files.read(`/log/${tilePath({ level: "entries", index }, width)}`);
    entries.push(...decodeBundle(bundle!)!.map(({ bytes }) => bytes));
  }
  assert.equal(entries.length, size);
  return entries;
}

async function assertProvable(log: Log, size: number, step: number): Promise<void> {
  const { root } = (await log.publishedCheckpoint())!;
  const indices = Array.from({ length: Math.ceil(size / step) }, (_, i) => i * step);
  for (const index of new Set([...indices, size - 1])) {
    const claim = {
      leafHash: leafHash((await log.entry(BigInt(index)))!),
      index: BigInt(index),
      size: BigInt(size),
      root,
      path: await log.inclusionPath(BigInt(index), BigInt(size)),
    };
    assert.ok(verifyInclusion(claim), `entry ${index} of ${size}`);
  }
}

async function filesBelow(files: FileLayer, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, isFile } of await files.list(folder)) {
    const path = `${folder}/${name}`;
    if (isFile) found.push(path.slice("/log/".length));
    else found.push(...await filesBelow(files, path));
  }
  return found;
}

function concat(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(32 * hashes.length);
  hashes.forEach((hash, i) => bytes.set(hash, 32 * i));
  return bytes;
}

function open(files: FileLayer): Promise<Log> {
  return openFileLog("/log", testLogOptions(files, { indexPath: ":memory:", writeAheadLimitBytes: 10_000 }));
}
