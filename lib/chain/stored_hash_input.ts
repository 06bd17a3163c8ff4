import { UsageError } from "../core/errors.ts";

/** What the contract accepts, checked by both clients before anything is written. */
export const MAX_METADATA_BYTES = 2048;

/**
 * Checks what `storeHash` is given by the contract's own rules.
 *
 * @throws UsageError naming the field.
 */
export function checkStoredHashInput(hash: string, metadata: string): void {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new UsageError("Cannot store the hash as it is not 64 lowercase hex characters", {
      facts: [`length: ${hash.length} characters`],
      hint: "give a SHA-256 digest in lowercase hex, without 0x",
    });
  }
  // UTF-8 cannot express a lone surrogate, so another text would be stored than was given.
  if (!metadata.isWellFormed()) {
    throw new UsageError("Cannot store the hash as its metadata is not well-formed Unicode", {
      hint: "remove the lone surrogates from the metadata",
    });
  }
  const sizeBytes = new TextEncoder().encode(metadata).length;
  if (sizeBytes > MAX_METADATA_BYTES) {
    throw new UsageError(`Cannot store the hash as its metadata is longer than ${MAX_METADATA_BYTES} bytes`, {
      facts: [`metadata: ${sizeBytes} bytes`],
      hint: "shorten the metadata, or put it into the record instead",
    });
  }
}
