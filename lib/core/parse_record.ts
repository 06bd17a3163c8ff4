import { canonicalJson } from "./canonical_json.ts";
import { PotError, UsageError } from "./errors.ts";
import { fieldError, readDigest, readObject, readTimestamp } from "./field_reader.ts";
import { EVENT_FIELDS, readEvent } from "./parse_event.ts";
import { parseJson } from "./parse_json.ts";
import { MAX_RECORD_BYTES, RECORD_SCHEMA, type RecordEvent, type TrainingRecord } from "./record.ts";

const RECORD_FIELDS = ["schema", ...EVENT_FIELDS, "previous", "recordedAt", "salt"];

/**
 * Reads a record's bytes back. Only the canonical spelling is accepted, so equal records have equal hashes.
 *
 * @throws {UsageError} on an unknown `schema` version (exit code 2).
 * @throws {PotError} on anything else that is wrong, naming it (exit code 1).
 */
export function parseRecord(bytes: Uint8Array): TrainingRecord {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PotError("Cannot read the record as it is not UTF-8", { cause });
  }
  const record = bytes.length <= MAX_RECORD_BYTES ? readSound(text) : undefined;
  if (record !== undefined) return record;
  const value = parseJson(text, { subject: "the record", maxBytes: MAX_RECORD_BYTES, maxDepth: 64 });
  const schema = typeof value === "object" && value !== null
    ? (value as { schema?: unknown }).schema
    : undefined;
  if (schema !== RECORD_SCHEMA) {
    throw new UsageError("Cannot read the record as its schema is not known", {
      facts: [`schema: ${JSON.stringify(schema)?.slice(0, 80)}`, `known: ${RECORD_SCHEMA}`],
      hint: "a newer version of pot may know it",
    });
  }
  return readRecord(value, text);
}

/**
 * The record, if it is one: that its canonical form is the text proves all that `parseJson` looks for (no key twice, no
 * lone surrogate, not too deep), in two thirds of the time. What is wrong otherwise is found out the long way.
 */
function readSound(text: string): TrainingRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return (value as { schema?: unknown } | null)?.schema === RECORD_SCHEMA
      ? readRecord(value, text)
      : undefined;
  } catch {
    return undefined;
  }
}

function readRecord(value: unknown, text: string): TrainingRecord {
  try {
    const fields = readObject(value, "record", RECORD_FIELDS);
    const record: TrainingRecord = {
      schema: RECORD_SCHEMA,
      ...readEvent(fields),
      ...(fields.previous === undefined ? {} : { previous: readDigest(fields.previous, "previous") }),
      recordedAt: readTimestamp(fields.recordedAt, "recordedAt"),
      salt: readDigest(fields.salt, "salt"),
    };
    if (canonicalJson(record) !== text) throw fieldError("record", "canonical JSON (RFC 8785)", value);
    return record;
  } catch (error) {
    // Stored bytes that are wrong are a damaged record (exit 1), not a wrong call (exit 2).
    if (error instanceof UsageError) throw new PotError(error.message, { facts: error.facts, cause: error });
    throw error;
  }
}

/** The event inside a record: everything but what recording added. */
export function eventOf(record: TrainingRecord): RecordEvent {
  const { schema: _schema, previous: _previous, recordedAt: _recordedAt, salt: _salt, ...event } = record;
  return event;
}
