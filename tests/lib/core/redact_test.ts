import assert from "node:assert/strict";
import fc from "fast-check";
import { redactText, redactUrl } from "../../../lib/core/redact.ts";

Deno.test("redactUrl() keeps scheme, host and port only", () => {
  for (
    const [url, shown] of [
      ["https://rpc.example.org", "https://rpc.example.org/"],
      ["https://rpc.example.org/", "https://rpc.example.org/"],
      ["http://127.0.0.1:8545", "http://127.0.0.1:8545/"],
      ["https://rpc.example.org/v3/abc", "https://rpc.example.org/[secret]"],
      ["https://rpc.example.org:8443/?key=abc", "https://rpc.example.org:8443/?[secret]"],
      ["https://user:pass@rpc.example.org/", "https://[secret]@rpc.example.org/"],
      ["https://key@rpc.example.org/a?b#c", "https://[secret]@rpc.example.org/[secret]?[secret]#[secret]"],
      ["postgres://me:pw@db.example.org:5432/pot", "postgres://[secret]@db.example.org:5432/[secret]"],
      ["file:///srv/pot/cli/main.ts:3:1", "file:///srv/pot/cli/main.ts:3:1"],
      ["not a url", "[secret]"],
      ["", "[secret]"],
    ] as const
  ) assert.equal(redactUrl(url), shown, url);
});

Deno.test("redactText() redacts every URL in a sentence and leaves the sentence", () => {
  for (
    const [text, shown] of [
      ["no URL here: 12:30, a/b, https: is a word", "no URL here: 12:30, a/b, https: is a word"],
      [
        "error for url (https://h.example/key): refused",
        "error for url (https://h.example/[secret]): refused",
      ],
      ["see https://h.example/key.", "see https://h.example/[secret]."],
      ['{"url":"https://h.example/key?q=1"}', '{"url":"https://h.example/[secret]?[secret]"}'],
      ["1https://h.example/key", "[secret]"],
      ["https:/h.example/key", "https://h.example/[secret]"],
      ["HTTPS://h.example/KEY", "https://h.example/[secret]"],
      [
        "a https://a.example/1 b http://b.example/2",
        "a https://a.example/[secret] b http://b.example/[secret]",
      ],
      ["https://a.example/1,https://b.example/2", "https://a.example/[secret]"],
      ["https://h.example/[secret]: refused", "https://h.example/[secret]: refused"],
      ["https://[secret]@h.example/[secret]?[secret].", "https://[secret]@h.example/[secret]?[secret]."],
    ] as const
  ) assert.equal(redactText(text), shown);
});

Deno.test("redactText() redacts a secret in each of its spellings", () => {
  const key = `0x${"aB".repeat(32)}`;
  assert.equal(redactText(`key ${key} or ${"AB".repeat(32)}`, [key]), "key [secret] or [secret]");
  assert.equal(redactText('p%40ss, p@ss and "q\\"r"', ["p@ss", 'q"r']), '[secret], [secret] and "[secret]"');
  assert.equal(redactText("token-long and token", ["token", "token-long"]), "[secret] and [secret]");
  assert.equal(redactText("nothing", [""]), "nothing");
});

Deno.test("redactText() never shows a key within a URL, whatever surrounds it", () => {
  const key = fc.stringMatching(/^[A-Za-z0-9_-]{12,40}$/);
  const around = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(
      key,
      around,
      around,
      fc.constantFrom("/v2/", "/?k=", "/#", "/a/b/c?x=1&y="),
      (secret, before, after, lead) => {
        const shown = redactText(`${before} https://host.example${lead}${secret} ${after}`);
        if (!before.includes(secret) && !after.includes(secret)) assert.ok(!shown.includes(secret), shown);
      },
    ),
  );
  fc.assert(fc.property(key, around, (secret, text) => {
    assert.ok(!redactText(`${text}${secret}${text}`, [secret]).includes(secret));
  }));
});

Deno.test("redactText() takes linear time on hostile texts", () => {
  const startMs = performance.now();
  for (
    const text of [
      "x".repeat(500_000),
      "(".repeat(500_000) + "x",
      `https://h/${"'".repeat(500_000)}x`,
      "https:".repeat(100_000),
    ]
  ) {
    redactText(text, ["topsecretkey"]);
  }
  // Quadratic, each would take minutes.
  assert.ok(performance.now() - startMs < 5_000);
});

Deno.test("redactText() leaves a scheme alone that is a word of a sentence", () => {
  for (
    const text of [
      "must be an https:// URL (http:// only to this machine)",
      "https://",
      "wss:// https:\\\\ and http:/",
    ]
  ) {
    assert.equal(redactText(text), text);
  }
});
