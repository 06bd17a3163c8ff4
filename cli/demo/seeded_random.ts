/** Uniform numbers from 0 (included) to 1 (excluded), always the same ones for the same seed. */
export type SeededRandom = () => number;

/**
 * Marsaglia's 32-bit xorshift generator with the shifts 13, 17, 5 ("Xorshift RNGs", Journal of Statistical Software 8,
 * 2003). Good enough for weights and shuffling, and short enough to repeat anywhere; not for secrets.
 *
 * @param seed a whole number from 0 to 2^32 - 1
 */
export function createSeededRandom(seed: number): SeededRandom {
  // Neighbouring seeds would start with near-equal numbers; zero would never leave zero.
  let state = mixBits(seed) || 1;
  return () => {
    state = xorshift32(state);
    return state / 2 ** 32;
  };
}

/** The state that follows; both are whole numbers from 1 to 2^32 - 1. */
export function xorshift32(state: number): number {
  let x = state;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x >>> 0;
}

/** MurmurHash3's 32-bit finalizer: a permutation in which each bit of the seed changes half the bits of the result. */
function mixBits(seed: number): number {
  let x = seed >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Puts the items into a random order in place, each order as likely as any other (Fisher and Yates). */
export function shuffle<T extends { [index: number]: unknown; readonly length: number }>(
  items: T,
  random: SeededRandom,
): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const item = items[i];
    items[i] = items[j];
    items[j] = item;
  }
  return items;
}
