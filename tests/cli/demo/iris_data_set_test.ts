import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  formatIrisCsv,
  irisClassNames,
  irisCsv,
  irisFeatureNames,
  irisSamples,
} from "../../../cli/demo/iris_data_set.ts";

Deno.test("irisSamples has 150 flowers, 50 of each species, in the published order", () => {
  assert.equal(irisSamples.length, 150);
  irisSamples.forEach(({ features, label }, i) => {
    assert.equal(label, Math.floor(i / 50));
    assert.equal(features.length, 4);
    assert.ok(features.every((value) => value >= 0.1 && value <= 7.9));
  });
  assert.deepEqual(irisClassNames, ["setosa", "versicolor", "virginica"]);
  assert.deepEqual(irisFeatureNames, [
    "sepal_length_cm",
    "sepal_width_cm",
    "petal_length_cm",
    "petal_width_cm",
  ]);
});

Deno.test("irisSamples has the known means, so it is the paper's version and not UCI's", () => {
  const means = irisFeatureNames.map((_, i) =>
    (irisSamples.reduce((sum, { features }) => sum + features[i]!, 0) / 150).toFixed(6)
  );
  // UCI's two wrong rows would make the second one 3.054000 and the others 3.758667 and 1.198667.
  assert.deepEqual(means, ["5.843333", "3.057333", "3.758000", "1.199333"]);
  assert.deepEqual(irisSamples[34]?.features, [4.9, 3.1, 1.5, 0.2]);
  assert.deepEqual(irisSamples[37]?.features, [4.9, 3.6, 1.4, 0.1]);
});

Deno.test("irisCsv never changes", () => {
  const digest = createHash("sha256").update(irisCsv).digest("hex");
  assert.equal(digest, "b6b8efc86732bc48c9fbddba53e2c191fd4f263c0ee98e2b1b7d3543e8d2121d");
});

Deno.test("formatIrisCsv() gives the data set back for all samples", () => {
  assert.equal(formatIrisCsv(irisSamples), irisCsv);
});
