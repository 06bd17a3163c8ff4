import assert from "node:assert/strict";
import { join } from "node:path";
import { findConfigFile, readConfigFile } from "../../../lib/runtime/read_config_file.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads a file with that content. */
function read(content: string, check: (path: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const path = join(folder, "pot.jsonc");
    await Deno.writeTextFile(path, content);
    await check(path);
  });
}

Deno.test("readConfigFile() takes comments, trailing commas and a byte order mark", () =>
  read(
    '\ufeff{\n  // one\n  "chainId": 137, /* two */\n  "rpcUrls": ["https://a.example", ],\n}\n',
    async (path) => {
      assert.deepEqual(await readConfigFile(path), { chainId: 137, rpcUrls: ["https://a.example"] });
    },
  ));

Deno.test("readConfigFile() names file and line of what is not JSON", () =>
  read('{\n  "chainId": 137\n  "chain": "evm"\n}\n', async (path) => {
    await assert.rejects(readConfigFile(path), {
      name: "UsageError",
      message: "Cannot read the configuration file as it is not JSON with comments",
      facts: [`file: ${path}, line 3`, "problem: CommaExpected"],
      hint: "correct that line, or the one before it",
    });
  }));

Deno.test("readConfigFile() refuses what is not one object", async () => {
  for (const content of ["[]", "1", '"x"', "null", "true"]) {
    await read(content, async (path) => {
      await assert.rejects(readConfigFile(path), {
        name: "UsageError",
        message: "Cannot read the configuration file as it is not an object",
        facts: [`file: ${path}`],
      });
    });
  }
  for (const content of ["", "  // nothing\n", "{} {}", "{'a': 1}", "{a: 1}"]) {
    await read(content, async (path) => {
      await assert.rejects(
        readConfigFile(path),
        { name: "UsageError", message: /as it is not JSON with comments$/ },
        content,
      );
    });
  }
});

Deno.test("readConfigFile() refuses a key that stands twice in one object, and names it", async () => {
  const cases = [
    ['{\n  "chainId": 137,\n  "contract": "a",\n  "chainId": 1,\n}', 4, "chainId"],
    ['{"alerts": {"a": 1,\n"a": 1}}', 2, "a"],
    ['{"a": [{"b": 1, "\\u0062": 2}]}', 1, "b"],
  ] as const;
  for (const [content, line, key] of cases) {
    await read(content, async (path) => {
      await assert.rejects(readConfigFile(path), {
        name: "UsageError",
        message: "Cannot read the configuration file as a key stands in it twice",
        facts: [`file: ${path}, line ${line}`, `key: "${key}"`],
        hint: "remove one of the two: which of them was meant, nobody can tell",
      });
    });
  }
  await read('{"a": {"b": 1}, "c": {"b": 1}, "b": [{"a": 1}, {"a": 1}]}', async (path) => {
    assert.equal(Object.keys(await readConfigFile(path)).length, 3);
  });
});

Deno.test("readConfigFile() refuses what is nested without end", () =>
  read("[".repeat(200_000), async (path) => {
    await assert.rejects(readConfigFile(path), {
      name: "UsageError",
      message: "Cannot read the configuration file as it is nested too deep",
      facts: [`file: ${path}`],
    });
  }));

Deno.test("readConfigFile() says that a file is missing, or why it is unreadable", () =>
  inFolder(async (folder) => {
    const path = join(folder, "other.jsonc");
    await assert.rejects(readConfigFile(path), {
      name: "UsageError",
      message: "Cannot read the configuration file as there is no such file",
      facts: [`file: ${path}`],
      hint: "check --config, or make one with: pot init",
    });
    await assert.rejects(readConfigFile(folder), {
      name: "UsageError",
      message: "Cannot read the configuration file as it is unreadable",
      hint: "check the path and its permissions",
    });
  }));

Deno.test("readConfigFile() treats __proto__ as a key like any other", () =>
  read('{"__proto__": {"home": "/elsewhere"}}', async (path) => {
    const file = await readConfigFile(path);
    assert.deepEqual(Object.keys(file), ["__proto__"]);
    assert.equal(file["home"], undefined);
  }));

Deno.test("findConfigFile() finds the nearest pot.jsonc upward, files only", () =>
  inFolder(async (folder) => {
    const deep = join(folder, "a", "b", "c");
    await Deno.mkdir(deep, { recursive: true });
    await Deno.writeTextFile(join(folder, "pot.jsonc"), "{}");
    assert.equal(await findConfigFile(deep), join(folder, "pot.jsonc"));
    await Deno.mkdir(join(folder, "a", "b", "pot.jsonc"));
    assert.equal(await findConfigFile(deep), join(folder, "pot.jsonc"));
    await Deno.writeTextFile(join(folder, "a", "pot.jsonc"), "{}");
    assert.equal(await findConfigFile(deep), join(folder, "a", "pot.jsonc"));
  }));

Deno.test("findConfigFile() answers undefined at the root, and where the folder does not exist", async () => {
  assert.equal(await findConfigFile("/"), undefined);
  assert.equal(await findConfigFile("/no-such-folder-here/x"), undefined);
});
