import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { parseJson } from "../../../lib/core/parse_json.ts";

const limits = { maxBytes: 1_000_000, maxDepth: 32, subject: "the proof" };

function refusalOf(text: string, options = limits): PotError {
  try {
    parseJson(text, options);
  } catch (error) {
    assert.ok(error instanceof PotError);
    assert.equal(error.exitCode, 1);
    return error;
  }
  throw new Error("the text was accepted");
}

Deno.test("parseJson() parses what is within its limits", () => {
  assert.deepEqual(parseJson('{"a":[1,"\\ud83d\\ude02"]}', limits), { a: [1, "😂"] });
  assert.deepEqual(parseJson(" null\n", limits), null);
  assert.deepEqual(parseJson('"[[[[[["', { maxBytes: 8, maxDepth: 0 }), "[[[[[[");
});

Deno.test("parseJson() refuses more values than the caller allows, wherever they stand", () => {
  const refusal = "Cannot read the proof as it holds more than 4 values";
  for (const text of ["[1,2,3]", '{"a":1,"b":2,"c":3}', '"[[[[,,,,"']) {
    parseJson(text, { ...limits, maxValues: 4 });
  }
  for (const text of ["[1,2,3,4]", '{"a":1,"b":2,"c":[]}', "[[],[],[]]", "[[[[[]]]]]"]) {
    assert.equal(refusalOf(text, { ...limits, maxValues: 4 } as typeof limits).message, refusal, text);
  }
});

Deno.test("parseJson() says in one sentence what it refuses", () => {
  const cases: [string, string][] = [
    ["", "it is empty"],
    [" \n", "it is empty"],
    ['\ufeff{"a":1}', "it starts with a byte order mark"],
    ['{"a":1', "it ends in the middle of the JSON"],
    ['{"a":1\n', "it ends in the middle of the JSON"],
    ['{"a":"x', "it ends in the middle of the JSON"],
    ['{"a":"x\\', "it ends in the middle of the JSON"],
    ["[1,", "it ends in the middle of the JSON"],
    ["tru", "it ends in the middle of the JSON"],
    ['{"a":1} x', "something follows the JSON value"],
    ["{}{}", "something follows the JSON value"],
    ["{}\0", "something follows the JSON value"],
    ["hello", "it is not JSON"],
    ["[1,]", "it is not JSON"],
    ["[NaN]", "it is not JSON"],
    ["{'a':1}", "it is not JSON"],
    ["[1] // x", "something follows the JSON value"],
    ['{"a":1,"b":{"c":1,"\\u0063":2}}', 'the key "c" stands twice in one object'],
    ['{"a":["\\ud800"]}', "a[0] has a lone surrogate, which no Unicode text has"],
    ['{"a":"\ud800"}', "a has a lone surrogate, which no Unicode text has"],
    ['"\\udc00x"', "the value has a lone surrogate, which no Unicode text has"],
    ['{"x":{"\\udc00":1}}', 'the key "\\udc00" has a lone surrogate, which no Unicode text has'],
  ];
  for (const [text, reason] of cases) {
    assert.equal(refusalOf(text).message, `Cannot read the proof as ${reason}`, JSON.stringify(text));
  }
});

Deno.test("parseJson() calls the text what the caller calls it", () => {
  assert.throws(() => parseJson("", { maxBytes: 1, maxDepth: 1 }), {
    message: "Cannot read the text as it is empty",
  });
});

Deno.test("parseJson() counts UTF-8 bytes exactly", () => {
  const options = { ...limits, maxBytes: 8 };
  for (const text of ['"abcdef"', '"ééé"', '"€€"', '"😂é"', '"😂ab"']) {
    assert.equal(new TextEncoder().encode(text).length, 8, text);
    assert.equal(parseJson(text, options), JSON.parse(text));
    assert.equal(
      refusalOf(`${text} `, options).message,
      "Cannot read the proof as it is larger than 8 bytes",
    );
  }
});

Deno.test("parseJson() refuses the level past its limit, before it parses", () => {
  const nest = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.ok(parseJson(nest(32), limits));
  const expected = "Cannot read the proof as it is nested deeper than 32 levels";
  assert.equal(refusalOf(nest(33)).message, expected);
  assert.equal(refusalOf("[".repeat(1_000_000)).message, expected);
  assert.equal(refusalOf('{"a":'.repeat(100_000)).message, expected);
  assert.equal(parseJson(`[${"[],".repeat(1000)}"${"[".repeat(100)}"]`, limits) instanceof Array, true);
});

Deno.test("parseJson() survives a deep value where the caller allows one", () => {
  const text = "[".repeat(100_000) + '"\\ud800"' + "]".repeat(100_000);
  const options = { maxBytes: 1_000_000, maxDepth: 100_000, subject: "it" };
  assert.equal(
    refusalOf(text, options).message,
    "Cannot read it as [0][0][0][0][0][0][0][0]… has a lone surrogate, which no Unicode text has",
  );
});

Deno.test("parseJson() tells where the mistake is and never quotes the text", () => {
  const text = '{"key": s3cret-value}';
  const error = refusalOf(text);
  for (const part of [error.message, error.hint, error.cause, error.stack, ...error.facts]) {
    assert.ok(!String(part).includes("s3cret"), String(part));
  }
  assert.deepEqual(refusalOf('{"a" 1}').facts, ["position: 5"]);
  assert.equal(refusalOf('{"a":').hint, "the file may be cut off: get it again");
});
