import assert from "node:assert/strict";
import { isLoopback } from "../../../lib/core/is_loopback.ts";

Deno.test("isLoopback() takes this machine as a URL spells it, and nothing that only looks like it", () => {
  const hostOf = (host: string, scheme: string) => new URL(`${scheme}://${host}/`).hostname;
  for (const scheme of ["http", "postgres"]) {
    for (const host of ["localhost", "127.0.0.1", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]"]) {
      assert.equal(isLoopback(hostOf(host, scheme)), true, `${scheme} ${host}`);
    }
    for (
      const host of [
        "localhost.example",
        "127.0.0.1.example",
        "127.example",
        "128.0.0.1",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "[::ffff:127.0.0.1]",
        "example",
      ]
    ) assert.equal(isLoopback(hostOf(host, scheme)), false, `${scheme} ${host}`);
  }
  for (const host of ["", "::1", "localhost:80", "[::1]:80"]) assert.equal(isLoopback(host), false, host);
});
