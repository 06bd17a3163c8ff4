import { HASH_BYTES, hashPairWithin } from "./hash_pair.ts";
import type { RowHasher } from "./row_hasher.ts";

/** The reference: one pair after the other through `@noble/hashes`. */
export const nobleRowHasher: RowHasher = {
  name: "noble",
  hashPairs(nodes, from, to, pairCount) {
    for (let i = 0; i < pairCount; i++) {
      hashPairWithin(nodes, from + i * 2 * HASH_BYTES, to + i * HASH_BYTES);
    }
  },
};
