import assert from "node:assert/strict";
import { parsePostgresUrl } from "../../../lib/log/postgres_url.ts";

Deno.test("parsePostgresUrl() takes a URL apart", () => {
  assert.deepEqual(parsePostgresUrl("postgresql://us%40er:p%3Ass%2Fword@127.0.0.1:5433/my%20db"), {
    host: "127.0.0.1",
    port: 5433,
    database: "my db",
    user: "us@er",
    password: "p:ss/word",
    tls: "off",
  });
  assert.deepEqual(
    parsePostgresUrl("postgres://db.example/pot?sslrootcert=/etc/ca.pem&sslmode=verify-full"),
    {
      host: "db.example",
      port: 5432,
      database: "pot",
      tls: "full",
      rootCertificateFile: "/etc/ca.pem",
    },
  );
});

Deno.test("parsePostgresUrl() never chooses plain text beyond this machine by itself", () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ["localhost", "", "off"],
    ["127.0.0.1", "", "off"],
    ["127.9.9.9", "", "off"],
    ["[::1]", "", "off"],
    ["[0:0::1]", "", "off"],
    ["[::2]", "", "full"],
    ["127.0.0.1000", "", "full"],
    ["localhost", "?sslmode=require", "unverified"],
    ["db.example", "", "full"],
    ["10.0.0.1", "", "full"],
    ["localhost.example", "", "full"],
    ["127.0.0.1.example", "", "full"],
    ["db.example", "?sslmode=disable", "off"],
    ["db.example", "?sslmode=require", "unverified"],
    ["db.example", "?sslmode=verify-ca", "chain"],
    ["db.example", "?sslmode=verify-full", "full"],
    ["db.example", "?sslmode=require&sslrootcert=ca.pem", "chain"],
    ["db.example", "?sslmode=allow", undefined],
    ["db.example", "?sslmode=prefer", undefined],
    ["db.example", "?sslmode=", undefined],
    ["db.example", "?sslmode=toString", undefined],
    ["db.example", "?sslmode=disable&sslmode=verify-full", undefined],
    ["db.example", "?SSLMODE=disable", undefined],
  ];
  for (const [host, query, tls] of cases) {
    assert.equal(parsePostgresUrl(`postgres://user@${host}/pot${query}`)?.tls, tls, `${host}${query}`);
  }
});

Deno.test("parsePostgresUrl() answers undefined for what is no database URL", () => {
  for (
    const text of [
      "",
      "pot",
      "https://db.example/pot",
      "postgres://db.example",
      "postgres://db.example/",
      "postgres:///pot",
      "postgres://a:1,b:2/pot",
      "postgres://db.example/pot#part",
      "postgres://db.example/%zz",
      "postgres://us%er@db.example/pot",
      "postgres://db.example/pot?target_session_attrs=any",
      "postgres://db.example/pot?host=elsewhere",
    ]
  ) assert.equal(parsePostgresUrl(text), undefined, text);
});
