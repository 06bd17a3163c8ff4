import assert from "node:assert/strict";
import { measureStandardization, standardize } from "../../../cli/demo/standardize.ts";

const samples = [{ features: [1, 7], label: 0 }, { features: [3, 7], label: 1 }];

Deno.test("measureStandardization() gives mean and standard deviation, and 1 where nothing varies", () => {
  const { mean, scale } = measureStandardization(samples);
  assert.deepEqual(mean, new Float32Array([2, 7]));
  assert.deepEqual(scale, new Float32Array([1, 1]));
  const wider = measureStandardization([...samples, { features: [8, 7], label: 0 }]);
  assert.deepEqual(wider.scale, new Float32Array([Math.sqrt(26 / 3), 1]));
});

Deno.test("standardize() subtracts the mean and divides by the scale", () => {
  const matrix = standardize(samples, { mean: new Float32Array([1, 5]), scale: new Float32Array([2, 4]) });
  assert.deepEqual(matrix.features, new Float32Array([0, 0.5, 1, 0.5]));
  assert.deepEqual(matrix.labels, new Uint8Array([0, 1]));
});
