import type { SeededRandom } from "./seeded_random.ts";

/** Sizes of a network with one hidden layer. */
export interface MlpShape {
  readonly inputCount: number;
  readonly hiddenCount: number;
  readonly classCount: number;
}

/**
 * The numbers that are learnt, or their gradients. Weights are row-major, one row a neuron of the layer; the four
 * arrays are views into `all`, so an optimiser needs one loop.
 */
export interface MlpParameters {
  readonly all: Float32Array;
  /** `hiddenCount` × `inputCount` */
  readonly hiddenWeight: Float32Array;
  readonly hiddenBias: Float32Array;
  /** `classCount` × `hiddenCount` */
  readonly outputWeight: Float32Array;
  readonly outputBias: Float32Array;
}

/** Samples in the form the network reads: features one after the other, and a class index each. */
export interface SampleMatrix {
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * A multilayer perceptron: inputs, one hidden layer with tanh, softmax over the classes. The loss is cross-entropy in
 * nats. Sums are taken in 64 bits, parameters and gradients are kept in 32.
 */
export interface Mlp {
  readonly parameters: MlpParameters;
  /** Mean loss over the samples, and the part of them whose most likely class is their own. */
  evaluate(samples: SampleMatrix): { readonly loss: number; readonly accuracy: number };
  /** Writes the gradient of the mean loss over the chosen samples into `gradients`. */
  computeGradients(samples: SampleMatrix, chosen: Uint32Array, gradients: MlpParameters): void;
}

/** Zeroes in the form of a network's parameters. */
export function createMlpParameters({ inputCount, hiddenCount, classCount }: MlpShape): MlpParameters {
  const sizes = [hiddenCount * inputCount, hiddenCount, classCount * hiddenCount, classCount] as const;
  const all = new Float32Array(sizes[0] + sizes[1] + sizes[2] + sizes[3]);
  let at = 0;
  const take = (size: number) => all.subarray(at, at += size);
  return {
    all,
    hiddenWeight: take(sizes[0]),
    hiddenBias: take(sizes[1]),
    outputWeight: take(sizes[2]),
    outputBias: take(sizes[3]),
  };
}

/**
 * A network with random weights, uniform within ±√(6 / (inputs + outputs)) of each layer (Glorot and Bengio 2010,
 * §4.2.1), and zero biases.
 */
export function createMlp(shape: MlpShape, random: SeededRandom): Mlp {
  const { inputCount, hiddenCount, classCount } = shape;
  const parameters = createMlpParameters(shape);
  const { hiddenWeight, hiddenBias, outputWeight, outputBias } = parameters;
  fillUniform(hiddenWeight, Math.sqrt(6 / (inputCount + hiddenCount)), random);
  fillUniform(outputWeight, Math.sqrt(6 / (hiddenCount + classCount)), random);

  // Scratch space: one allocation for the network's life instead of several a sample.
  const hidden = new Float64Array(hiddenCount);
  const probabilities = new Float64Array(classCount);

  /** Fills `hidden` and `probabilities` for one sample; answers with its loss. */
  function forward({ features, labels }: SampleMatrix, sample: number): number {
    const from = sample * inputCount;
    for (let h = 0; h < hiddenCount; h++) {
      let sum = hiddenBias[h]!;
      for (let i = 0; i < inputCount; i++) sum += hiddenWeight[h * inputCount + i]! * features[from + i]!;
      hidden[h] = Math.tanh(sum);
    }
    let largest = -Infinity;
    for (let c = 0; c < classCount; c++) {
      let sum = outputBias[c]!;
      for (let h = 0; h < hiddenCount; h++) sum += outputWeight[c * hiddenCount + h]! * hidden[h]!;
      probabilities[c] = sum;
      if (sum > largest) largest = sum;
    }
    const ownLogit = probabilities[labels[sample]!]! - largest;
    let total = 0;
    // Less the largest, no exponential overflows.
    for (let c = 0; c < classCount; c++) total += probabilities[c] = Math.exp(probabilities[c]! - largest);
    for (let c = 0; c < classCount; c++) probabilities[c]! /= total;
    return Math.log(total) - ownLogit;
  }

  return {
    parameters,
    evaluate(samples) {
      const count = samples.labels.length;
      let loss = 0;
      let correct = 0;
      for (let sample = 0; sample < count; sample++) {
        loss += forward(samples, sample);
        if (probabilities.indexOf(Math.max(...probabilities)) === samples.labels[sample]) correct++;
      }
      return { loss: loss / count, accuracy: correct / count };
    },
    computeGradients(samples, chosen, gradients) {
      gradients.all.fill(0);
      const share = 1 / chosen.length;
      for (const sample of chosen) {
        forward(samples, sample);
        // Softmax and cross-entropy together: the derivative by a logit is probability less target.
        const label = samples.labels[sample]!;
        for (let c = 0; c < classCount; c++) {
          const delta = (probabilities[c]! - (c === label ? 1 : 0)) * share;
          probabilities[c] = delta;
          gradients.outputBias[c]! += delta;
          for (let h = 0; h < hiddenCount; h++) {
            gradients.outputWeight[c * hiddenCount + h]! += delta * hidden[h]!;
          }
        }
        for (let h = 0; h < hiddenCount; h++) {
          let sum = 0;
          for (let c = 0; c < classCount; c++) sum += probabilities[c]! * outputWeight[c * hiddenCount + h]!;
          const delta = sum * (1 - hidden[h]! ** 2);
          gradients.hiddenBias[h]! += delta;
          for (let i = 0; i < inputCount; i++) {
            gradients.hiddenWeight[h * inputCount + i]! += delta * samples.features[sample * inputCount + i]!;
          }
        }
      }
    },
  };
}

function fillUniform(values: Float32Array, limit: number, random: SeededRandom): void {
  for (let i = 0; i < values.length; i++) values[i] = (2 * random() - 1) * limit;
}
