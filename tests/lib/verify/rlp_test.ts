import { RLP } from "@ethereumjs/rlp";
import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError } from "../../../lib/core/errors.ts";
import { encodeRlpNumber, readRlp, type RlpItem, rlpItems, rlpNumber } from "../../../lib/verify/rlp.ts";

const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));
type Nested = Uint8Array | Nested[];

function decodeAll(item: RlpItem): Nested {
  return item.isList ? rlpItems(item, 10_000).map(decodeAll) : item.payload;
}

const encodeNested = (value: Nested): Uint8Array => RLP.encode(value);

const refusals: readonly (readonly [string, string, string])[] = [
  ["nothing", "", "it ends where an item should begin"],
  ["a byte with a needless prefix", "81 7f", "a byte has a needless prefix"],
  ["a short string in the long form", "b8 01 ff", "a short length is written as a long one"],
  ["55 bytes in the long form", `b8 37 ${"aa".repeat(55)}`, "a short length is written as a long one"],
  ["a short list in the long form", "f8 01 01", "a short length is written as a long one"],
  ["a length with leading zeros", `b9 00 38 ${"aa".repeat(56)}`, "a length has leading zeros"],
  ["a cut string", "82 aa", "an item is longer than what holds it"],
  ["a cut list", "c2 01", "an item is longer than what holds it"],
  ["a cut length", "b9 01", "an item is longer than what holds it"],
  ["a length of 2^64 - 1", `bf ${"ff".repeat(8)}`, "an item is longer than what holds it"],
  ["a list of 2^64 - 1", `ff ${"ff".repeat(8)}`, "an item is longer than what holds it"],
  ["a trailing byte", "01 02", "something follows its item"],
  ["a list and a trailing byte", "c1 01 00", "something follows its item"],
];

Deno.test("readRlp() refuses every spelling but the canonical one, and what is cut or trails", () => {
  for (const [what, text, reason] of refusals) {
    assert.throws(() => decodeAll(readRlp(hex(text))), {
      name: "PotError",
      message: `Cannot read the RLP as ${reason}`,
    }, what);
  }
  // Inside a list as well.
  assert.throws(() => decodeAll(readRlp(hex("c2 81 05"))), { message: /needless prefix/ });
  assert.throws(() => decodeAll(readRlp(hex("c1 82"))), { message: /longer than what holds it/ });
});

Deno.test("readRlp() reads what the reference library writes, and nothing that is not written so", () => {
  const nested = fc.letrec<{ value: Nested }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 250, maxLength: 300 })),
      fc.array(tie("value"), { maxLength: 6 }),
    ),
  })).value;
  fc.assert(
    fc.property(nested, (value) => {
      assert.deepEqual(decodeAll(readRlp(encodeNested(value))), value);
    }),
    { seed: 1, numRuns: 500 },
  );
  fc.assert(
    fc.property(nested, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
      const bytes = encodeNested(value).slice();
      bytes[place % bytes.length]! ^= change;
      try {
        assert.deepEqual(encodeNested(decodeAll(readRlp(bytes))), bytes);
      } catch (error) {
        if (!(error instanceof PotError)) throw error;
      }
    }),
    { seed: 2, numRuns: 1_500 },
  );
});

Deno.test("rlpItems() refuses more items than asked for, and a string in the place of a list", () => {
  const list = readRlp(RLP.encode([1, 2, 3]));
  assert.equal(rlpItems(list, 3).length, 3);
  assert.throws(() => rlpItems(list, 2), { message: "Cannot read the RLP as a list has more than 2 items" });
  assert.throws(() => rlpItems(readRlp(RLP.encode("abc")), 2), {
    message: "Cannot read the RLP as a byte string stands in the place of a list",
  });
});

Deno.test("rlpNumber() takes numbers below 2^64 without leading zeros", () => {
  for (const value of [0n, 1n, 127n, 128n, 255n, 256n, 2n ** 53n, 2n ** 64n - 1n]) {
    assert.equal(rlpNumber(readRlp(RLP.encode(value))), value);
  }
  for (const bytes of ["00", "82 00 01", `89 01 ${"00".repeat(8)}`, "c0"]) {
    assert.throws(() => rlpNumber(readRlp(hex(bytes))), PotError, bytes);
  }
});

Deno.test("encodeRlpNumber() writes a place in a block as the reference library does", () => {
  for (
    const value of [0, 1, 127, 128, 129, 199, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 40 + 7, 2 ** 53 - 1]
  ) {
    assert.deepEqual(encodeRlpNumber(value), RLP.encode(BigInt(value)), String(value));
  }
});
