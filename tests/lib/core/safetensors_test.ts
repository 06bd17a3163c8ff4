import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import {
  encodeSafetensors,
  type Float32Tensor,
  MAX_SAFETENSORS_HEADER_BYTES,
  parseSafetensorsHeader,
} from "../../../lib/core/safetensors.ts";

/** A file with any header text and that many data bytes. */
function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (dtype: string, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });

function refusal(bytes: Uint8Array): readonly string[] {
  try {
    parseSafetensorsHeader(bytes);
  } catch (error) {
    assert.ok(error instanceof PotError, `threw ${error}`);
    assert.equal(error.exitCode, 1);
    return [error.message, ...error.facts];
  }
  assert.fail("accepted");
}

const READ = "Cannot read the safetensors file as";

Deno.test("encodeSafetensors() writes the format's bytes", () => {
  const values = new Float32Array([0, 1, 2, 3, 4, 5]);
  const bytes = encodeSafetensors([{ name: "attn0", shape: [1, 1, 2, 3], values }]);
  // The example of the reference implementation: 65 bytes of JSON, 7 spaces, 24 bytes of values.
  const header = '{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       ';
  assert.deepEqual(bytes.slice(0, 8), new Uint8Array([72, 0, 0, 0, 0, 0, 0, 0]));
  assert.equal(new TextDecoder().decode(bytes.slice(8, 80)), header);
  assert.equal(
    bytes.slice(80).toHex(),
    "00000000" + "0000803f" + "00000040" + "00004040" + "00008040" + "0000a040",
  );
});

Deno.test("encodeSafetensors() writes the reference implementation's bytes for no tensors", () => {
  assert.equal(encodeSafetensors([]).toHex(), "08000000000000007b7d202020202020");
  assert.equal(
    new TextDecoder().decode(encodeSafetensors([], { framework: "pt" }).slice(8)),
    '{"__metadata__":{"framework":"pt"}}     ',
  );
});

const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__");
const floats = fc.float({ noDefaultInfinity: false, noNaN: false });
const tensors: fc.Arbitrary<Float32Tensor[]> = fc.uniqueArray(
  fc.record({ name: names, shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }) }).chain((
    { name, shape },
  ) => {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    return fc.array(floats, { minLength: size, maxLength: size })
      .map((values) => ({ name, shape, values: new Float32Array(values) }));
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);
const metadata = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }));

Deno.test("parseSafetensorsHeader() reads back what encodeSafetensors() wrote", () => {
  fc.assert(fc.property(tensors, metadata, (written, notes) => {
    const bytes = encodeSafetensors(written, notes);
    const header = parseSafetensorsHeader(bytes);
    assert.equal(header.dataStart % 8, 0);
    assert.deepEqual({ ...header.metadata }, { ...notes });
    assert.equal(header.parameterCount, written.reduce((sum, { values }) => sum + values.length, 0));
    assert.equal(header.tensors.length, written.length);
    for (const { name, dtype, shape, dataOffsets: [begin, end] } of header.tensors) {
      const original = written.find((one) => one.name === name)!;
      assert.deepEqual([dtype, shape], ["F32", original.shape]);
      const data = bytes.slice(header.dataStart + begin, header.dataStart + end);
      assert.deepEqual(new Float32Array(data.buffer), original.values);
    }
  }));
});

Deno.test("encodeSafetensors() gives the same bytes whatever the order of tensors and metadata", () => {
  fc.assert(fc.property(tensors, metadata, (written, notes) => {
    const reversed = Object.fromEntries(Object.entries(notes).reverse());
    assert.deepEqual(encodeSafetensors([...written].reverse(), reversed), encodeSafetensors(written, notes));
  }));
});

Deno.test("parseSafetensorsHeader() needs only the file's start when it is told the size", () => {
  const bytes = encodeSafetensors([{ name: "w", shape: [1000], values: new Float32Array(1000) }]);
  const whole = parseSafetensorsHeader(bytes);
  const start = bytes.subarray(0, whole.dataStart);
  assert.deepEqual(parseSafetensorsHeader(start, { sizeBytes: bytes.length }), whole);
  assert.throws(() => parseSafetensorsHeader(start), /the file is shorter than its tensors$/);
});

Deno.test("parseSafetensorsHeader() reads a file that is a view into a larger buffer", () => {
  const bytes = encodeSafetensors([{ name: "w", shape: [2], values: new Float32Array(2) }]);
  const buffer = new Uint8Array(bytes.length + 13).fill(0xff);
  buffer.set(bytes, 5);
  assert.deepEqual(
    parseSafetensorsHeader(buffer.subarray(5, 5 + bytes.length)),
    parseSafetensorsHeader(bytes),
  );
});

Deno.test("parseSafetensorsHeader() knows the size of every dtype", () => {
  const bitsOf = {
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
    ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
    ...{ C64: 64, F64: 64, I64: 64, U64: 64 },
  };
  for (const [dtype, bits] of Object.entries(bitsOf)) {
    const bytes = file(JSON.stringify({ t: tensor(dtype, [4, 3], [0, 12 * bits / 8]) }), 12 * bits / 8);
    assert.equal(parseSafetensorsHeader(bytes).parameterCount, 12, dtype);
  }
});

Deno.test("parseSafetensorsHeader() accepts scalars, empty tensors, any order and fields it does not know", () => {
  const header = JSON.stringify({
    b: tensor("I16", [2], [8, 12]),
    scalar: { ...tensor("F64", [], [0, 8]), note: "later" },
    empty: tensor("F32", [0, 7], [8, 8]),
  });
  const { tensors, parameterCount } = parseSafetensorsHeader(file(header, 12));
  assert.deepEqual(tensors.map(({ name }) => name), ["scalar", "empty", "b"]);
  assert.equal(parameterCount, 3);
});

Deno.test("parseSafetensorsHeader() refuses a file that is no safetensors file", () => {
  assert.deepEqual(refusal(new Uint8Array(7)), [
    `${READ} the file is shorter than its 8-byte header length`,
    "size: 7 bytes",
  ]);
  assert.deepEqual(refusal(file("{}", 0, BigInt(MAX_SAFETENSORS_HEADER_BYTES) + 1n)), [
    `${READ} the header is larger than 100000000 bytes`,
    "header length: 100000001 bytes",
  ]);
  assert.deepEqual(refusal(file("{}", 0, 2n ** 64n - 1n)), [
    `${READ} the header is larger than 100000000 bytes`,
    "header length: 18446744073709551615 bytes",
  ]);
  assert.deepEqual(refusal(file("{}", 0, 3n)), [
    `${READ} the header is cut off`,
    "header length: 3 bytes",
    "bytes after the length: 2",
  ]);
  const notJsonObject = `${READ} the header does not begin with {`;
  for (const header of ["", "[]", " {}", "\ufeff{}", '"{}"']) {
    assert.deepEqual(refusal(file(header)), [notJsonObject], JSON.stringify(header));
  }
  // Length 0 before data that begins with {.
  assert.deepEqual(refusal(file("{}", 0, 0n)), [notJsonObject]);
  assert.deepEqual(refusal(file(new Uint8Array([0x7b, 0xff, 0x7d]))), [`${READ} the header is not UTF-8`]);
});

Deno.test("parseSafetensorsHeader() refuses a header that is not strict JSON", () => {
  const subject = "Cannot read the safetensors header as";
  assert.equal(refusal(file('{"a":'))[0], `${subject} it ends in the middle of the JSON`);
  assert.equal(refusal(file("{a:1}"))[0], `${subject} it is not JSON`);
  assert.equal(refusal(file("{}{}"))[0], `${subject} something follows the JSON value`);
  assert.equal(refusal(file("{}\0"))[0], `${subject} something follows the JSON value`);
  assert.equal(
    refusal(file('{"a":' + "[".repeat(100_000)))[0],
    `${subject} it is nested deeper than 8 levels`,
  );
  const one = JSON.stringify(tensor("U8", [1], [0, 1]));
  assert.equal(
    refusal(file(`{"a":${one},"\\u0061":${one}}`, 1))[0],
    `${subject} the key "a" stands twice in one object`,
  );
});

Deno.test("parseSafetensorsHeader() refuses a wrong tensor by name", () => {
  const check = (value: unknown, dataBytes = 4) => refusal(file(JSON.stringify({ "a.w": value }), dataBytes));
  assert.deepEqual(check(7), [`${READ} tensor "a.w" is not an object`]);
  assert.deepEqual(check([]), [`${READ} tensor "a.w" is not an object`]);
  assert.deepEqual(check(null), [`${READ} tensor "a.w" is not an object`]);
  assert.deepEqual(check(tensor("F33", [1], [0, 4])).slice(0, 2), [
    `${READ} tensor "a.w" has an unknown dtype`,
    'dtype: "F33"',
  ]);
  assert.equal(check({ shape: [1], data_offsets: [0, 4] })[1], "dtype: undefined");
  // A name that every object has must not be taken for a dtype.
  assert.equal(check(tensor("constructor", [1], [0, 4]))[1], 'dtype: "constructor"');
  for (const shape of [undefined, "1", [-1], [0.5], ["1"], [null], [2 ** 53], new Array(65).fill(1)]) {
    assert.deepEqual(check(tensor("F32", shape, [0, 4])), [
      `${READ} tensor "a.w" has a shape that is not a list of whole numbers`,
    ]);
  }
  for (
    const offsets of [undefined, [], [0], [0, 4, 8], [4, 0], [-4, 0], [0, "4"], [0, 4.5], { 0: 0, 1: 4 }]
  ) {
    assert.deepEqual(check(tensor("F32", [1], offsets)), [
      `${READ} tensor "a.w" has data_offsets that are not a begin and an end`,
    ]);
  }
});

Deno.test("parseSafetensorsHeader() refuses a shape that does not fit its bytes", () => {
  const check = (value: unknown, dataBytes: number) => refusal(file(JSON.stringify({ w: value }), dataBytes));
  assert.deepEqual(check(tensor("F32", [2, 3], [0, 20]), 20), [
    `${READ} the shape of tensor "w" does not fit its bytes`,
    "shape × dtype: [2, 3] × F32 = 24 bytes",
    "data_offsets: 0 to 20 = 20 bytes",
  ]);
  // Sizes that a 64-bit product would wrap to zero, and half a byte.
  const mismatch = `${READ} the shape of tensor "w" does not fit its bytes`;
  assert.equal(check(tensor("F32", [2 ** 32, 2 ** 32], [0, 0]), 0)[0], mismatch);
  assert.equal(check(tensor("F32", new Array(64).fill(2 ** 52), [0, 0]), 0)[0], mismatch);
  assert.equal(check(tensor("F32", [...new Array(63).fill(2 ** 52), 0], [0, 0]), 0)[0], mismatch);
  assert.equal(check(tensor("F4", [3], [0, 1]), 1)[0], mismatch);
  assert.equal(check(tensor("F4", [3], [0, 2]), 2)[0], mismatch);
});

Deno.test("parseSafetensorsHeader() refuses overlaps, holes and a file of another size", () => {
  const check = (a: [number, number], b: [number, number], dataBytes: number) =>
    refusal(file(
      JSON.stringify({ a: tensor("U8", [a[1] - a[0]], a), b: tensor("U8", [b[1] - b[0]], b) }),
      dataBytes,
    ));
  assert.deepEqual(check([0, 4], [3, 7], 7), [
    `${READ} tensor "b" overlaps the one before it`,
    "begins at: 3",
    "bytes before it end at: 4",
  ]);
  assert.equal(check([0, 4], [0, 4], 4)[0], `${READ} tensor "b" overlaps the one before it`);
  assert.deepEqual(check([0, 4], [6, 8], 8), [
    `${READ} there is a hole before tensor "b"`,
    "begins at: 6",
    "bytes before it end at: 4",
  ]);
  assert.equal(check([1, 4], [4, 8], 8)[0], `${READ} there is a hole before tensor "a"`);
  assert.deepEqual(check([0, 4], [4, 9], 8), [
    `${READ} the file is shorter than its tensors`,
    "tensors: 9 bytes",
    "file after the header: 8 bytes",
  ]);
  assert.deepEqual(check([0, 4], [4, 6], 8), [
    `${READ} bytes follow the last tensor`,
    "tensors: 6 bytes",
    "file after the header: 8 bytes",
  ]);
});

Deno.test("parseSafetensorsHeader() refuses metadata that is not strings", () => {
  for (const notes of ["x", [], null, { a: 1 }, { a: { b: "c" } }]) {
    assert.deepEqual(refusal(file(JSON.stringify({ __metadata__: notes }))), [
      `${READ} __metadata__ is not an object of strings`,
    ]);
  }
});

Deno.test("parseSafetensorsHeader() refuses every cut of a file, and a byte more", () => {
  const bytes = encodeSafetensors([{ name: "w", shape: [3], values: new Float32Array(3) }]);
  for (let size = 0; size < bytes.length; size++) refusal(bytes.subarray(0, size));
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  refusal(longer);
});

Deno.test("parseSafetensorsHeader() throws nothing but PotError for any bytes", () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.tuple(fc.json(), fc.nat(20)).map(([text, dataBytes]) => file(text, dataBytes)),
    fc.tuple(
      fc.dictionary(
        fc.string(),
        fc.record({ dtype: fc.constant("U8"), shape: fc.anything(), data_offsets: fc.array(fc.nat(9)) }),
      ),
      fc.nat(20),
    )
      .map(([header, dataBytes]) =>
        file(JSON.stringify(header, (_, value) => typeof value === "bigint" ? 0 : value), dataBytes)
      ),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      try {
        parseSafetensorsHeader(bytes);
      } catch (error) {
        assert.ok(error instanceof PotError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("encodeSafetensors() refuses what no reader could take", () => {
  const values = new Float32Array(2);
  const refuse = (list: readonly Float32Tensor[], notes?: Record<string, string>) => {
    let caught: unknown;
    try {
      encodeSafetensors(list, notes);
    } catch (error) {
      caught = error;
    }
    assert.ok(caught instanceof UsageError);
    return [caught.message, ...caught.facts];
  };
  const WRITE = "Cannot write a safetensors file as";
  const good = { name: "w", shape: [2], values };
  assert.deepEqual(refuse([good, { ...good, name: "v" }, good]), [`${WRITE} two tensors are named "w"`]);
  assert.deepEqual(refuse([{ ...good, name: "__metadata__" }]), [
    `${WRITE} the tensor name __metadata__ is reserved`,
  ]);
  for (const shape of [[3], [], [-1, -2], [0.5, 4], [NaN]]) {
    assert.deepEqual(refuse([{ ...good, shape }]), [
      `${WRITE} the shape of "w" does not fit its values`,
      `shape: [${shape.join(", ")}]`,
      "values: 2",
    ]);
  }
  const surrogate = `${WRITE} "\\ud800" has a lone surrogate, which no Unicode text has`;
  assert.deepEqual(refuse([{ ...good, name: "\ud800" }]), [surrogate]);
  assert.deepEqual(refuse([good], { "\ud800": "" }), [surrogate]);
  assert.deepEqual(refuse([good], { a: "\ud800" }), [
    `${WRITE} "a" has a lone surrogate, which no Unicode text has`,
  ]);
  assert.deepEqual(refuse([good], { a: "x".repeat(MAX_SAFETENSORS_HEADER_BYTES) }), [
    `${WRITE} the header is larger than 100000000 bytes`,
  ]);
});
