import { sha256 } from "@noble/hashes/sha2.js";

/** Bytes in a SHA-256 hash. */
export const HASH_BYTES = 32;

// Hashing is synchronous, so one buffer serves every call and spares an allocation a node.
const scratch = new Uint8Array(1 + 2 * HASH_BYTES);
scratch[0] = 0x01;
const result = new Uint8Array(HASH_BYTES);

/** SHA-256(0x01 ‖ left ‖ right) of two 32-byte hashes (RFC 6962 §2.1), which the caller has checked. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  scratch.set(left, 1);
  scratch.set(right, 1 + HASH_BYTES);
  return sha256(scratch);
}

/**
 * The same for two hashes that stand side by side in `nodes` at byte `from`; the result goes to byte `to`. Building a
 * tree comes through here, and `digestInto` of noble's `Hash` spares the call the allocation of its result.
 */
export function hashPairWithin(nodes: Uint8Array, from: number, to: number): void {
  for (let i = 0; i < 2 * HASH_BYTES; i++) scratch[1 + i] = nodes[from + i]!;
  sha256.create().update(scratch).digestInto(result);
  nodes.set(result, to);
}

/** Whether the value is a 32-byte hash, whatever its declared type. */
export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}
