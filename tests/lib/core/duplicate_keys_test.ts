import assert from "node:assert/strict";
import fc from "fast-check";
import { findDuplicateKey } from "../../../lib/core/duplicate_keys.ts";

Deno.test("findDuplicateKey() finds a key that an object repeats", () => {
  const cases: [string, string][] = [
    ['{"a":1,"a":2}', "a"],
    ['{"a":{"b":1},"c":[{"d":1,"e":2,"d":3}]}', "d"],
    ['{"a":{"a":1},"b":2,"a":3}', "a"],
    ['{"":1,"":2}', ""],
    ['{"a":"}","a":2}', "a"],
    ['{"a":"\\\\","a":2}', "a"],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    [' { "a" : 1 ,\n "a" : 2 } ', "a"],
    ['[{"x":1},{"y":1,"y":2}]', "y"],
  ];
  for (const [text, key] of cases) {
    JSON.parse(text);
    assert.equal(findDuplicateKey(text), key, text);
  }
});

Deno.test("findDuplicateKey() compares keys after unescaping", () => {
  assert.equal(findDuplicateKey('{"a":1,"\\u0061":2}'), "a");
  assert.equal(findDuplicateKey('{"\\/":1,"/":2}'), "/");
  assert.equal(findDuplicateKey('{"\\ud83d\\ude02":1,"😂":2}'), "😂");
  assert.equal(findDuplicateKey('{"\\"":1,"\\u0022":2}'), '"');
  assert.equal(findDuplicateKey('{"\\u0061":1,"\\\\u0061":2}'), undefined);
});

Deno.test("findDuplicateKey() lets equal keys of different objects and equal strings be", () => {
  const texts = [
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '["a","a",["a","a"]]',
    '{"a":["b","b"],"b":1}',
    '{"a":1,"A":2}',
    '"a"',
    "1",
    "{}",
    '{"e\\u0301":1,"\\u00e9":2}',
    '{"k":"a,\\"k\\":1,{"}',
  ];
  for (const text of texts) {
    JSON.parse(text);
    assert.equal(findDuplicateKey(text), undefined, text);
  }
});

Deno.test("findDuplicateKey() never sees a duplicate in what JSON.stringify wrote", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => findDuplicateKey(JSON.stringify(value, null, 1)) === undefined),
  );
});

Deno.test("findDuplicateKey() finds a key that was doubled anywhere", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, pick) => {
      const keys = Object.keys(object);
      const key = keys[pick % keys.length]!;
      const text = `{${JSON.stringify(key)}:0,${JSON.stringify(object).slice(1)}`;
      assert.equal(findDuplicateKey(text), key);
    }),
  );
});

Deno.test("findDuplicateKey() takes a megabyte of nesting or of keys in its stride", () => {
  const arrays = "[".repeat(500_000) + "]".repeat(500_000);
  const objects = '{"":'.repeat(200_000) + "1" + "}".repeat(200_000);
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(",");
  const start = performance.now();
  assert.equal(findDuplicateKey(arrays), undefined);
  assert.equal(findDuplicateKey(objects), undefined);
  assert.equal(findDuplicateKey(`{${keys}}`), undefined);
  assert.equal(findDuplicateKey(`{${keys},"k0":1}`), "k0");
  // A quadratic scan of these would take minutes.
  assert.ok(performance.now() - start < 10_000);
});
