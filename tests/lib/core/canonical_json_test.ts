import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "../../../lib/core/canonical_json.ts";
import { UsageError } from "../../../lib/core/errors.ts";
import vectors from "../../vectors/rfc8785.json" with { type: "json" };

function doubleOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function messageOf(value: unknown): string {
  try {
    canonicalJson(value);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  throw new Error("the value was accepted");
}

for (const [name, [input, output]] of Object.entries(vectors.samples)) {
  Deno.test(`canonicalJson() writes the RFC 8785 sample ${name}`, () => {
    assert.equal(canonicalJson(JSON.parse(input!)), output);
    // The canonical text is its own canonical form.
    assert.equal(canonicalJson(JSON.parse(output!)), output);
  });
}

Deno.test("canonicalJson() writes the UTF-8 bytes that RFC 8785 §3.2.4 prints", () => {
  const [input] = vectors.samples.values as [string, string];
  const bytes = new TextEncoder().encode(canonicalJson(JSON.parse(input)));
  const expected =
    "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b33333333333333" +
    "33332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c" +
    "6e4127425c225c5c5c5c5c222f227d";
  assert.equal(bytes.toHex(), expected);
});

Deno.test("canonicalJson() writes every number of RFC 8785 appendix B", () => {
  for (const [bits, text] of vectors.numbers) {
    assert.equal(canonicalJson(doubleOf(bits!)), text, String(bits));
  }
  for (const bits of vectors.refusedNumbers) {
    assert.throws(() => canonicalJson(doubleOf(bits)), UsageError, bits);
  }
});

Deno.test("canonicalJson() writes -0 as 0", () => {
  assert.equal(canonicalJson([-0, { a: -0 }]), '[0,{"a":0}]');
});

Deno.test("canonicalJson() sorts keys by UTF-16 code units, not by code points or as integers", () => {
  assert.equal(
    canonicalJson({ "\u{1f600}": 1, "\ufb33": 2, "10": 3, "9": 4 }),
    '{"10":3,"9":4,"😀":1,"\ufb33":2}',
  );
});

Deno.test("canonicalJson() keeps keys that objects treat specially", () => {
  const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}');
  assert.equal(canonicalJson(value), '{"__proto__":{"a":1},"constructor":2,"toString":3}');
  assert.equal(canonicalJson(Object.assign(Object.create(null), { b: 1 })), '{"b":1}');
});

Deno.test("canonicalJson() names the part that it refuses, and why", () => {
  const cases: [unknown, string][] = [
    [{ metrics: { loss: NaN } }, "metrics.loss is NaN"],
    [{ metrics: { loss: Infinity } }, "metrics.loss is Infinity"],
    [[1, [2, -Infinity]], "[1][1] is -Infinity"],
    [undefined, "the value is undefined"],
    [{ a: undefined }, "a is undefined"],
    [{ a: () => 1 }, "a is a function"],
    [{ a: Symbol("s") }, "a is a symbol"],
    [{ a: 1n }, "a is a bigint"],
    [{ a: "x\ud800" }, "a is a lone surrogate"],
    [{ a: { "\udc00": 1 } }, 'a["\\udc00"] is a key with a lone surrogate'],
    [{ list: [1, , 3] }, "list is an array with holes or named properties"], // deno-lint-ignore no-sparse-arrays
    [Object.assign([1], { name: 2 }), "the value is an array with holes or named properties"],
    [{ at: new Date(0) }, "at is neither a plain object nor an array"],
    [{ "odd key": new Map() }, '["odd key"] is neither a plain object nor an array'],
    [{ a: new (class Point {})() }, "a is neither a plain object nor an array"],
    [{ a: new Uint8Array(2) }, "a is neither a plain object nor an array"],
    [{ a: new Number(1) }, "a is neither a plain object nor an array"],
    [{ a: { toJSON: () => 1 } }, "a.toJSON is a function"],
    [new (class List extends Array {})(), "the value is neither a plain object nor an array"],
    [{ [Symbol("s")]: 1 }, "the value is an object with a symbol as a key"],
  ];
  for (const [value, reason] of cases) {
    assert.equal(messageOf(value), `Cannot write canonical JSON as ${reason}`);
  }
});

Deno.test("canonicalJson() tells how to keep a number that JSON lacks", () => {
  assert.throws(() => canonicalJson({ loss: NaN }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.hint, "JSON has no such number; a string can stand for it");
    assert.equal(error.exitCode, 2);
    return true;
  });
});

Deno.test("canonicalJson() writes 64 levels of nesting and refuses the 65th, cycles included", () => {
  const nest = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  assert.equal(canonicalJson(nest(64)), "[".repeat(64) + "]".repeat(64));
  const expected =
    "Cannot write canonical JSON as [0][0][0][0][0][0][0][0]… is nested deeper than 64 levels, " +
    "or part of a cycle";
  assert.equal(messageOf(nest(65)), expected);
  assert.equal(messageOf(nest(100_000)), expected);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assert.match(messageOf(cycle), /^Cannot write canonical JSON as self\.self.*… is nested deeper/);
});

Deno.test("canonicalJson() gives text that parses back to the value, whatever the order of keys", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), (value) => {
    const text = canonicalJson(value);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    assert.equal(canonicalJson(reverseKeys(value)), text);
  }));
});

function reverseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverseKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse().map(([key, child]) => [key, reverseKeys(child)]);
  return Object.fromEntries(entries);
}
