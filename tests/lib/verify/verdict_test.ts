import assert from "node:assert/strict";
import type { Check, Level } from "../../../lib/verify/verdict.ts";
import { verdictExitCode } from "../../../lib/verify/verdict.ts";
import type { ProofState } from "../../../lib/verify/proof.ts";

const pass: Check = { name: "record", outcome: "pass", detail: "" };
const unknown: Check = { name: "endpoint", outcome: "unknown", detail: "" };

Deno.test("verdictExitCode() is 0 for yes, 1 for no, 3 for pending, 4 for could not tell", () => {
  const table: readonly (readonly [boolean, Level, ProofState, readonly Check[], number])[] = [
    [true, "L0", "anchored", [pass], 0],
    [true, "L0", "confirmed", [pass], 0],
    [true, "L0", "final", [pass], 0],
    [true, "L0", "local", [pass], 0],
    [true, "L1", "anchored", [pass], 0],
    [true, "L0", "pending", [pass], 3],
    [true, "L0", "anchored", [pass, unknown], 4],
    [true, "L0", "pending", [pass, unknown], 4],
    // One endpoint confirmed it; another was down.
    [true, "L1", "anchored", [pass, unknown, pass], 0],
    [false, "none", "anchored", [pass], 1],
    [false, "none", "pending", [pass], 1],
    [false, "none", "anchored", [pass, unknown], 1],
  ];
  for (const [ok, level, state, checks, code] of table) {
    assert.equal(
      verdictExitCode({ ok, level, state, checks }),
      code,
      `${ok} ${level} ${state} ${checks.length}`,
    );
  }
});
