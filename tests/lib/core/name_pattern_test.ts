import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../lib/core/errors.ts";
import { compileNamePattern } from "../../../lib/core/name_pattern.ts";

Deno.test("compileNamePattern() reads step and epoch where the template has them", () => {
  const rows: readonly (readonly [template: string, name: string, expected: unknown])[] = [
    ["ckpt-{step}-e{epoch}.pt", "ckpt-0500-e3.pt", { step: 500, epoch: 3 }],
    ["ckpt-{step}-e{epoch}.pt", "ckpt-500-e3.5.pt", { step: 500, epoch: 3.5 }],
    ["ckpt-{step}-e{epoch}.pt", "ckpt-500-e3.pt.bak", undefined],
    ["ckpt-{step}-e{epoch}.pt", "Ckpt-500-e3.pt", undefined],
    ["e{epoch}.7z", "e3.7z", { epoch: 3 }],
    ["e{epoch}", "e3.25", { epoch: 3.25 }],
    ["checkpoint{epoch}.pt", "checkpoint3.pt", { epoch: 3 }],
    ["checkpoint_{epoch}_{step}.pt", "checkpoint_3_15000.pt", { step: 15000, epoch: 3 }],
    ["*-{step}.pt", "run-2-a-500.pt", { step: 500 }],
    ["*{step}*", "run12-b7", { step: 12 }],
    ["*{step}.pt", "a1b23.pt", { step: 23 }],
    ["*{step}", `x${"9".repeat(79)}`, undefined],
    ["v2{step}", "v2500", { step: 500 }],
    ["{step}", "9007199254740993", { step: "9007199254740993" }],
    ["{step}", "", undefined],
    ["{step}.(pt|bin)+$", "7.(pt|bin)+$", { step: 7 }],
  ];
  for (const [template, name, expected] of rows) {
    assert.deepEqual(compileNamePattern(template)(name), expected, `${template} on ${name}`);
  }
});

Deno.test("compileNamePattern() refuses templates that could not be read one way", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["model.pt", "it holds neither {step} nor {epoch}"],
    ["", "it holds neither {step} nor {epoch}"],
    ["{step}-{step}", "a number stands in it twice"],
    ["{step}{epoch}", "nothing parts a number from the digits after it"],
    ["{step}0.pt", "nothing parts a number from the digits after it"],
    ["{name}-{step}", "only {step} and {epoch} may stand in braces"],
    ["{step}-{", "only {step} and {epoch} may stand in braces"],
    ["{step}" + "x".repeat(255), "it is longer than 255 characters"],
  ];
  for (const [template, why] of rows) {
    assert.throws(() => compileNamePattern(template), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, `Cannot use the name pattern as ${why}`);
      return true;
    });
  }
});

Deno.test("compileNamePattern() takes back what the template was filled with", () => {
  const text = fc.stringMatching(/^[a-z_.-]{1,8}$/);
  fc.assert(fc.property(text, text, fc.nat(), fc.nat(), fc.string(), (a, b, step, epoch, junk) => {
    const read = compileNamePattern(`${a}{step}${b}_e{epoch}*`);
    const tail = /^[\d.]/.test(junk) ? "" : junk;
    assert.deepEqual(read(`${a}${step}${b}_e${epoch}${tail}`), { step, epoch });
  }));
});

Deno.test("compileNamePattern() never backtracks without end", () => {
  const start = performance.now();
  const read = compileNamePattern("*a".repeat(100) + "{step}");
  assert.equal(read("a".repeat(1_024)), undefined);
  assert.equal(compileNamePattern("*1".repeat(100) + "*{step}!")("1".repeat(1_024)), undefined);
  assert.ok(performance.now() - start < 2_000);
});
