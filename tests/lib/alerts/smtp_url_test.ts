import assert from "node:assert/strict";
import { parseSmtpUrl } from "../../../lib/alerts/smtp_url.ts";

Deno.test("parseSmtpUrl() reads host, port, TLS and login", () => {
  const base = { isImplicitTls: false, isLoopback: false };
  assert.deepEqual(parseSmtpUrl("smtp://mail.example"), { ...base, host: "mail.example", port: 587 });
  assert.deepEqual(parseSmtpUrl("smtps://mail.example/"), {
    ...base,
    host: "mail.example",
    port: 465,
    isImplicitTls: true,
  });
  assert.deepEqual(parseSmtpUrl("smtp://user%40a.example:p%3A%2Fw@mail.example:2525"), {
    ...base,
    host: "mail.example",
    port: 2525,
    user: "user@a.example",
    password: "p:/w",
  });
  for (
    const [url, host] of [["smtp://[::1]:25", "::1"], ["smtp://127.0.0.1", "127.0.0.1"], [
      "smtp://LOCALHOST",
      "LOCALHOST",
    ]]
  ) {
    const { host: found, isLoopback } = parseSmtpUrl(url!)!;
    assert.deepEqual([found, isLoopback], [host, true]);
  }
});

Deno.test("parseSmtpUrl() refuses what is none", () => {
  for (
    const text of [
      "",
      "mail.example:587",
      "http://mail.example",
      "smtp://",
      "smtp:mail.example",
      "smtp://mail.example/path",
      "smtp://mail.example?pool=true",
      "smtp://mail.example#x",
      "smtp://user@mail.example",
      "smtp://:password@mail.example",
      "smtp://a:%0d%0aQUIT@mail.example",
      "smtp://a:%zz@mail.example",
      "smtp://mail.example:99999",
      "smtp://ma il.example",
      "smtp://localhost.example.org%00",
    ]
  ) {
    assert.equal(parseSmtpUrl(text), undefined, text);
  }
  assert.equal(parseSmtpUrl("smtp://localhost.example.org")?.isLoopback, false);
});
