import { PotError } from "../core/errors.ts";
import { parseRecord } from "../core/parse_record.ts";
import { RECORD_SCHEMA, type TrainingRecord } from "../core/record.ts";

/**
 * The record in a proof; what is wrong with it, where it is none.
 *
 * @throws {UsageError} when it says to be of a version that is not known: nobody can tell then whether it is well-formed
 */
export function readRecord(bytes: Uint8Array): TrainingRecord | PotError {
  try {
    return parseRecord(bytes);
  } catch (error) {
    if (!(error instanceof PotError) || isOtherVersion(bytes)) throw error;
    return error;
  }
}

/** Whether these bytes, which are no record that we know, say to be a record of another version. */
function isOtherVersion(bytes: Uint8Array): boolean {
  try {
    const { schema } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof schema === "string" && /^pot-record\/[1-9][0-9]{0,5}$/.test(schema) &&
      schema !== RECORD_SCHEMA;
  } catch {
    return false;
  }
}
