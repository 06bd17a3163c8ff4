/** How many sets one filter keeps apart. */
export const LANES = 8;

/** Bits of a lane for each key; with {@linkcode PROBES} of them set, it answers 2 in 1 000 wrongly. */
const BITS_A_KEY = 16;
const PROBES = 4;

/** Says for eight sets at once which of them certainly lack a key: Bloom filters side by side, a bit of each byte a set. */
export interface KeyFilter {
  /** Adds a key to the set `lane`, from 0. */
  add(key: Uint8Array, lane: number): void;
  /** Bit `lane` is 0 where the key was not added to that set, and 1 where it may have been. */
  lanesOf(key: Uint8Array): number;
}

/**
 * A filter for sets of `capacity` keys each, in 2 bytes a key. Keys are hashes of at least 16 bytes, so that their own bits serve
 * as the filter's hash functions.
 */
export function createKeyFilter(capacity: number): KeyFilter {
  const places = new Uint8Array(capacity * BITS_A_KEY);
  const placeAt = (key: Uint8Array, probe: number) => {
    const at = probe * 4;
    return ((key[at]! << 24 | key[at + 1]! << 16 | key[at + 2]! << 8 | key[at + 3]!) >>> 0) % places.length;
  };
  return {
    add(key, lane) {
      for (let probe = 0; probe < PROBES; probe++) places[placeAt(key, probe)]! |= 1 << lane;
    },
    lanesOf(key) {
      let lanes = 0xff;
      for (let probe = 0; probe < PROBES && lanes !== 0; probe++) lanes &= places[placeAt(key, probe)]!;
      return lanes;
    },
  };
}
