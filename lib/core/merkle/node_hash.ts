import { UsageError } from "../errors.ts";
import { hashPair, isHash } from "./hash_pair.ts";

/**
 * The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), 32 bytes (RFC 6962 §2.1).
 *
 * @throws {UsageError} when a child is not 32 bytes
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (!isHash(left) || !isHash(right)) {
    throw new UsageError("Cannot hash the node as a child is not a Uint8Array of 32 bytes");
  }
  return hashPair(left, right);
}
