import assert from "node:assert/strict";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { scanJsonLines, type ScanJsonLinesOptions } from "../../../lib/io/scan_json_lines.ts";

async function scan(content: string | Uint8Array, options: Partial<ScanJsonLinesOptions> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${folder}/lines`, bytes);
    return await Array.fromAsync(scanJsonLines(`${folder}/lines`, { files: denoFiles, ...options }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("scanJsonLines() goes on behind a damaged line, and leaves a torn one out", async () => {
  assert.deepEqual(await scan('{"a":1}\n{"a":\n\xff\n2\n{"torn"'), [
    { line: 1, value: { a: 1 } },
    { line: 2, value: undefined, problem: "it is not JSON" },
    { line: 3, value: undefined, problem: "it is not JSON" },
    { line: 4, value: 2 },
  ]);
  assert.deepEqual(await scan(""), []);
  assert.deepEqual(await Array.fromAsync(scanJsonLines("/nowhere/lines", { files: denoFiles })), []);
});

Deno.test("scanJsonLines() reads lines that are longer than what it reads at once, and refuses those that are none", async () => {
  const long = `"${"x".repeat(2_500_000)}"`;
  const tooLong = `"${"y".repeat(5_000_000)}"`;
  const lines = await scan(`1\n${long}\n${tooLong}\n4\n`);
  assert.deepEqual(lines.map(({ line, value, problem }) => [line, String(value).length, problem]), [
    [1, 1, undefined],
    [2, 2_500_000, undefined],
    [3, 9, "it is longer than 4194304 bytes"],
    [4, 1, undefined],
  ]);
});

Deno.test("scanJsonLines() stays between the offsets that it is given", async () => {
  assert.deepEqual(await scan("1\n2\n3\n", { end: 4 }), [{ line: 1, value: 1 }, { line: 2, value: 2 }]);
  assert.deepEqual(await scan("1\n2\n3\n", { end: 3 }), [{ line: 1, value: 1 }]);
  assert.deepEqual(await scan("1\n2\n3\n", { from: { offset: 4, line: 3 } }), [{ line: 3, value: 3 }]);
});
