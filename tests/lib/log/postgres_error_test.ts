import assert from "node:assert/strict";
import { PotError, UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { TlsError } from "../../../lib/core/tls_error.ts";
import { describePostgresError } from "../../../lib/log/postgres_error.ts";

const URL = "postgres://user:hunter-2-hunter@db.example:5432/pot";
const context = { doing: "append", server: "db.example:5432", secrets: [URL, "hunter-2-hunter"] };

function failure(message: string, code?: string, name = "Error"): Error {
  return Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
}

Deno.test("describePostgresError() tells a server that is away from one that refuses, and from one that fails", () => {
  const cases: readonly (readonly [Error, new (...args: never[]) => PotError, string])[] = [
    [
      failure("write CONNECTION_CLOSED db.example:5432", "CONNECTION_CLOSED"),
      UnreachableError,
      "does not answer",
    ],
    [failure("connection refused", "ECONNREFUSED"), UnreachableError, "does not answer"],
    [failure("no such name", "ENOTFOUND"), UnreachableError, "does not answer"],
    [failure("reset", undefined, "ConnectionReset"), UnreachableError, "does not answer"],
    [failure("shutting down", "57P01", "PostgresError"), UnreachableError, "does not answer"],
    [failure("starting up", "57P03", "PostgresError"), UnreachableError, "does not answer"],
    [failure("too many clients", "53300", "PostgresError"), UnreachableError, "does not answer"],
    [
      failure("self-signed certificate", "SELF_SIGNED_CERT_IN_CHAIN"),
      TlsError,
      "shows no certificate that is trusted",
    ],
    [failure("wrong password", "28P01", "PostgresError"), UsageError, "refuses us"],
    [failure("no such database", "3D000", "PostgresError"), UsageError, "refuses us"],
    [failure("may not", "42501", "PostgresError"), UsageError, "refuses us"],
    [failure("disk full", "53100", "PostgresError"), PotError, "reports an error"],
  ];
  for (const [error, type, words] of cases) {
    const described = describePostgresError(error, context);
    assert.ok(described instanceof type, error.message);
    assert.ok(described.message.startsWith("Cannot append as PostgreSQL"), described.message);
    assert.ok(described.message.endsWith(words), described.message);
    assert.equal(described.constructor, type);
  }
});

Deno.test("describePostgresError() shows no secret, wherever the client put it", () => {
  for (const code of ["ECONNREFUSED", "28P01", "53100"]) {
    const error = failure(`cannot reach ${URL} as user with hunter-2-hunter`, code, "PostgresError");
    const described = describePostgresError(error, context);
    assert.ok(described instanceof PotError);
    assert.ok(!Deno.inspect(described, { showHidden: true, depth: 9 }).includes("hunter-2-hunter"));
    assert.deepEqual(described.facts, [
      "server: db.example:5432",
      "reason: cannot reach [secret] as user with [secret]",
      `code: ${code}`,
    ]);
  }
});

Deno.test("describePostgresError() leaves what is not the client's as it is", () => {
  const own = [new UsageError("Cannot append as it is empty"), new TypeError("no key"), "a word", undefined];
  for (const error of own) assert.equal(describePostgresError(error, context), error);
});
