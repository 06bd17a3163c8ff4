import { sha256 } from "@noble/hashes/sha2.js";
import { UsageError } from "../errors.ts";

const LEAF_PREFIX = Uint8Array.of(0x00);

/**
 * The hash of one log entry: SHA-256(0x00 ‖ data), 32 bytes (RFC 6962 §2.1). The prefix keeps a leaf from ever being
 * taken for a node.
 *
 * @example
 * ```ts
 * import { leafHash } from "@pot/ops";
 * const id = leafHash(new TextEncoder().encode("an entry"));
 * console.log(id.length); // 32
 * ```
 *
 * @throws {UsageError} when `data` is not a Uint8Array
 */
export function leafHash(data: Uint8Array): Uint8Array {
  if (!(data instanceof Uint8Array)) throw new UsageError("Cannot hash the leaf as it is not a Uint8Array");
  return sha256.create().update(LEAF_PREFIX).update(data).digest();
}
