import assert from "node:assert/strict";
import fc from "fast-check";
import { redactJson, redactText } from "../../../lib/core/redact.ts";
import { createRedactor } from "../../../lib/core/redactor.ts";
import { urlSecrets } from "../../../lib/core/url_secrets.ts";
import { spellings } from "../../_fakes/planted_secrets.ts";

Deno.test("createRedactor() replaces a secret in every spelling, whatever it is made of", () => {
  const secret = fc.string({ minLength: 8, maxLength: 60, unit: "grapheme" }).filter((text) =>
    text.trim() === text && text.length >= 8 && !text.includes("://") && !/[\r\n]|secret/i.test(text) &&
    text.isWellFormed()
  );
  fc.assert(fc.property(secret, (text) => {
    const redactor = createRedactor([text]);
    for (const [name, spelling] of Object.entries(spellings(text))) {
      const shown = redactor(`before ${spelling} after`);
      assert.ok(!shown.toLowerCase().includes(spelling.toLowerCase()), `${name}: ${shown}`);
      assert.ok(!redactor.known(`|${spelling}|`).includes(spelling), name);
    }
  }));
});

Deno.test("createRedactor() knows a key in hex, in either case, with and without 0x, and as bytes", () => {
  const key = "0123456789abcdef".repeat(4);
  for (const given of [key, `0x${key}`, key.toUpperCase()]) {
    const redactor = createRedactor([given]);
    for (const text of [key, `0x${key}`, key.toUpperCase(), `0X${key}`, Uint8Array.fromHex(key).toBase64()]) {
      assert.match(redactor.known(`key ${text}.`), /^key \[secret\](?:[A-Za-z0-9]{0,2}=)?\.$/, text);
    }
    assert.equal(redactor.known("f".repeat(64)), "f".repeat(64));
  }
});

Deno.test("createRedactor() learns of URLs what may be a key, and leaves words", () => {
  const redactor = createRedactor([
    "https://user:hunter22@rpc.example/polygon-mainnet/v2/0a1b2c3d4e?key=f5e6d7c8b9,wss://ws.example/eth-sepolia",
    "postgres://postgres:hunter44@db.example/provenance",
  ]);
  assert.equal(
    redactor.known("polygon-mainnet 0a1b2c3d4e f5e6d7c8b9 hunter22 eth-sepolia postgres hunter44 provenance"),
    "polygon-mainnet [secret] [secret] [secret] eth-sepolia postgres [secret] provenance",
  );
  const basic = btoa("user:hunter22");
  assert.ok(!redactor(`header: ${basic}`).includes(basic.slice(8, 16)));
  assert.deepEqual(urlSecrets(new URL("https://a%40b12345:p%20w%20d@h.example/rpc")), [
    "p%20w%20d",
    "p w d",
    "a%40b12345",
    "a@b12345",
  ]);
});

Deno.test("createRedactor() learns later, and looks for no text of under four characters", () => {
  const redactor = createRedactor();
  assert.equal(redactor("the key is k-12345"), "the key is k-12345");
  redactor.learn(["k-12345", "abc", ""]);
  assert.equal(redactor("the key is k-12345, abc"), "the key is [secret], abc");
  redactor.learn(["-----BEGIN X-----\nline-of-a-secret-1\nline-of-a-secret-2\n-----END X-----"]);
  assert.equal(redactor("line-of-a-secret-2"), "[secret]");
});

Deno.test("createRedactor().known() leaves the URLs and tokens of others", () => {
  const redactor = createRedactor(["topsecret"]);
  const text = "see https://example.org/a/b?c with pot_AbCdEfGhIjKlMnOpQrSt and topsecret";
  assert.equal(redactor.known(text), text.replace("topsecret", "[secret]"));
  assert.equal(redactor(text), "see https://example.org/[secret]?[secret] with [secret] and [secret]");
});

Deno.test("redactText() hides what looks like anybody's secret", () => {
  const pem = `-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----`;
  for (
    const [text, shown] of [
      [`a ${pem} b`, "a [secret] b"],
      [`a ${JSON.stringify(pem)} b`, 'a "[secret]" b'],
      ["a -----BEGIN PRIVATE KEY-----\nAAAA", "a [secret]"],
      [`id ${"age-secret-key-1" + "Q".repeat(40)}.`, "id [secret]."],
      ["token pot_9aZ-0123456789abcdef end", "token [secret] end"],
      ["pot_anchor_last_success_timestamp_seconds 3", "pot_anchor_last_success_timestamp_seconds 3"],
      ["xoxb-123456789012-abcDEF!", "[secret]!"],
      ["hooks.slack.com/services/T0/B0/XXXX failed", "hooks.slack.com/[secret] failed"],
      ["https://hooks.slack.com/services/T0/B0/XXXX failed", "https://hooks.slack.com/[secret] failed"],
      ['{"routing_key":"0123456789abcdef","payload":{}}', '{"routing_key":"[secret]","payload":{}}'],
      ['{"a":"{\\"routing_key\\":\\"0123\\"}"}', '{"a":"{\\"routing_key\\":\\"[secret]\\"}"}'],
      ['{"password": "a\\"b", "c": 1}', '{"password": "[secret]", "c": 1}'],
      ["key AKIAIOSFODNN7EXAMPLE.", "key [secret]."],
      ["authorization: Basic dXNlcjpwYXNz\nhost: a", "authorization: Basic [secret]\nhost: a"],
      ["Authorization=Bearer abc.def-123; x", "Authorization=Bearer [secret]; x"],
      ["sent Bearer abcdef123456", "sent Bearer [secret]"],
      ["use Basic authentication over TLS", "use Basic authentication over TLS"],
      ["X-Vault-Token: hvs.CAESIJ0123456789abcdef", "X-Vault-Token: [secret]"],
      ["hvs.CAESIJ0123456789abcdef", "[secret]"],
      [
        "PRIVATE_KEY=abc POT_KEYSTORE_PASSPHRASE_FILE=/run/p",
        "PRIVATE_KEY=[secret] POT_KEYSTORE_PASSPHRASE_FILE=/run/p",
      ],
      ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "[secret]"],
      ["token: ops-1 may not anchor", "token: ops-1 may not anchor"],
    ] as const
  ) {
    assert.equal(redactText(text), shown);
    assert.equal(redactText(shown), shown, "again");
  }
});

Deno.test("redactText() stays linear where texts are made to be slow, with many secrets", () => {
  const secrets = Array.from({ length: 30 }, (_, at) => `secret-${at}-${"ab".repeat(at)}`);
  const redactor = createRedactor(secrets);
  const startMs = performance.now();
  for (
    const unit of [
      "-----BEGIN PRIVATE KEY-----",
      "-----BEGIN A ",
      "pot_",
      "pot_a",
      "eyJ",
      "eyJaaaaaaaa.",
      "xoxb-",
      "AKIA",
      "Bearer ",
      "Bearer a",
      "authorization:",
      '"routing_key":"\\',
      '\\"password\\":',
      "PRIVATE_KEY",
      "A_",
      "hooks.slack.com/",
      "secret-1-ab",
      "age-secret-key-",
      "https://",
    ]
  ) redactor(unit.repeat(Math.ceil(300_000 / unit.length)));
  // Quadratic, one of them alone would take a minute.
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});

Deno.test("redactJson() redacts every text of a value, names of fields too", () => {
  const redactor = createRedactor(["topsecret"]);
  assert.deepEqual(
    redactJson({ a: "topsecret", "b topsecret": [1, null, true, { c: "https://h.example/k" }] }, redactor),
    { a: "[secret]", "b [secret]": [1, null, true, { c: "https://h.example/[secret]" }] },
  );
  let deep: unknown = "topsecret";
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assert.ok(!JSON.stringify(redactJson(deep, redactor)).includes("topsecret"));
});
