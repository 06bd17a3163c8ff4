import { PotError } from "../core/errors.ts";
import { parseRecord } from "../core/parse_record.ts";
import { RECORD_SCHEMA, type TrainingRecord } from "../core/record.ts";
import type { Check } from "./verdict.ts";

/**
 * Whether the bytes are a record, and its artifact the one at hand (SHA-256, 64 lowercase hex characters).
 *
 * @throws {UsageError} when they say to be a record of a version that is not known
 */
export function checkRecord(
  bytes: Uint8Array,
  { artifactDigest }: { readonly artifactDigest?: string } = {},
): readonly Check[] {
  let record: TrainingRecord;
  try {
    record = parseRecord(bytes);
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    if (isOtherVersion(bytes)) throw error;
    return [{ name: "record", outcome: "fail", detail: error.message }];
  }
  const checks: Check[] = [{
    name: "record",
    outcome: "pass",
    detail: "the record is well-formed pot-record/1",
  }];
  if (artifactDigest === undefined) return checks;
  const recorded = record.artifact?.digest;
  const detail = recorded === undefined
    ? "the record names no artifact"
    : recorded === artifactDigest
    ? `the artifact's SHA-256 is the recorded one, ${recorded}`
    : `the artifact's SHA-256 is ${artifactDigest}, but ${recorded} was recorded`;
  return [...checks, { name: "artifact", outcome: recorded === artifactDigest ? "pass" : "fail", detail }];
}

/** Whether these bytes, which are no record that we know, say to be a record of another version. */
function isOtherVersion(record: Uint8Array): boolean {
  try {
    const { schema } = JSON.parse(new TextDecoder().decode(record));
    return typeof schema === "string" && /^pot-record\/[1-9][0-9]{0,5}$/.test(schema) &&
      schema !== RECORD_SCHEMA;
  } catch {
    return false;
  }
}
