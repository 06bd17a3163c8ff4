import { PotError } from "../core/errors.ts";
import { readRecord } from "./read_record.ts";
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
  const record = readRecord(bytes);
  if (record instanceof PotError) return [{ name: "record", outcome: "fail", detail: record.message }];
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
