import assert from "node:assert/strict";
import { parseMetrics, parseParameters } from "../../cli/parse_pair.ts";

Deno.test("parseMetrics() reads numbers and the spelled-out values of a diverged run", () => {
  assert.deepEqual(
    parseMetrics(["loss=0.25", "a=-1e-3", "b=0", "n=NaN", "p=Infinity", "m=-Infinity", "x y= 7 "]),
    { loss: 0.25, a: -0.001, b: 0, n: "NaN", p: "Infinity", m: "-Infinity", "x y": 7 },
  );
});

Deno.test("parseMetrics() names the pair that is no number", () => {
  for (const pair of ["loss=", "loss= ", "loss=low", "loss=1,5", "loss=nan", "loss=1e999", "loss=0.1=0.2"]) {
    assert.throws(() => parseMetrics(["a=1", pair]), {
      name: "UsageError",
      message: `Cannot use --metric "${pair}" as it must be name=number, such as loss=0.25`,
    });
  }
  for (const pair of ["loss", "", "=1"]) {
    assert.throws(() => parseMetrics([pair]), {
      message: `Cannot use --metric "${pair}" as it must be name=value`,
    });
  }
});

Deno.test("parseMetrics() refuses a name twice and has no trouble with names of Object's own", () => {
  assert.throws(() => parseMetrics(["loss=1", "loss=1"]), {
    message: 'Cannot use --metric "loss=1" as it must be given once for each name',
  });
  const values = parseMetrics(["__proto__=1", "constructor=2", "toString=3"]);
  assert.deepEqual(Object.entries(values), [["__proto__", 1], ["constructor", 2], ["toString", 3]]);
});

Deno.test("parseParameters() reads JSON where it is JSON, and text otherwise", () => {
  assert.deepEqual(
    parseParameters([
      "lr=1e-3",
      "layers=[64,64]",
      "flag=true",
      "none=null",
      "name=adam",
      'quoted="8"',
      "empty=",
      "eq=a=b",
    ]),
    { lr: 0.001, layers: [64, 64], flag: true, none: null, name: "adam", quoted: "8", empty: "", eq: "a=b" },
  );
  assert.throws(() => parseParameters(["lr"]), {
    message: 'Cannot use --parameter "lr" as it must be name=value',
  });
  assert.throws(() => parseParameters(["lr=1", "lr=2"]), { message: /given once for each name$/ });
});
