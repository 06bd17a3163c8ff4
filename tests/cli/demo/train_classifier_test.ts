import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { irisSamples } from "../../../cli/demo/iris_data_set.ts";
import { createSeededRandom, shuffle } from "../../../cli/demo/seeded_random.ts";
import { splitSamples } from "../../../cli/demo/split_samples.ts";
import { measureStandardization } from "../../../cli/demo/standardize.ts";
import {
  DEFAULT_EPOCHS,
  DEFAULT_SEED,
  type EpochReport,
  trainClassifier,
  type TrainOptions,
} from "../../../cli/demo/train_classifier.ts";
import { UsageError } from "../../../lib/core/errors.ts";
import { encodeSafetensors, parseSafetensorsHeader } from "../../../lib/core/safetensors.ts";

const split = splitSamples(irisSamples, { seed: DEFAULT_SEED });
const quick = { learningRate: 0.001, passesPerEpoch: 20 };

async function train(options: Partial<TrainOptions> = {}): Promise<EpochReport[]> {
  const reports: EpochReport[] = [];
  await trainClassifier({
    ...split,
    epochs: 3,
    seed: DEFAULT_SEED,
    hyperparameters: quick,
    onEpoch: (report) => void reports.push(report),
    ...options,
  });
  return reports;
}

const hashOf = ({ tensors }: EpochReport) =>
  createHash("sha256").update(encodeSafetensors(tensors)).digest("hex");

/** The network once more, written from its formula alone, on the weights as they stand in a file. */
function accuracyOfFile(bytes: Uint8Array, samples: typeof split.validationSet): number {
  const header = parseSafetensorsHeader(bytes);
  const tensor = (name: string) => {
    const { dataOffsets: [begin, end] } = header.tensors.find((one) => one.name === name)!;
    return [...new Float32Array(bytes.slice(header.dataStart + begin, header.dataStart + end).buffer)];
  };
  const [mean, scale] = [tensor("input.mean"), tensor("input.scale")];
  const layer = (name: string, inputs: readonly number[]) =>
    tensor(`${name}.bias`).map((bias, row) =>
      inputs.reduce((sum, x, i) => sum + x * tensor(`${name}.weight`)[row * inputs.length + i]!, bias)
    );
  const correct = samples.filter(({ features, label }) => {
    const logits = layer(
      "output",
      layer("hidden", features.map((x, i) => (x - mean[i]!) / scale[i]!)).map(Math.tanh),
    );
    return logits.indexOf(Math.max(...logits)) === label;
  });
  return correct.length / samples.length;
}

Deno.test("trainClassifier() learns Iris with the defaults: loss falls, accuracy reaches 0.93", async () => {
  const reports: EpochReport[] = [];
  const last = await trainClassifier({
    ...split,
    epochs: DEFAULT_EPOCHS,
    seed: DEFAULT_SEED,
    onEpoch: (report) => void reports.push(report),
  });
  assert.deepEqual(reports.map(({ epoch }) => epoch), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.equal(reports.at(-1), last);
  for (const [i, { trainLoss }] of reports.entries()) {
    if (i > 0) assert.ok(trainLoss < reports[i - 1]!.trainLoss, `epoch ${i + 1}: loss ${trainLoss}`);
  }
  assert.ok(last.trainLoss < reports[0]!.trainLoss / 3);
  assert.ok(last.validationLoss < reports[0]!.validationLoss / 2);
  assert.ok(last.validationAccuracy >= 0.93, `accuracy ${last.validationAccuracy}`);
  assert.ok(reports[0]!.validationAccuracy < last.validationAccuracy);
  assert.equal(accuracyOfFile(encodeSafetensors(last.tensors), split.validationSet), last.validationAccuracy);
});

Deno.test("trainClassifier() gives the same bytes for the same seed, and others for another", async () => {
  const [once, again, other] = [await train(), await train(), await train({ seed: DEFAULT_SEED + 1 })];
  assert.deepEqual(once.map(hashOf), again.map(hashOf));
  assert.deepEqual(once, again);
  assert.notEqual(hashOf(other[0]!), hashOf(once[0]!));
  assert.notEqual(other[0]!.dataOrderDigest, once[0]!.dataOrderDigest);
});

Deno.test("trainClassifier() hands out copies that later epochs leave alone", async () => {
  const atTheTime: string[] = [];
  const reports: EpochReport[] = [];
  await train({
    onEpoch: (report) => {
      reports.push(report);
      atTheTime.push(hashOf(report));
    },
  });
  assert.deepEqual(reports.map(hashOf), atTheTime);
  assert.equal(new Set(atTheTime).size, 3);
});

Deno.test("trainClassifier() counts steps and names tensors with their shapes", async () => {
  const [first, second] = await train();
  // 105 samples in batches of 16 are 7 steps a pass.
  assert.deepEqual([first!.step, second!.step], [140, 280]);
  assert.deepEqual(first!.tensors.map(({ name, shape }) => [name, shape]), [
    ["input.mean", [4]],
    ["input.scale", [4]],
    ["hidden.weight", [16, 4]],
    ["hidden.bias", [16]],
    ["output.weight", [3, 16]],
    ["output.bias", [3]],
  ]);
});

Deno.test("trainClassifier() standardises by the training set alone", async () => {
  const [report] = await train({
    epochs: 1,
    validationSet: split.validationSet.map(({ features, label }) => ({
      features: features.map((value) => value * 100),
      label,
    })),
  });
  const { mean, scale } = measureStandardization(split.trainingSet);
  assert.deepEqual(report!.tensors[0]!.values, mean);
  assert.deepEqual(report!.tensors[1]!.values, scale);
});

Deno.test("trainClassifier() digests the order in which it showed the samples", async () => {
  const [report] = await train({ epochs: 1, hyperparameters: { passesPerEpoch: 2 } });
  const random = createSeededRandom(DEFAULT_SEED);
  // The weights take their random numbers first: 16 × 4 and 3 × 16, biases none.
  for (let i = 0; i < 16 * 4 + 3 * 16; i++) random();
  const order = [...split.trainingSet.keys()];
  const hash = createHash("sha256");
  for (let pass = 0; pass < 2; pass++) {
    for (const index of shuffle(order, random)) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, index);
      hash.update(bytes);
    }
  }
  assert.equal(report!.dataOrderDigest, hash.digest("hex"));
});

Deno.test("trainClassifier() waits for onEpoch and ends with what it throws", async () => {
  const events: string[] = [];
  const failure = new Error("disk full");
  const training = train({
    onEpoch: async ({ epoch }) => {
      events.push(`begin ${epoch}`);
      await Promise.resolve();
      events.push(`end ${epoch}`);
      if (epoch === 2) throw failure;
    },
  });
  await assert.rejects(training, failure);
  assert.deepEqual(events, ["begin 1", "end 1", "begin 2", "end 2"]);
});

Deno.test("trainClassifier() ends before the next epoch when the signal aborts", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const training = train({
    signal: controller.signal,
    onEpoch: ({ epoch }) => {
      seen.push(epoch);
      controller.abort(new Error("stopped"));
    },
  });
  await assert.rejects(training, /^Error: stopped$/);
  assert.deepEqual(seen, [1]);
});

Deno.test("trainClassifier() refuses what it cannot train on", async () => {
  const message = async (options: Partial<TrainOptions>) => {
    const error: unknown = await train(options).then(() => undefined, (thrown) => thrown);
    assert.ok(error instanceof UsageError);
    return [error.message, ...error.facts];
  };
  assert.deepEqual(await message({ trainingSet: [] }), [
    "Cannot train as there are no samples to train on or to validate with",
    "training samples: 0",
    "validation samples: 45",
  ]);
  assert.deepEqual(await message({ epochs: 0 }), [
    "Cannot train as the number of epochs must be a whole number from 1",
    "epochs: 0",
  ]);
  assert.deepEqual(await message({ seed: 2 ** 32 }), [
    "Cannot train as the seed must be a whole number from 0 to 4294967295",
    "seed: 4294967296",
  ]);
});
