/** Hashes a row of a tree into the row above it. */
export interface RowHasher {
  /** What does the work. */
  readonly name: "noble" | "wasm-simd";
  /**
   * For each of the `pairCount` pairs of 32-byte hashes that stand end to end in `nodes` from byte `from` on, writes
   * SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1) from byte `to` on. `to` MUST be at most `from`, or behind the pairs.
   */
  hashPairs(nodes: Uint8Array, from: number, to: number, pairCount: number): void;
}
