import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from "../../../lib/log/entry_bundle.ts";

Deno.test("encodeBundle() puts a big-endian u16 length before each entry", () => {
  const entries = [Uint8Array.of(1, 2, 3), new Uint8Array(), new Uint8Array(258).fill(9)];
  const bundle = encodeBundle(entries);
  assert.deepEqual(bundle.slice(0, 9), Uint8Array.of(0, 3, 1, 2, 3, 0, 0, 1, 2));
  assert.equal(bundle.length, 2 + 3 + 2 + 2 + 258);
  assert.throws(() => encodeBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)]), RangeError);
});

Deno.test("decodeBundle() gives back what encodeBundle() took, and where it stands", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 600 })), (entries) => {
    const bundle = encodeBundle(entries);
    const decoded = decodeBundle(bundle)!;
    assert.deepEqual(decoded.map(({ bytes }) => bytes), entries);
    for (const { bytes, offset } of decoded) {
      assert.deepEqual(bundle.slice(offset, offset + bytes.length), bytes.slice());
    }
  }));
});

Deno.test("decodeBundle() answers undefined for a bundle cut inside an entry", () => {
  const entries = [Uint8Array.of(1, 2, 3), Uint8Array.of(4)];
  const bundle = encodeBundle(entries);
  for (let cut = 0; cut < bundle.length; cut++) {
    assert.equal(
      decodeBundle(bundle.subarray(0, cut))?.length,
      ({ 0: 0, 5: 1 } as Record<number, number>)[cut],
      `cut at ${cut}`,
    );
  }
});
