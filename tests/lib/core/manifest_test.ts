import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError } from "../../../lib/core/errors.ts";
import {
  compareManifests,
  encodeManifest,
  manifestDigest,
  type ManifestFile,
  MAX_MANIFEST_BYTES,
  parseManifest,
} from "../../../lib/core/manifest.ts";

const HASH = "ab".repeat(32);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const line = (path: string, digest = HASH): ManifestFile => ({ digest, path, sizeBytes: 3 });

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((name) => !/[/\0]/.test(name) && name !== "." && name !== "..");
const manifests = fc.uniqueArray(
  fc.record({
    digest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex()),
    path: fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
    sizeBytes: fc.maxSafeNat(),
  }, { noNullPrototype: true }),
  { selector: ({ path }) => path, maxLength: 6 },
);

Deno.test("encodeManifest() writes canonical JSON in code unit order, whatever order it is given", () => {
  // U+10000 is written with surrogates, which come before U+FFEE.
  const paths = ["-rf", "B", "a", "a\nb", "a b", "a/b", "a/c", "e\u0301", "\u00e9", "\u{10000}", "\uffee"];
  const text = new TextDecoder().decode(encodeManifest(paths.map((path) => line(path))));
  const at = ["-rf", "B", "a", "a\\nb", "a b", "a/b", "a/c", "e\u0301", "\u00e9", "\u{10000}", "\uffee"]
    .map((path) => text.indexOf(`"path":"${path}","sizeBytes":3}`));
  assert.ok(at.every((place, i) => place > 0 && (i === 0 || place > at[i - 1]!)), text);
  assert.ok(text.startsWith(`{"files":[{"digest":"${HASH}","path":"-rf","sizeBytes":3},`));
  assert.ok(text.endsWith(`],"schema":"pot-manifest/1"}`));
  assert.deepEqual(encodeManifest(paths.toReversed().map((path) => line(path))), bytesOf(text));
});

Deno.test("parseManifest() reads back what encodeManifest() wrote", () => {
  fc.assert(fc.property(manifests, (files) => {
    const bytes = encodeManifest(files);
    assert.deepEqual(parseManifest(bytes), files.toSorted((a, b) => (a.path < b.path ? -1 : 1)));
    assert.match(manifestDigest(bytes), /^[0-9a-f]{64}$/);
  }));
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /it is empty/],
  ["no JSON", "{", /ends in the middle/],
  ["a list", "[]", /schema is not known/],
  ["another version", `{"files":[],"schema":"pot-manifest/2"}`, /schema is not known/],
  ["no files", `{"files":{},"schema":"pot-manifest/1"}`, /files is not a list/],
  ["a path that leaves", file({ path: "a/../../b" }), /files\[0\]\.path is not a path below/],
  ["an absolute path", file({ path: "/etc/passwd" }), /path is not a path below/],
  ["an empty path", file({ path: "" }), /path is not a path below/],
  ["a path of a folder", file({ path: "a/" }), /path is not a path below/],
  ["a path that is no text", file({ path: 1 }), /path is not a path below/],
  ["a NUL in a path", file({ path: "a\0b" }), /path is not a path below/],
  ["a digest in capitals", file({ digest: HASH.toUpperCase() }), /digest is not 64 lowercase hex/],
  ["a negative size", file({ sizeBytes: -1 }), /sizeBytes is not a whole number/],
  ["a fraction of a byte", file({ sizeBytes: 0.5 }), /sizeBytes is not a whole number/],
  ["an unknown field", file({ mode: 493 }), /not canonical JSON/],
  ["white space", `{"files":[], "schema":"pot-manifest/1"}`, /not canonical JSON/],
  ["a byte order mark", `\ufeff{"files":[],"schema":"pot-manifest/1"}`, /byte order mark/],
  ["nesting", `${"[".repeat(10_000)}`, /nested deeper than 4/],
  ["a path that stands twice", list(["a", "a"]), /files\[1\] is not in order/],
  ["another order", list(["b", "a"]), /files\[1\] is not in order/],
];

function file(changes: Readonly<Record<string, unknown>>): string {
  const { digest, path, sizeBytes, ...more } = { ...line("a"), ...changes } as Record<string, unknown>;
  return JSON.stringify({ files: [{ digest, ...more, path, sizeBytes }], schema: "pot-manifest/1" });
}

function list(paths: readonly string[]): string {
  const files = paths.map((path) => ({ digest: HASH, path, sizeBytes: 3 }));
  return JSON.stringify({ files, schema: "pot-manifest/1" });
}

for (const [name, text, message] of refused) {
  Deno.test(`parseManifest() refuses ${name}`, () => {
    assert.throws(() => parseManifest(bytesOf(text)), (error) => {
      assert.ok(error instanceof PotError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("parseManifest() refuses what is not UTF-8, and what is too large before it reads it", () => {
  assert.throws(() => parseManifest(Uint8Array.of(0x7b, 0xff)), /not UTF-8/);
  assert.throws(() => parseManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1)), /larger than 67108864 bytes/);
});

Deno.test("parseManifest() never accepts a manifest with one byte changed to another meaning of itself", () => {
  const files = [line("a/b"), line("c")];
  const bytes = encodeManifest(files);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= mask;
      try {
        assert.notDeepEqual(parseManifest(damaged), files);
      } catch (error) {
        assert.ok(error instanceof PotError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("compareManifests() tells changed, missing and added files apart", () => {
  const other = "cd".repeat(32);
  const recorded = [line("same"), line("changed"), line("gone")];
  const found = [line("same"), line("changed", other), line("new")];
  assert.deepEqual(compareManifests(recorded, found), {
    changed: ["changed"],
    missing: ["gone"],
    added: ["new"],
  });
  assert.deepEqual(compareManifests(recorded, recorded), { changed: [], missing: [], added: [] });
});
