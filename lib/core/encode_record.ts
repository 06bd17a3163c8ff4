import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "./canonical_json.ts";
import { UsageError } from "./errors.ts";
import { MAX_RECORD_BYTES, RECORD_SCHEMA, type RecordEvent, type TrainingRecord } from "./record.ts";

/**
 * The bytes of a record: canonical JSON (RFC 8785), UTF-8, at most 65 535 bytes.
 *
 * @throws {UsageError} when it is larger.
 */
export function encodeRecord(record: TrainingRecord): Uint8Array {
  const bytes = new TextEncoder().encode(canonicalJson(record));
  if (bytes.length > MAX_RECORD_BYTES) {
    throw new UsageError("Cannot record the event as it is too large", {
      facts: [`encoded: ${bytes.length} bytes`, `limit: ${MAX_RECORD_BYTES} bytes`],
      hint: "put long parameters into a file and record that file's digest",
    });
  }
  return bytes;
}

/** SHA-256 of the canonical record without `salt`, `recordedAt` and `previous`: equal for a second submission of the same event. */
export function eventKey(event: RecordEvent): Uint8Array {
  return sha256(new TextEncoder().encode(canonicalJson({ schema: RECORD_SCHEMA, ...event })));
}
