import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { gunzip, gzip } from "../../../lib/core/gzip.ts";
import { seededRandom } from "../../_fakes/mutate.ts";

const random = seededRandom(7);
const noise = Uint8Array.from({ length: 200_000 }, () => random() * 256);
const text = new TextEncoder().encode('{"step":1}\n'.repeat(20_000));

Deno.test("gzip() writes what another gzip reads, and gunzip() reads what another writes", async () => {
  for (const bytes of [new Uint8Array(), Uint8Array.of(7), text, noise]) {
    const packed = await gzip(bytes);
    assert.deepEqual(new Uint8Array(gunzipSync(packed)), bytes);
    assert.deepEqual(await gunzip(packed, bytes.length), bytes);
    assert.deepEqual(await gunzip(new Uint8Array(gzipSync(bytes)), 300_000), bytes);
  }
  assert.ok((await gzip(text)).length < text.length / 100);
});

Deno.test("gunzip() gives nothing past the limit, and unpacks hardly more than it", async () => {
  assert.equal(await gunzip(await gzip(text), text.length - 1), undefined);
  const bomb = new Uint8Array(gzipSync(new Uint8Array(256 * 1024 * 1024)));
  assert.ok(bomb.length < 300_000);
  const startBytes = Deno.memoryUsage().rss;
  assert.equal(await gunzip(bomb, 1_000_000), undefined);
  assert.ok(Deno.memoryUsage().rss - startBytes < 64 * 1024 * 1024);
});

Deno.test("gunzip() gives nothing for damaged, cut off, continued or foreign bytes", async () => {
  const packed = await gzip(text);
  const broken: readonly Uint8Array[] = [
    new Uint8Array(),
    text,
    packed.subarray(0, -1),
    packed.subarray(0, packed.length / 2),
    packed.subarray(1),
    Uint8Array.of(...packed, 0),
    Uint8Array.of(...packed, ...packed),
    ...[0, 1, 2, 20, packed.length - 8, packed.length - 5, packed.length - 4, packed.length - 1].map((at) =>
      packed.with(at, packed[at]! ^ 1)
    ),
  ];
  for (const [i, bytes] of broken.entries()) {
    assert.equal(await gunzip(bytes, 1_000_000), undefined, `case ${i}`);
  }
});
