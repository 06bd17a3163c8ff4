/** Bits for each key; with {@linkcode PROBES} of them set, a filter answers 2 in 1 000 wrongly. */
const BITS_A_KEY = 16;
const PROBES = 4;

/** Says which keys are certainly not among those added: a Bloom filter. */
export interface KeyFilter {
  add(key: Uint8Array): void;
  /** False means that the key was not added; true means that it may have been. */
  mayHold(key: Uint8Array): boolean;
}

/** A filter for keys of at least 16 bytes that are hashes, so that their own bits serve as the filter's hash functions. */
export function createKeyFilter(capacity: number): KeyFilter {
  const bitCount = capacity * BITS_A_KEY;
  const words = new Uint32Array(Math.ceil(bitCount / 32));
  const bitAt = (key: Uint8Array, probe: number) => {
    const at = probe * 4;
    return ((key[at]! << 24 | key[at + 1]! << 16 | key[at + 2]! << 8 | key[at + 3]!) >>> 0) % bitCount;
  };
  return {
    add(key) {
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = bitAt(key, probe);
        words[bit >>> 5]! |= 1 << (bit & 31);
      }
    },
    mayHold(key) {
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = bitAt(key, probe);
        if ((words[bit >>> 5]! & 1 << (bit & 31)) === 0) return false;
      }
      return true;
    },
  };
}
