import assert from "node:assert/strict";
import { PotError } from "../../../lib/core/errors.ts";
import { parseUrlPrefix } from "../../../lib/core/parse_url_prefix.ts";

Deno.test("parseUrlPrefix() takes HTTPS, and plain HTTP to this machine only", () => {
  assert.equal(parseUrlPrefix("https://example.org/w/1//", "witness"), "https://example.org/w/1");
  assert.equal(parseUrlPrefix("https://example.org", "witness"), "https://example.org");
  assert.equal(parseUrlPrefix("http://127.0.0.1:8080/w", "witness"), "http://127.0.0.1:8080/w");
  const refused: readonly (readonly [string, RegExp])[] = [
    ["http://example.org/hunter2", /as it is not HTTPS/],
    ["http://127.0.0.1.example.org", /as it is not HTTPS/],
    ["ftp://127.0.0.1/", /as it is not HTTPS/],
    ["file:///etc/passwd", /as it is not HTTPS/],
    ["example.org", /malformed/],
    ["", /malformed/],
    ["https://user:hunter2@example.org/", /more than host, port and path/],
    ["https://example.org/?key=hunter2", /more than host, port and path/],
    ["https://example.org/#hunter2", /more than host, port and path/],
  ];
  for (const [url, message] of refused) {
    assert.throws(() => parseUrlPrefix(url, "witness"), (error) => {
      assert.ok(error instanceof PotError && error.exitCode === 2);
      assert.match(error.message, message);
      assert.ok(!JSON.stringify([error.message, error.facts, error.hint]).includes("hunter2"), url);
      return true;
    });
  }
});
