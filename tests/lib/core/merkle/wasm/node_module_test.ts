import assert from "node:assert/strict";
import { buildNodeModule } from "../../../../../lib/core/merkle/wasm/build_node_module.ts";
import { formatNodeModule } from "../../../../../lib/core/merkle/wasm/format_node_module.ts";
import { nodeModuleBase64 } from "../../../../../lib/core/merkle/wasm/node_module.ts";
import { initialState, roundConstants } from "../../../../../lib/core/merkle/wasm/sha256_constants.ts";

const COMMITTED = new URL("../../../../../lib/core/merkle/wasm/node_module.ts", import.meta.url);

Deno.test("node_module.ts is byte for byte what the generator gives", async () => {
  assert.equal(await Deno.readTextFile(COMMITTED), formatNodeModule());
  assert.deepEqual(Uint8Array.fromBase64(nodeModuleBase64), buildNodeModule());
});

Deno.test("buildNodeModule() makes a valid module that can reach nothing but its own fixed memory", () => {
  const bytes = buildNodeModule();
  assert.ok(WebAssembly.validate(bytes));
  const module = new WebAssembly.Module(bytes);
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  assert.deepEqual(WebAssembly.Module.exports(module), [
    { name: "memory", kind: "memory" },
    { name: "hashPairs", kind: "function" },
  ]);
  const { memory } = new WebAssembly.Instance(module).exports as { memory: WebAssembly.Memory };
  assert.equal(memory.buffer.byteLength, 192 * 1024);
  assert.throws(() => memory.grow(1), RangeError);
});

Deno.test("the constants are those that FIPS 180-4 prints", () => {
  const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, "0"));
  assert.deepEqual(
    hex(initialState),
    "6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19".split(" "),
  );
  assert.equal(roundConstants.length, 64);
  assert.deepEqual(hex(roundConstants.slice(0, 4)), ["428a2f98", "71374491", "b5c0fbcf", "e9b5dba5"]);
  assert.deepEqual(hex(roundConstants.slice(60)), ["90befffa", "a4506ceb", "bef9a3f7", "c67178f2"]);
});
