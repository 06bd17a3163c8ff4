import assert from "node:assert/strict";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";

Deno.test("verdictExitCode() is 0 for yes, 1 for no, 3 for pending, 4 for could not tell", () => {
  assert.equal(verdictExitCode({ answer: "valid" }), 0);
  assert.equal(verdictExitCode({ answer: "invalid" }), 1);
  assert.equal(verdictExitCode({ answer: "pending" }), 3);
  assert.equal(verdictExitCode({ answer: "unknown" }), 4);
});
