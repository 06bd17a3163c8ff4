import { type Code, get, lanes, set, tee } from "./instructions.ts";

/**
 * SHA-256 (FIPS 180-4 §4.1.2, §6.2.2) of four messages at once: each value is a local that holds the same word of all
 * four, one a lane.
 */

const rotateRight = (value: Code, bits: number): Code =>
  // Lanes have no rotation of their own.
  lanes.xor(lanes.shiftRight(value, bits), lanes.shiftLeft(value, 32 - bits));

/** Σ₀ and Σ₁, by their three rotations. */
const bigSigma = (value: Code, rotations: readonly number[]): Code =>
  lanes.xor(...rotations.map((bits) => rotateRight(value, bits)));

/** σ₀ and σ₁, by their two rotations and their shift. */
const smallSigma = (value: Code, [first, second, shift]: readonly [number, number, number]): Code =>
  lanes.xor(rotateRight(value, first), rotateRight(value, second), lanes.shiftRight(value, shift));

/** The locals that a run of rounds works on. */
export interface RoundLocals {
  /** The working variables a to h before the first round. Renamed, not moved, from round to round. */
  readonly state: readonly number[];
  /** Any two. */
  readonly differences: readonly [number, number];
  readonly sum: number;
}

/** Goes before round 0: what round −1 would have left of {@linkcode round}'s differences. */
export function beforeRounds({ state, differences }: RoundLocals): Code {
  return set(differences[1], lanes.xor(get(state[1]!), get(state[2]!)));
}

/** Round `number`; `input` is the schedule's word plus the round constant. After eight, the names are in place again. */
export function round(number: number, input: Code, { state, differences, sum }: RoundLocals): Code {
  const [a, b, , d, e, f, g, h] = state.map((_, i) => get(state[(i - number) & 7]!)) as [
    ...[Code, Code, Code, Code, Code, Code, Code, Code],
  ];
  // Maj(a, b, c) = ((a ⊕ b) ∧ (b ⊕ c)) ⊕ b, whose b ⊕ c is the round before's a ⊕ b.
  const aXorB = differences[number & 1]!;
  const bXorC = differences[1 - (number & 1)]!;
  const majority = lanes.xor(lanes.and(tee(aXorB, lanes.xor(a, b)), get(bXorC)), b);
  const choice = lanes.select(f, g, e);
  return [
    ...set(sum, lanes.add(h, input, choice, bigSigma(e, [6, 11, 25]))),
    ...set(state[(3 - number) & 7]!, lanes.add(d, get(sum))),
    ...set(state[(7 - number) & 7]!, lanes.add(get(sum), bigSigma(a, [2, 13, 22]), majority)),
  ];
}

/** Replaces word t of the schedule by word t + 16; `words` are the locals of 16 words in a ring. */
export function nextWord(t: number, words: readonly number[]): Code {
  const word = (i: number): Code => get(words[(t + i) & 15]!);
  return set(
    words[t & 15]!,
    lanes.add(word(0), word(9), smallSigma(word(1), [7, 18, 3]), smallSigma(word(14), [17, 19, 10])),
  );
}

const LOW_WORDS = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH_WORDS = LOW_WORDS.map((byte) => byte + 8);
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALVES = LOW_HALVES.map((byte) => byte + 8);

/** Turns four words of each of four messages, one message a row, into four rows of one word of each message, or back. */
export function transpose(rows: readonly Code[], targets: readonly number[], spare: readonly number[]): Code {
  const [a, b, c, d] = rows as [Code, Code, Code, Code];
  const [abLow, abHigh, cdLow, cdHigh] = spare as [number, number, number, number];
  return [
    ...set(abLow, lanes.pick(a, b, LOW_WORDS)),
    ...set(abHigh, lanes.pick(a, b, HIGH_WORDS)),
    ...set(cdLow, lanes.pick(c, d, LOW_WORDS)),
    ...set(cdHigh, lanes.pick(c, d, HIGH_WORDS)),
    ...set(targets[0]!, lanes.pick(get(abLow), get(cdLow), LOW_HALVES)),
    ...set(targets[1]!, lanes.pick(get(abLow), get(cdLow), HIGH_HALVES)),
    ...set(targets[2]!, lanes.pick(get(abHigh), get(cdHigh), LOW_HALVES)),
    ...set(targets[3]!, lanes.pick(get(abHigh), get(cdHigh), HIGH_HALVES)),
  ];
}

/** Big-endian words from little-endian ones, or back. */
export function swapBytes(local: number): Code {
  return set(
    local,
    lanes.pick(get(local), get(local), [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]),
  );
}
