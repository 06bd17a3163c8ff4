import assert from "node:assert/strict";
import fc from "fast-check";
import { irisSamples } from "../../../cli/demo/iris_data_set.ts";
import { splitSamples } from "../../../cli/demo/split_samples.ts";
import { UsageError } from "../../../lib/core/errors.ts";

Deno.test("splitSamples() sets aside the same share of each class", () => {
  const { trainingSet, validationSet } = splitSamples(irisSamples, { seed: 1 });
  for (const label of [0, 1, 2]) {
    assert.equal(trainingSet.filter((sample) => sample.label === label).length, 35);
    assert.equal(validationSet.filter((sample) => sample.label === label).length, 15);
  }
});

Deno.test("splitSamples() loses and duplicates no sample", () => {
  fc.assert(fc.property(fc.nat(), fc.double({ min: 0.05, max: 0.95, noNaN: true }), (seed, fraction) => {
    const split = splitSamples(irisSamples, { seed, validationFraction: fraction });
    const both = new Set([...split.trainingSet, ...split.validationSet]);
    assert.equal(split.trainingSet.length + split.validationSet.length, 150);
    assert.equal(both.size, 150);
  }));
});

Deno.test("splitSamples() splits the same way for the same seed, and another way for another", () => {
  const validation = (seed: number) => splitSamples(irisSamples, { seed }).validationSet;
  assert.deepEqual(validation(1), validation(1));
  assert.notDeepEqual(validation(1), validation(2));
});

Deno.test("splitSamples() refuses to leave a class out", () => {
  assert.throws(
    () => splitSamples([{ label: 0 }, { label: 0 }, { label: 1 }], { seed: 1, validationFraction: 0.5 }),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, "Cannot split the samples as a class would be missing on one side");
      assert.deepEqual(error.facts, ["class: 1", "samples: 1", "validation fraction: 0.5"]);
      return true;
    },
  );
  assert.throws(() => splitSamples(irisSamples, { seed: 1, validationFraction: NaN }), UsageError);
});
