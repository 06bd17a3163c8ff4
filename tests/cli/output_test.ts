import assert from "node:assert/strict";
import { ValidationError } from "@cliffy/command";
import { formatError, type Report, report, toJson } from "../../cli/output.ts";
import type { CliContext } from "../../cli/cli_context.ts";
import { createRedactor } from "../../lib/core/redactor.ts";
import { PotError, UsageError } from "../../lib/core/errors.ts";

const LINES = { isJson: false };

function print(what: Report, { isJson = false, isTerminal = false } = {}) {
  let out = "";
  let err = "";
  const context = { out: (text: string) => out += text, err: (text: string) => err += text, isTerminal };
  report(context as unknown as CliContext, { json: isJson }, what);
  return { out, err };
}

Deno.test("report() prints lines for people and one document for programs", () => {
  const what = { json: { size: 7n, deep: [{ size: 1n << 64n }] }, lines: ["a", "b"], next: ["pot status"] };
  assert.deepEqual(print(what), { out: "a\nb\n", err: "" });
  assert.deepEqual(print(what, { isTerminal: true }), { out: "a\nb\n", err: "\nnext:\n  pot status\n" });
  const { out, err } = print(what, { isJson: true, isTerminal: true });
  assert.deepEqual(JSON.parse(out), { size: "7", deep: [{ size: "18446744073709551616" }] });
  assert.equal(err, "");
});

Deno.test("toJson() is indented and leaves out what is undefined", () => {
  assert.equal(toJson({ a: undefined, b: 1n }), '{\n  "b": "1"\n}');
});

Deno.test("formatError() prints summary, facts and hint, never a stack trace", () => {
  const cause = new Error("inner");
  const error = new UsageError("Cannot X as Y", { facts: ["file: a", "line: 2"], hint: "try Z", cause });
  assert.equal(formatError(error, LINES), "error: Cannot X as Y\n  file: a\n  line: 2\n  → try Z\n");
  assert.equal(formatError(new PotError("Cannot X"), LINES), "error: Cannot X\n");
  assert.deepEqual(JSON.parse(formatError(error, { isJson: true })), {
    error: { message: "Cannot X as Y", facts: ["file: a", "line: 2"], hint: "try Z" },
  });
});

Deno.test("formatError() redacts URLs and secrets in summary and facts, as lines and as JSON", () => {
  const error = new PotError("Cannot reach https://rpc.example.org/v2/topsecret", {
    facts: ["url: https://user:topsecret@rpc.example.org", "key: 0xABAB", 'json: a"bc'],
  });
  for (const isJson of [false, true]) {
    const shown = formatError(error, { isJson, redactor: createRedactor(["abab", 'a"bc', ""]) });
    assert.ok(!/topsecret|abab|a\\*"bc/i.test(shown), shown);
    assert.match(shown, /rpc\.example\.org/);
  }
});

Deno.test("formatError() says what the operating system refused, and what to do", () => {
  const error = new Deno.errors.PermissionDenied("Permission denied (os error 13): open '/x'");
  assert.equal(
    formatError(error, LINES),
    [
      "error: Cannot finish as the operating system refused something",
      "  reason: Permission denied (os error 13): open '/x'",
      "  → check the path, its permissions and the free space, then try again",
      "",
    ].join("\n"),
  );
});

Deno.test("formatError() takes anything that can be thrown", () => {
  assert.equal(formatError(new Error("plain"), LINES), "error: plain\n");
  assert.equal(formatError("text", LINES), "error: text\n");
  assert.equal(formatError(undefined, LINES), "error: undefined\n");
  assert.equal(formatError(new ValidationError("Missing argument"), LINES), "error: Missing argument\n");
});
