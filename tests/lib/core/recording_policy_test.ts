import assert from "node:assert/strict";
import fc from "fast-check";
import type { MetricValue } from "../../../lib/core/record.ts";
import {
  createRecordingPolicy,
  formatRule,
  type PolicyEvent,
  type RecordingRule,
} from "../../../lib/core/recording_policy.ts";

const steps = (...list: readonly number[]): PolicyEvent[] => list.map((step) => ({ step }));
const losses = (...list: readonly (MetricValue | undefined)[]): PolicyEvent[] =>
  list.map((loss, step) => ({ step, ...(loss === undefined ? {} : { metrics: { loss } }) }));

/** Which events are recorded, `finish` included. */
function recorded(rules: readonly RecordingRule[], events: readonly PolicyEvent[]): number[] {
  const policy = createRecordingPolicy<PolicyEvent>({ rules });
  const kept = events.map((event, i) => policy.decide(event).record ? i : -1).filter((i) => i >= 0);
  const last = policy.finish();
  return last === undefined ? kept : [...kept, events.lastIndexOf(last)];
}

Deno.test("createRecordingPolicy() records the first of each stretch of n, and first and last", () => {
  const rules = [{ every: 10, unit: "steps" }] as const;
  assert.deepEqual(recorded(rules, steps(0, 3, 9, 10, 11, 25, 26, 29)), [0, 3, 5, 7]);
  assert.deepEqual(recorded(rules, steps(7, 14, 21)), [0, 1, 2]);
  // Set back to an earlier step, the run does that stretch anew.
  assert.deepEqual(recorded(rules, steps(8, 18, 9, 19, 19)), [0, 1, 2, 3, 4]);
  const big = ["9007199254740993", "9007199254740999", "9007199254741000", "9007199254741001"].map((
    step,
  ) => ({ step }));
  assert.deepEqual(recorded(rules, big), [0, 2, 3]);
  const epochs = [0, 0.5, 1.99, 2, 2.5, 5].map((epoch) => ({ epoch }));
  assert.deepEqual(recorded([{ every: 2, unit: "epochs" }], epochs), [0, 3, 5]);
});

Deno.test("createRecordingPolicy() records improvements by more than the margin, in the stated direction", () => {
  const min = [{ improves: "loss", direction: "min", byMoreThan: 0.5 }] as const;
  // Small steps add up: each is compared with where the rule last recorded.
  assert.deepEqual(recorded(min, losses(5, 4.75, 4.5, 4.25, 9, 9)), [0, 3, 5]);
  const max = [{ improves: "loss", direction: "max", byMoreThan: 0 }] as const;
  assert.deepEqual(recorded(max, losses(1, 1, 2, 1, 1)), [0, 2, 4]);
});

Deno.test("createRecordingPolicy() takes no missing, NaN or infinite value for an improvement", () => {
  for (const direction of ["min", "max"] as const) {
    const policy = createRecordingPolicy<PolicyEvent>({
      rules: [{ improves: "loss", direction, byMoreThan: 0 }],
    });
    const said = losses("NaN", "-Infinity", "Infinity", undefined, NaN, 3, "NaN", 3).map((event) =>
      policy.decide(event)
    );
    const rule = `improves=loss:${direction}:0`;
    assert.deepEqual(said.map(({ record, reasons }) => [record, ...reasons]), [
      [true, "first"],
      [false, `${rule}: not finite`],
      [false, `${rule}: not finite`],
      [false, `${rule}: not measured`],
      [false, `${rule}: not finite`],
      [true, rule],
      [false, `${rule}: not finite`],
      [false, `${rule}: no improvement`],
    ]);
  }
  const policy = createRecordingPolicy<PolicyEvent>({
    rules: [{ improves: "toString", direction: "max", byMoreThan: 0 }],
  });
  policy.decide({ step: 0 });
  assert.deepEqual(policy.decide({ step: 1, metrics: {} }).reasons, [
    "improves=toString:max:0: not measured",
  ]);
});

Deno.test("createRecordingPolicy() counts what it skips, and hands back the last one once", () => {
  const policy = createRecordingPolicy<PolicyEvent>({
    rules: [{ every: 2, unit: "epochs" }, { improves: "loss", direction: "min", byMoreThan: 0 }],
  });
  assert.equal(policy.finish(), undefined);
  const events = losses(3, undefined, 3);
  for (const event of events) policy.decide(event);
  assert.deepEqual(policy.summary(), {
    recorded: 1,
    skipped: 2,
    skippedBecause: {
      "every=2epochs: no epoch": 2,
      "improves=loss:min:0: not measured": 1,
      "improves=loss:min:0: no improvement": 1,
    },
  });
  assert.equal(policy.finish(), events[2]);
  assert.equal(policy.finish(), undefined);
  assert.deepEqual(policy.summary(), {
    recorded: 2,
    skipped: 1,
    skippedBecause: { "every=2epochs: no epoch": 1, "improves=loss:min:0: not measured": 1 },
  });
});

Deno.test("createRecordingPolicy() without rules records the first and the last", () => {
  assert.deepEqual(recorded([], steps(1, 2, 3)), [0, 2]);
  assert.deepEqual(recorded([], steps(1)), [0]);
  assert.deepEqual(recorded([], []), []);
});

const rule: fc.Arbitrary<RecordingRule> = fc.oneof(
  fc.record({
    every: fc.integer({ min: 1, max: 6 }),
    unit: fc.constantFrom("steps" as const, "epochs" as const),
  }),
  fc.record({
    improves: fc.constantFrom("a", "b"),
    direction: fc.constantFrom("min" as const, "max" as const),
    byMoreThan: fc.constantFrom(0, 1, 2.5),
  }),
);
const metric = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom<MetricValue>("NaN", "Infinity", "-Infinity"),
);
const event: fc.Arbitrary<PolicyEvent> = fc.record({
  step: fc.integer({ min: 0, max: 30 }),
  epoch: fc.integer({ min: 0, max: 30 }),
  metrics: fc.record({ a: metric, b: metric }, { requiredKeys: [] }),
}, { requiredKeys: [] });

/** Looks back over the whole list for each event, and keeps no state. */
function naive(rules: readonly RecordingRule[], events: readonly PolicyEvent[]): number[] {
  const asks = (each: RecordingRule, i: number): boolean => {
    if ("every" in each) {
      const at = (e: PolicyEvent) => each.unit === "steps" ? e.step as number | undefined : e.epoch;
      const here = at(events[i]!);
      const before = events.slice(0, i).map(at).filter((value) => value !== undefined).at(-1);
      return here !== undefined &&
        (before === undefined || Math.floor(here / each.every) !== Math.floor(before / each.every));
    }
    const value = events[i]!.metrics?.[each.improves];
    if (typeof value !== "number") return false;
    const asked = events.slice(0, i).map((_, j) => j).filter((j) => asks(each, j));
    if (asked.length === 0) return true;
    const best = events[asked.at(-1)!]!.metrics![each.improves] as number;
    return each.direction === "max" ? value - best > each.byMoreThan : best - value > each.byMoreThan;
  };
  return events.map((_, i) => i).filter((i) =>
    i === 0 || i === events.length - 1 || rules.some((each) => asks(each, i))
  );
}

Deno.test("createRecordingPolicy() does as a model that looks back over everything", () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.array(event, { maxLength: 12 }), (rules, events) => {
      assert.deepEqual(recorded(rules, events), naive(rules, events));
    }),
    { numRuns: 400 },
  );
});

Deno.test("createRecordingPolicy() counts each event once, and any rule's yes is enough", () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.array(event, { maxLength: 20 }), (rules, events) => {
      const policy = createRecordingPolicy<PolicyEvent>({ rules });
      const single = rules.map((each) => createRecordingPolicy<PolicyEvent>({ rules: [each] }));
      for (const [i, each] of events.entries()) {
        const { record, reasons } = policy.decide(each);
        const asking = rules.filter((_, j) => {
          const said = single[j]!.decide(each);
          return said.reasons.includes(formatRule(rules[j]!));
        });
        assert.deepEqual(reasons.filter((reason) => record && reason !== "first"), asking.map(formatRule));
        assert.equal(record, i === 0 || asking.length > 0);
      }
      const { recorded: kept, skipped } = policy.summary();
      assert.equal(kept + skipped, events.length);
    }),
    { numRuns: 200 },
  );
});
