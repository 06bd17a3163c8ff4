import assert from "node:assert/strict";
import fc from "fast-check";
import { PotError, UsageError } from "../../../lib/core/errors.ts";
import { parseRecordingPolicy } from "../../../lib/core/parse_recording_policy.ts";
import { formatRule, type RecordingRule } from "../../../lib/core/recording_policy.ts";

Deno.test("parseRecordingPolicy() reads the command line's form", () => {
  assert.deepEqual(parseRecordingPolicy("every=10epochs,improves=accuracy:max:0.01"), {
    rules: [
      { every: 10, unit: "epochs" },
      { improves: "accuracy", direction: "max", byMoreThan: 0.01 },
    ],
  });
  const rules: readonly (readonly [string, RecordingRule])[] = [
    ["every=1step", { every: 1, unit: "steps" }],
    [" every=500steps ", { every: 500, unit: "steps" }],
    ["every=1epoch", { every: 1, unit: "epochs" }],
    ["improves=loss:min", { improves: "loss", direction: "min", byMoreThan: 0 }],
    ["improves=val:acc:max:1e-3", { improves: "val:acc", direction: "max", byMoreThan: 0.001 }],
    ["improves=eval/loss=x:min:2", { improves: "eval/loss=x", direction: "min", byMoreThan: 2 }],
  ];
  for (const [text, rule] of rules) assert.deepEqual(parseRecordingPolicy(text), { rules: [rule] }, text);
  assert.deepEqual(parseRecordingPolicy("ends"), { rules: [] });
});

Deno.test("parseRecordingPolicy() reads JSON, as text and as an object", () => {
  const spec = {
    rules: [{ every: 3, unit: "steps" }, { improves: "a,b", direction: "min", byMoreThan: 0 }],
  };
  assert.deepEqual(parseRecordingPolicy(spec), spec);
  assert.deepEqual(parseRecordingPolicy(JSON.stringify(spec)), spec);
});

const refused: readonly (readonly [unknown, string])[] = [
  ["", "is empty"],
  ["every=0steps", "has a rule whose count is not a whole number from 1"],
  ["every=9999999999999999steps", "has a rule whose count is not a whole number from 1"],
  ["every=10", "has a rule that is not known"],
  ["every=1.5epochs", "has a rule that is not known"],
  ["every=-1steps", "has a rule that is not known"],
  ["every=10epochs,", "has a rule that is not known"],
  ["ends,every=1step", "has a rule that is not known"],
  ["sometimes", "has a rule that is not known"],
  ["improves=loss", "has an improvement without its direction"],
  ["improves=loss:down:1", "has an improvement without its direction"],
  ["improves=loss:min:", "has an improvement without its direction"],
  ["improves=:min:1", "has a rule whose metric is not a name of 1 to 128 characters"],
  ["improves=loss:min:x", "has a rule whose margin is not a number from 0"],
  ["improves=loss:min:-1", "has a rule whose margin is not a number from 0"],
  ["improves=loss:min:Infinity", "has a rule whose margin is not a number from 0"],
  ["x".repeat(5_000), "is longer than 4096 characters"],
  [Array(33).fill("every=1step").join(), "has more than 32 rules"],
  [undefined, 'is not an object with one field, "rules", that is a list'],
  [{}, 'is not an object with one field, "rules", that is a list'],
  [{ rules: [], more: 1 }, 'is not an object with one field, "rules", that is a list'],
  [{ rules: [null] }, "has a rule that is not an object"],
  [{ rules: [{ every: 1 }] }, "has a rule that is not known"],
  [{ rules: [{ every: 1, unit: "days" }] }, "has a rule whose unit is neither steps nor epochs"],
  [
    { rules: [{ improves: "a", direction: "up", byMoreThan: 1 }] },
    "has a rule whose direction is neither min nor max",
  ],
  [
    { rules: [{ improves: 1, direction: "min", byMoreThan: 1 }] },
    "has a rule whose metric is not a name of 1 to 128 characters",
  ],
];

Deno.test("parseRecordingPolicy() says what is wrong with anything else", () => {
  for (const [input, why] of refused) {
    assert.throws(() => parseRecordingPolicy(input), (error: unknown) => {
      assert.ok(error instanceof UsageError, String(input));
      assert.equal(error.message, `Cannot use the recording policy as it ${why}`);
      assert.equal(error.hint, "write it like: every=10epochs,improves=accuracy:max:0.01");
      return true;
    });
  }
  assert.throws(() => parseRecordingPolicy('{"rules":[],"rules":[]}'), /"rules" stands twice/);
});

Deno.test("parseRecordingPolicy() answers any text with a policy or one clear error, at once", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.jsonValue(), fc.stringMatching(/^improves=[:a,.=]{0,40}$/)),
      (input) => {
        try {
          for (const rule of parseRecordingPolicy(input).rules) formatRule(rule);
        } catch (error) {
          assert.ok(error instanceof PotError);
        }
      },
    ),
  );
  const rule = fc.oneof(
    fc.record({ every: fc.integer({ min: 1 }), unit: fc.constantFrom("steps" as const, "epochs" as const) }),
    fc.record({
      improves: fc.stringMatching(/^[A-Za-z/:_. -]{1,20}$/).filter((name) => name.trim() === name),
      direction: fc.constantFrom("min" as const, "max" as const),
      byMoreThan: fc.double({ min: 0, max: 1e6, noNaN: true }).map(Math.abs),
    }),
  );
  fc.assert(fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
    const plain = rules.map((each) => ({ ...each }));
    assert.deepEqual(parseRecordingPolicy(rules.map(formatRule).join(",")), { rules: plain });
  }));
});
