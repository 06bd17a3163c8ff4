/** Bytes that look random and are the same for the same seed (xorshift). */
export function patternBytes(count: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let state = (seed ^ 0x9e3779b9) || 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 7;
  }
  return bytes;
}
