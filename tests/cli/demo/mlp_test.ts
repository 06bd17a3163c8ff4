import assert from "node:assert/strict";
import fc from "fast-check";
import { createMlp, createMlpParameters, type SampleMatrix } from "../../../cli/demo/mlp.ts";
import { createSeededRandom } from "../../../cli/demo/seeded_random.ts";

Deno.test("computeGradients() agrees with finite differences for every parameter", () => {
  const sizes = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 2, max: 4 }), sizes, fc.nat(), (...args) => {
      const [inputCount, hiddenCount, classCount, sampleCount, seed] = args;
      const shape = { inputCount, hiddenCount, classCount };
      const random = createSeededRandom(seed);
      const network = createMlp(shape, random);
      const samples: SampleMatrix = {
        features: Float32Array.from({ length: sampleCount * inputCount }, () => 4 * random() - 2),
        labels: Uint8Array.from({ length: sampleCount }, () => Math.floor(random() * classCount)),
      };
      const gradients = createMlpParameters(shape);
      // Left over from an earlier step: must not count.
      gradients.all.fill(9);
      network.computeGradients(samples, Uint32Array.from(samples.labels.keys()), gradients);

      const weights = network.parameters.all;
      for (let i = 0; i < weights.length; i++) {
        const weight = weights[i]!;
        weights[i] = weight + 1e-3;
        const above = weights[i]!;
        const lossAbove = network.evaluate(samples).loss;
        weights[i] = weight - 1e-3;
        const slope = (lossAbove - network.evaluate(samples).loss) / (above - weights[i]!);
        weights[i] = weight;
        const difference = Math.abs(slope - gradients.all[i]!);
        assert.ok(difference < 1e-4, `parameter ${i}: ${gradients.all[i]} is not ${slope}`);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("computeGradients() looks at the chosen samples only", () => {
  const shape = { inputCount: 1, hiddenCount: 2, classCount: 2 };
  const network = createMlp(shape, createSeededRandom(3));
  const all: SampleMatrix = { features: new Float32Array([1, -5]), labels: new Uint8Array([0, 1]) };
  const one: SampleMatrix = { features: new Float32Array([-5]), labels: new Uint8Array([1]) };
  const chosen = createMlpParameters(shape);
  const alone = createMlpParameters(shape);
  network.computeGradients(all, new Uint32Array([1]), chosen);
  network.computeGradients(one, new Uint32Array([0]), alone);
  assert.deepEqual(chosen.all, alone.all);
});

Deno.test("evaluate() of zero weights gives the loss of a guess, ln(classes)", () => {
  const network = createMlp({ inputCount: 2, hiddenCount: 3, classCount: 4 }, () => 0.5);
  const samples = { features: new Float32Array(8), labels: new Uint8Array([0, 1, 2, 3]) };
  const { loss, accuracy } = network.evaluate(samples);
  assert.ok(Math.abs(loss - Math.log(4)) < 1e-12);
  assert.equal(accuracy, 0.25);
});

Deno.test("evaluate() stays finite for huge logits", () => {
  const network = createMlp({ inputCount: 1, hiddenCount: 1, classCount: 2 }, () => 0.75);
  network.parameters.outputBias.set([5000, -5000]);
  const samples = { features: new Float32Array([1]), labels: new Uint8Array([1]) };
  assert.ok(Math.abs(network.evaluate(samples).loss - 10_000) < 10);
});

Deno.test("createMlp() stays within the limit of each layer and leaves biases at zero", () => {
  const { parameters } = createMlp(
    { inputCount: 4, hiddenCount: 16, classCount: 3 },
    createSeededRandom(1),
  );
  const largest = (values: Float32Array) => Math.max(...values.map(Math.abs));
  const hiddenLimit = Math.sqrt(6 / 20);
  const outputLimit = Math.sqrt(6 / 19);
  assert.ok(
    largest(parameters.hiddenWeight) <= hiddenLimit && largest(parameters.hiddenWeight) > 0.8 * hiddenLimit,
  );
  assert.ok(
    largest(parameters.outputWeight) <= outputLimit && largest(parameters.outputWeight) > 0.8 * outputLimit,
  );
  assert.equal(largest(parameters.hiddenBias) + largest(parameters.outputBias), 0);
  assert.equal(parameters.all.length, 4 * 16 + 16 + 16 * 3 + 3);
});
