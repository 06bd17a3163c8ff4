import fc from "fast-check";
import assert from "node:assert/strict";
import { cutText, fitLines, oneLine, plainText } from "../../../lib/alerts/plain_text.ts";

/** Any UTF-16, lone surrogates included. */
const anyText = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom("👩‍👩‍👧‍👦", "e\u0301", "🇩🇪", "\u202e", "\r\n", "\u001b[31m", "&", "<b>", "x", " ", "\u2028"),
  ),
).map((parts) => parts.join(""));

Deno.test("plainText() keeps words, scripts, joined emoji and lines", () => {
  for (
    const text of [
      "plain",
      "two\nlines",
      "日本語",
      "می\u200cخواهم",
      "👩‍👩‍👧‍👦 🇩🇪 é e\u0301",
      "a & b < c > d \" '",
      "",
    ]
  ) {
    assert.equal(plainText(text), text);
  }
});

Deno.test("plainText() takes out what hides, turns text around or is none", () => {
  const cases: readonly (readonly [text: string, plain: string])[] = [
    ["a\u202egnp.exe\u202c", "agnp.exe"],
    ["\u2066a\u2069\u200f\u061cb\ufeff\u200b\u2060c", "abc"],
    ["tag\u{e0041}\u{e007f}s", "tags"],
    ["\u001b[31mred\u001b[0m", "\ufffd[31mred\ufffd[0m"],
    ["a\u0000\u0001\u0085b", "a\ufffd\nb"],
    ["a\u0000\u0001\u009fb", "a\ufffdb"],
    ["a\r\nb\rc\u2028d\u2029e\u000bf\fg", "a\nb\nc\nd\ne\nf\ng"],
    ["a\tb", "a b"],
    ["a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["a\ufffe\uffff\u{1ffff}b", "ab"],
  ];
  for (const [text, plain] of cases) assert.equal(plainText(text), plain, JSON.stringify(text));
});

Deno.test("plainText() and oneLine() leave nothing behind that they take out", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const plain = plainText(text);
      assert.ok(plain.isWellFormed());
      assert.doesNotMatch(plain, /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u);
      assert.equal(plainText(plain), plain);
      const line = oneLine(text);
      assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]|^\s|\s$| {2}/u);
    }),
    { numRuns: 300 },
  );
});

Deno.test("cutText() cuts between what readers take for characters, and never exceeds the limit", () => {
  assert.equal(cutText("abc", 3), "abc");
  assert.equal(cutText("abcd", 3), "ab…");
  assert.equal(cutText("ab cd", 4), "ab…");
  assert.equal(cutText("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 13), "👩‍👩‍👧‍👦…");
  assert.equal(cutText("🇩🇪🇫🇷", 6), "🇩🇪…");
  assert.equal(cutText("e\u0301e\u0301", 3), "e\u0301…");
  // One character that is longer than the limit, and no half of a pair.
  assert.equal(cutText(`a${"\u0301".repeat(100)}`, 5), "a\u0301\u0301\u0301…");
  assert.equal(cutText("😀😀", 2), "…");
  assert.equal(cutText("abc", 0), "");
  const sizeOf = (piece: string) => piece.replaceAll("&", "&amp;").length;
  assert.equal(cutText("a&b", 7, { sizeOf }), "a&b");
  assert.equal(cutText("a&bc", 7, { sizeOf }), "a&…");
  fc.assert(
    fc.property(
      anyText.map((text) => text.toWellFormed()),
      fc.integer({ min: 1, max: 40 }),
      (text, limit) => {
        const cut = cutText(text, limit, { sizeOf });
        assert.ok(sizeOf(cut) <= limit && cut.isWellFormed());
        assert.ok(cut === text || cut.endsWith("…") && text.startsWith(cut.slice(0, -1)));
        const segments = [...new Intl.Segmenter("en").segment(text)].map(({ segment }) => segment);
        const boundaries = segments.map((_, count) => segments.slice(0, count + 1).join("").length);
        const at = cut.length - 1;
        const isBetween = at === 0 || boundaries.includes(at) ||
          boundaries.some((end) => text.slice(at, end).trim() === "");
        assert.ok(
          cut === text || isBetween || sizeOf(segments[0]!) >= limit,
          JSON.stringify([text, limit, cut]),
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("fitLines() keeps whole lines and says how many it left out", () => {
  assert.equal(fitLines([], 10), "");
  assert.equal(fitLines(["a", "b"], 4), "a\nb");
  assert.equal(
    fitLines(["a".repeat(30), "b".repeat(30), "c".repeat(30)], 60),
    `${"a".repeat(30)}\n… and 2 more`,
  );
  assert.equal(fitLines(["a".repeat(100)], 60), "… and 1 more");
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 30, max: 200 }), (lines, limit) => {
      assert.ok(fitLines(lines, limit).length <= limit);
    }),
    { numRuns: 200 },
  );
});
