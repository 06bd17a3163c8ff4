import assert from "node:assert/strict";
import { parseArgs } from "@std/cli/parse-args";
import { unicodeWidth } from "@std/cli/unicode-width";
import * as cli from "@std/cli";

Deno.test("@std/cli exports the same functions from its root", () => {
  assert.equal(cli.parseArgs, parseArgs);
  assert.equal(cli.unicodeWidth, unicodeWidth);
});

Deno.test("parseArgs() reads options, numbers and words", () => {
  const args = parseArgs(["--name=x", "--count", "3", "one", "2", "-v"]);
  assert.deepEqual({ ...args }, { _: ["one", 2], name: "x", count: 3, v: true });
});

Deno.test("parseArgs() keeps strings as strings and booleans from taking a value", () => {
  const args = parseArgs(["--id", "007", "--force", "file"], { string: ["id"], boolean: ["force", "quiet"] });
  assert.deepEqual({ ...args }, { _: ["file"], id: "007", force: true, quiet: false });
});

Deno.test("parseArgs() collects, negates, renames and fills in", () => {
  const args = parseArgs(["--file", "a", "--file", "b", "--no-color", "-o", "out"], {
    string: ["file", "output"],
    boolean: ["color"],
    collect: ["file"],
    negatable: ["color"],
    alias: { output: "o" },
    default: { level: 1 },
  });
  assert.deepEqual(args.file, ["a", "b"]);
  assert.equal(args.color, false);
  assert.equal(args.output, "out");
  assert.equal(args.o, "out");
  assert.equal(args["level"], 1);
});

Deno.test("parseArgs() puts what follows -- where it is asked to", () => {
  assert.deepEqual({ ...parseArgs(["a", "--", "--b"]) }, { _: ["a", "--b"] });
  assert.deepEqual({ ...parseArgs(["a", "--", "--b"], { "--": true }) }, { _: ["a"], "--": ["--b"] });
});

Deno.test("parseArgs() leaves everything alone after the first word with stopEarly", () => {
  assert.deepEqual({ ...parseArgs(["--a", "--", "run", "--b"], { stopEarly: true, boolean: ["a"] }) }, {
    _: ["run", "--b"],
    a: true,
  });
});

Deno.test("parseArgs() reports an option that is named nowhere", () => {
  const seen: unknown[] = [];
  const args = parseArgs(["--known", "--other=1"], {
    boolean: ["known"],
    unknown: (arg) => {
      seen.push(arg);
      return false;
    },
  });
  assert.deepEqual(seen, ["--other=1"]);
  assert.deepEqual({ ...args }, { _: [], known: true });
});

Deno.test("unicodeWidth() counts terminal columns", () => {
  const widths: [text: string, columns: number][] = [
    ["", 0],
    ["hello", 5],
    ["é", 1],
    ["e\u0301", 1],
    ["größe — ░▒▓█", 12],
    ["天地玄黃", 8],
    ["ｆｕｌｌ", 8],
    ["한국어", 6],
    ["\u1112\u1161\u11ab", 2],
    ["🚀", 2],
    ["a\u200bb", 2],
    ["line\nbreak\t", 9],
  ];
  for (const [text, columns] of widths) assert.equal(unicodeWidth(text), columns, JSON.stringify(text));
});
