import { PotError } from "../core/errors.ts";

/** One line of the local ledger: what the contract would give back, the key it was written under, and for a log head its size and root. */
export interface LedgerLine {
  /** A UUID v4. */
  readonly transactionId: string;
  /** 64 lowercase hex characters; a log head's root. */
  readonly hash: string;
  /** A log head's checkpoint note. */
  readonly metadata: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The line's number, from 1. */
  readonly blockNumber: number;
  /** `local:<origin>`. */
  readonly submitter: string;
  /** Names the write for ever; absent on imported lines. */
  readonly key?: string;
  /** 64 lowercase hex characters; on log heads only. */
  readonly root?: string;
  /** Number of leaves in decimal; on log heads only. */
  readonly size?: string;
  /** What an imported record said that this ledger says of its own; on imported lines only. */
  readonly imported?: ImportedFields;
}

/** Fields of a record as the ledger had it that it was imported from. */
export interface ImportedFields {
  readonly blockNumber?: number;
  readonly submitter?: string;
}

/** A UUID version 4 in its usual spelling (RFC 9562). */
export const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;
const FIELDS: ReadonlySet<string> = new Set([
  "transactionId",
  "hash",
  "metadata",
  "timestamp",
  "blockNumber",
  "submitter",
  "key",
  "root",
  "size",
  "imported",
]);

/**
 * Checks one parsed line.
 *
 * @throws PotError naming file and line.
 */
export function parseLedgerLine(
  value: unknown,
  { line, path }: { readonly line: number; readonly path: string },
): LedgerLine {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  const matches = (name: string, pattern: RegExp) =>
    typeof fields[name] === "string" && pattern.test(fields[name]);
  const isAbsentOr = (name: string, pattern: RegExp) => fields[name] === undefined || matches(name, pattern);
  const { metadata, timestamp } = fields;
  const isValid = Object.keys(fields).every((name) => FIELDS.has(name)) &&
    matches("transactionId", UUID_V4) && matches("hash", HASH) && matches("submitter", /^local:[^\n]+$/) &&
    typeof metadata === "string" && metadata.isWellFormed() &&
    Number.isSafeInteger(timestamp) && (timestamp as number) >= 0 && fields["blockNumber"] === line &&
    isAbsentOr("key", /[^]/) && isAbsentOr("root", HASH) && isAbsentOr("size", /^[1-9][0-9]{0,18}$/) &&
    (fields["root"] === undefined) === (fields["size"] === undefined) && isImported(fields["imported"]);
  if (isValid) return fields as unknown as LedgerLine;
  throw new PotError("Cannot read the local ledger as a line is not one of its records", {
    facts: [`file: ${path}`, `line: ${line}`],
    hint: "restore the file from a backup",
  });
}

function isImported(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { blockNumber, submitter, ...rest } = value as Readonly<Record<string, unknown>>;
  return Object.keys(rest).length === 0 && (submitter === undefined || typeof submitter === "string") &&
    (blockNumber === undefined || (Number.isSafeInteger(blockNumber) && (blockNumber as number) >= 0));
}
