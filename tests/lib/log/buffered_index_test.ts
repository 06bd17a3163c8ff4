import assert from "node:assert/strict";
import { join } from "node:path";
import { type BufferedIndex, bufferIndex } from "../../../lib/log/buffered_index.ts";
import { type IndexRow, type LogIndex, makeLogIndex, openLogIndex } from "../../../lib/log/log_index.ts";

const hash = (n: number, kind: number) => {
  const bytes = new Uint8Array(32).fill(kind);
  new DataView(bytes.buffer).setUint32(2, n);
  return bytes;
};
const row = (position: number): IndexRow => ({
  position,
  id: hash(position, 1),
  eventKey: hash(position, 2),
  runId: `run-${position % 2}`,
  frame: position,
  offset: position,
  lengthBytes: 1,
});
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i));
const markAt = (size: number) => ({ size, identity: "file", end: size * 10, lastFrame: size * 10 - 10 });

/** Two processes on one index file. */
async function withTwo(work: (one: BufferedIndex, other: LogIndex) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "index.sqlite");
    using one = bufferIndex(makeLogIndex(path));
    using other = openLogIndex(path)!;
    work(one, other);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("bufferIndex() finds at once what waits, and others find it after flush()", () =>
  withTwo((one, other) => {
    one.add(rows(0, 2), markAt(2));
    one.addLater(rows(2, 4), markAt(4));
    assert.deepEqual(one.mark(), markAt(4));
    assert.equal(one.findId(hash(3, 1)), 3);
    assert.equal(one.findId(hash(1, 1)), 1);
    assert.equal(one.findEvent(hash(2, 2))?.position, 2);
    assert.equal(one.findEvent(hash(0, 2))?.position, 0);
    assert.deepEqual(one.lastOfRun("run-1"), hash(3, 1));
    assert.equal(one.at(1)?.offset, 1);
    assert.equal(one.at(3)?.offset, 3);
    assert.equal(one.at(4), undefined);
    assert.deepEqual(other.mark(), markAt(2));
    assert.equal(other.findId(hash(3, 1)), undefined);
    assert.deepEqual(one.runPositions("run-0"), [0, 2]);
    assert.deepEqual(other.mark(), markAt(4));
    assert.equal(other.findId(hash(3, 1)), 3);
    assert.deepEqual(other.runs().map(({ recordCount, lastIndex }) => [recordCount, lastIndex]), [[2, 2n], [
      2,
      3n,
    ]]);
  }));

Deno.test("bufferIndex() writes what waits once enough does", () =>
  withTwo((one, other) => {
    for (let size = 0; size < 1_024; size += 64) {
      assert.equal(other.mark().size, 0);
      one.addLater(rows(size, size + 64), markAt(size + 64));
    }
    assert.deepEqual(other.mark(), markAt(1_024));
  }));

Deno.test("bufferIndex() writes what waits before long, and when it is disposed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "index.sqlite");
    using other = makeLogIndex(path);
    {
      using one = bufferIndex(openLogIndex(path)!);
      one.addLater(rows(0, 1), markAt(1));
      while (other.mark().size === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      one.addLater(rows(1, 2), markAt(2));
    }
    assert.deepEqual(other.mark(), markAt(2));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("bufferIndex() gives way to a process that indexed the same entries first, or more", () =>
  withTwo((one, other) => {
    one.addLater(rows(0, 3), markAt(3));
    other.add(rows(0, 2), markAt(2));
    assert.deepEqual(one.mark(), markAt(3));
    one.flush();
    assert.deepEqual(other.mark(), markAt(3));
    assert.deepEqual(other.runPositions("run-0"), [0, 2]);

    one.addLater(rows(3, 4), markAt(4));
    other.add(rows(3, 6), markAt(6));
    assert.deepEqual(one.mark(), markAt(6));
    one.flush();
    assert.deepEqual(other.mark(), markAt(6));
    assert.equal(one.findEvent(hash(5, 2))?.position, 5);
  }));

Deno.test("bufferIndex() forgets what waits when another process clears the index", () =>
  withTwo((one, other) => {
    one.add(rows(0, 2), markAt(2));
    one.addLater(rows(2, 4), markAt(4));
    other.clear();
    one.flush();
    assert.equal(other.mark().size, 0);
    assert.equal(one.mark().size, 0);
    assert.equal(one.findId(hash(3, 1)), undefined);

    one.add(rows(0, 2), markAt(2));
    one.addLater(rows(2, 4), markAt(4));
    other.clear();
    assert.equal(one.mark().size, 0);
    assert.equal(one.findEvent(hash(2, 2)), undefined);
  }));

Deno.test("openLogIndex() finds keys in every stretch, and learns which it has not", () =>
  withTwo((_, index) => {
    const size = 2 * 65_536 + 100;
    index.add(rows(0, size), markAt(size));
    for (const position of [0, 65_535, 65_536, 131_072, size - 1]) {
      assert.equal(index.findId(hash(position, 1)), position);
      assert.equal(index.findEvent(hash(position, 2))?.position, position);
    }
    // While the filters are learned, a piece with each question.
    for (let i = 0; i < 150; i++) {
      const position = i * 7_919 % size;
      assert.equal(index.findEvent(hash(position, 2))?.position, position);
    }
    // Often enough for the filters to be made; they must not hide what was added before or is added later.
    for (let n = size; n < size + 200; n++) assert.equal(index.findEvent(hash(n, 2)), undefined);
    index.add(rows(size, size + 200), markAt(size + 200));
    for (let n = 0; n < size + 200; n += 997) assert.equal(index.findEvent(hash(n, 2))?.position, n);
    for (let n = size; n < size + 200; n++) assert.equal(index.findEvent(hash(n, 2))?.position, n);
    index.clear();
    index.add([{ ...row(0), eventKey: hash(9, 9) }], markAt(1));
    assert.equal(index.findEvent(hash(9, 9))?.position, 0);
    assert.equal(index.findEvent(hash(0, 2)), undefined);
  }));

Deno.test("LogIndex.findEvent() sees what another process added, filters or not", () =>
  withTwo((one, other) => {
    one.add(rows(0, 10), markAt(10));
    other.mark();
    for (let n = 100; n < 200; n++) assert.equal(other.findEvent(hash(n, 2)), undefined);
    one.add(rows(10, 20), markAt(20));
    other.mark();
    assert.equal(other.findEvent(hash(15, 2))?.position, 15);
    one.clear();
    one.add(rows(0, 1), markAt(1));
    one.add([{ ...row(1), eventKey: hash(77, 2) }], markAt(2));
    other.mark();
    assert.equal(other.findEvent(hash(77, 2))?.position, 1);
  }));
