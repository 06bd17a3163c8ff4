import assert from "node:assert/strict";
import { findViolations, zoneOf } from "./_architecture/find_violations.ts";
import { readModule } from "./_architecture/read_module.ts";
import { order } from "./_architecture/rules.ts";

const ROOT = new URL("../", import.meta.url);
const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const SKIPPED = /^(?:\..*|node_modules|coverage|pot-demo)$/;

async function* sourceFiles(folder = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(new URL(folder, ROOT))) {
    if (SKIPPED.test(name)) continue;
    if (isDirectory) yield* sourceFiles(`${folder}${name}/`);
    else if (isFile && SOURCE.test(name)) yield folder + name;
  }
}

const check = (path: string, source: string) => findViolations(path, readModule(path, source));

Deno.test("every source file keeps to the rules of tests/_architecture/rules.ts", async () => {
  const violations: string[] = [];
  const zones = new Set<string | undefined>();
  for await (const path of sourceFiles()) {
    zones.add(zoneOf(path));
    violations.push(...check(path, await Deno.readTextFile(new URL(path, ROOT))));
  }
  for (const zone of ["lib/core", "lib/chain", "cli", "tests", "bench"]) {
    assert.ok(zones.has(zone), `no file of ${zone} was looked at`);
  }
  assert.deepEqual(violations, []);
});

Deno.test("readModule() finds every way to import, with its line", () => {
  const { imports } = readModule(
    "a.tsx",
    [
      'import a, { b } from "./plain.ts"; // é → 𝄞',
      'import type { C } from "./type.ts";',
      'import { type D } from "./inline_type.ts";',
      'import "./side_effect.ts";',
      'import * as e from "./namespace.ts";',
      'import f from "./data.json" with { type: "json" };',
      'export { g } from "./export.ts";',
      'export type { H } from "./export_type.ts";',
      'export * from "./export_all.ts";',
      'export * as i from "./export_namespace.ts";',
      'const j = await import("./dynamic.ts");',
      "const k = () => import(`./template.ts`);",
      'type L = import("./import_type.ts").L;',
      'type M = typeof import("./typeof.ts");',
      'import n = require("./require.ts");',
      "const o = await import(a);",
      "const p = await import(`./${a}.ts`);",
    ].join("\n"),
  );
  assert.deepEqual(imports.map(({ specifier, line }) => `${line} ${specifier}`), [
    "1 ./plain.ts",
    "2 ./type.ts",
    "3 ./inline_type.ts",
    "4 ./side_effect.ts",
    "5 ./namespace.ts",
    "6 ./data.json",
    "7 ./export.ts",
    "8 ./export_type.ts",
    "9 ./export_all.ts",
    "10 ./export_namespace.ts",
    "11 ./dynamic.ts",
    "12 ./template.ts",
    "13 ./import_type.ts",
    "14 ./typeof.ts",
    "15 ./require.ts",
    "16 undefined",
    "17 undefined",
  ]);
});

Deno.test("readModule() is not fooled by comments, strings, patterns and JSX text", () => {
  const facts = readModule(
    "a.tsx",
    [
      '// import "./comment.ts"; Deno.exit();',
      '/* export * from "./block.ts"; */',
      "const a = 'import \"./string.ts\"; Deno.exit()';",
      'const b = `import "./template.ts"; ${"Deno.exit()"}`;',
      'const c = /import "\\.\\/pattern.ts"`/;',
      `const d = <p>Don't import "./jsx.ts" or Deno.exit()</p>;`,
      "export const e = 1; export { c };",
    ].join("\n"),
  );
  assert.deepEqual(facts, { imports: [], denoLines: [], exitLines: [] });
});

Deno.test("readModule() finds Deno and its exit, however they are spelled", () => {
  const spellings = [
    "Deno.exit(1);",
    'Deno["exit"](1);',
    "globalThis.Deno.exit(1);",
    "const { exit } = Deno;",
    "const { exit: leave, cwd = 1, ...rest } = globalThis.Deno;",
    "const leave = Deno.exit;",
    "Deno?.exit(1);",
  ];
  for (const source of spellings) {
    assert.deepEqual(
      readModule("a.ts", `\n${source}`),
      { imports: [], denoLines: [2], exitLines: [2] },
      source,
    );
  }
  const others = ["Deno.cwd();", "type A = Deno.FsFile;", "const { cwd } = Deno;", "type B = typeof Deno;"];
  for (const source of others) {
    assert.deepEqual(readModule("a.ts", source), { imports: [], denoLines: [1], exitLines: [] }, source);
  }
  assert.deepEqual(readModule("a.ts", "process.exit; exit(); a.exit();").exitLines, []);
});

Deno.test("findViolations() lets each step of the order import those to its left only", () => {
  const steps = order.map((zones) => zones[0]!);
  for (const [i, from] of steps.entries()) {
    for (const [j, to] of steps.entries()) {
      const up = "../".repeat(from.split("/").length);
      const found = check(`${from}/a.ts`, `import "${up}${to}/b.ts";`);
      const expected = j <= i ? [] : [`${from}/a.ts:1 imports ${to}/b.ts, which ${from} must not`];
      assert.deepEqual(found, expected);
    }
  }
});

Deno.test("findViolations() keeps the zones of one step apart", () => {
  const braces = order.find((zones) => zones.length > 1)!;
  assert.deepEqual(braces, ["lib/keys", "lib/log", "lib/chain", "lib/alerts", "lib/backup", "lib/access"]);
  for (const from of braces) {
    for (const to of braces) {
      const found = check(`${from}/a.ts`, `import type { B } from "../../${to}/b.ts";`);
      assert.equal(found.length, from === to ? 0 : 1, `${from} → ${to}`);
    }
  }
});

/** One violation a line: the file, what it holds, what is said of it. */
const planted: readonly (readonly [path: string, source: string, violation: string])[] = [
  ["lib/core/a.ts", 'import "../io/b.ts";', ":1 imports lib/io/b.ts, which lib/core must not"],
  ["lib/core/merkle/a.ts", 'import "../../io/b.ts";', ":1 imports lib/io/b.ts, which lib/core must not"],
  ["lib/log/a.ts", 'export * from "../chain/b.ts";', ":1 imports lib/chain/b.ts, which lib/log must not"],
  ["lib/io/a.ts", 'export { b } from "../log/b.ts";', ":1 imports lib/log/b.ts, which lib/io must not"],
  ["lib/verify/a.ts", 'await import("../io/b.ts");', ":1 imports lib/io/b.ts, which lib/verify must not"],
  [
    "lib/server/a.tsx",
    'type B = import("../runtime/b.ts").B;',
    ":1 imports lib/runtime/b.ts, which lib/server must not",
  ],
  ["lib/recorder/a.ts", "\nawait import(b);", ":2 imports what only run time knows"],
  ["jobs/a.ts", 'import "../cli/b.ts";', ":1 imports cli/b.ts, which jobs must not"],
  ["cli/a.ts", 'import "../deploy.ts";', ":1 imports deploy.ts, which cli must not"],
  ["cli/a.ts", 'import "../mod.ts";', ":1 imports mod.ts, which cli must not"],
  ["lib/io/a.ts", 'import "@pot/ops";', ":1 imports mod.ts, which lib/io must not"],
  ["lib/io/a.ts", 'import "@pot/ops/cli";', ":1 imports cli/main.ts, which lib/io must not"],
  ["lib/runtime/a.ts", 'import "../../tests/b.ts";', ":1 imports tests/b.ts, which lib/runtime must not"],
  ["cli/a.ts", 'import "../bench/b.ts";', ":1 imports bench/b.ts, which cli must not"],
  ["deploy.ts", 'import "./tests/b.ts";', ":1 imports tests/b.ts, which deploy.ts must not"],
  ["deploy.ts", 'import "./bench/b.ts";', ":1 imports bench/b.ts, which deploy.ts must not"],
  ["mod.ts", 'export { b } from "./cli/b.ts";', ":1 imports cli/b.ts, which mod.ts must not"],
  ["mod.ts", 'export { b } from "./jobs/b.ts";', ":1 imports jobs/b.ts, which mod.ts must not"],
  ["contracts/a.ts", 'import "../lib/core/b.ts";', ":1 imports lib/core/b.ts, which contracts must not"],
  [
    "lib/io/a.ts",
    'import "../../contracts/artifact.ts";',
    ":1 imports contracts/artifact.ts, which lib/io must not",
  ],
  [
    "lib/log/a.ts",
    'import "../../contracts/artifact.ts";',
    ":1 imports contracts/artifact.ts, which lib/log must not",
  ],
  [
    "lib/chain/a.ts",
    'import "../../contracts/compile.ts";',
    ":1 imports contracts/compile.ts, which lib/chain must not",
  ],
  [
    "lib/chain/a.ts",
    'import "../../deno.json" with { type: "json" };',
    ":1 imports deno.json, which lib/chain must not",
  ],
  ["cli/a.ts", 'import "../links/std-fs/mod.ts";', ":1 imports links/std-fs/mod.ts, which cli must not"],
  [
    "links/std-fs/a.ts",
    'import "../std-cli/mod.ts";',
    ":1 imports links/std-cli/mod.ts, which links/std-fs must not",
  ],
  ["cli/a.ts", 'import "../../outside.ts";', ":1 imports ../outside.ts, which cli must not"],
  ["cli/a.ts", 'import "/etc/b.ts";', ":1 imports /etc/b.ts, which cli must not"],
  ["cli/a.ts", 'import "../lib/unheard/b.ts";', ":1 imports lib/unheard/b.ts, which cli must not"],
  ["lib/unheard/a.ts", "", " is in no folder that the rules know"],
  ["lib/a.ts", "", " is in no folder that the rules know"],
  ["unheard/a.ts", "", " is in no folder that the rules know"],
  ["unheard.ts", "", " is in no folder that the rules know"],
  ["lib/core/a.ts", 'import { join } from "node:path";', ":1 imports node:path in lib/core"],
  ["lib/verify/a.ts", 'import type { Buffer } from "node:buffer";', ":1 imports node:buffer in lib/verify"],
  ["lib/core/a.ts", "\n\nDeno.cwd();", ":3 uses Deno in lib/core"],
  ["lib/verify/a.ts", "export type F = Deno.FsFile;", ":1 uses Deno in lib/verify"],
  ["lib/io/a.ts", "Deno.exit(1);", ":1 ends the process, which only a main file may"],
  ["cli/demo/main.ts", "const { exit } = Deno;", ":1 ends the process, which only a main file may"],
];

Deno.test("findViolations() names each planted violation", () => {
  for (const [path, source, violation] of planted) assert.deepEqual(check(path, source), [path + violation]);
});

Deno.test("findViolations() lets through what the rules allow", () => {
  const allowed: readonly (readonly [path: string, source: string])[] = [
    ["lib/chain/a.ts", 'import "../../contracts/artifact.ts"; import "node:path"; Deno.cwd();'],
    ["lib/recorder/a.ts", 'import "../../contracts/artifact.ts"; import "../access/b.ts";'],
    ["cli/a.ts", 'import "../contracts/artifact.ts"; import "../jobs/b.ts"; import "./demo/b.ts";'],
    ["lib/core/merkle/a.ts", 'import "../hex.ts"; import "@noble/hashes/sha2.js";'],
    ["mod.ts", 'export * from "./lib/recorder/b.ts"; export * from "./contracts/artifact.ts";'],
    ["deploy.ts", 'import "./cli/b.ts"; import "./contracts/compile.ts"; import "./mod.ts"; Deno.exit(0);'],
    [
      "tests/a.ts",
      'import "../cli/b.ts"; import "@pot/ops"; import "../bench/b.ts"; Deno.exit(1); import(b);',
    ],
    ["bench/a.ts", 'import "../tests/b.ts"; import "../lib/core/b.ts";'],
    ["links/std-fs/a.ts", 'import "./mod.ts"; import "deno-std";'],
    ["cli/main.ts", 'Deno.exit(1); import "../deno.json" with { type: "json" };'],
    ["jobs/main.ts", "Deno.exit(1);"],
  ];
  for (const [path, source] of allowed) assert.deepEqual(check(path, source), [], path);
});
