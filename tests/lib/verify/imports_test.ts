import assert from "node:assert/strict";
import { walk } from "@std/fs";

Deno.test("lib/verify and all it imports run in a browser: no node: module, no Deno, no package but noble's hashes", async () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = async (url: URL) => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const text = await Deno.readTextFile(url);
    // Comments may speak of Deno.
    assert.doesNotMatch(text.replace(/\/\*[^]*?\*\/|\/\/.*/g, ""), /\bDeno\b/, url.href);
    for (const [, specifier = ""] of text.matchAll(/(?:from\s|import\s*\(?)\s*"([^"]+)"/g)) {
      if (specifier.startsWith(".")) await visit(new URL(specifier, url));
      else if (specifier !== "@pot/ops") packages.add(specifier);
    }
  };
  const folder = new URL("../../../lib/verify/", import.meta.url);
  for await (const { path, isFile } of walk(folder)) if (isFile) await visit(new URL(`file://${path}`));
  assert.ok(seen.size > 20, `${seen.size} modules`);
  assert.deepEqual([...packages].sort(), [
    "@noble/hashes/sha2.js",
    "@noble/hashes/sha3.js",
    "@noble/hashes/utils.js",
  ]);
});
