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
}

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
  const isText = (name: string) => typeof fields[name] === "string";
  const isAbsentOr = (name: string, pattern: RegExp) =>
    fields[name] === undefined || (isText(name) && pattern.test(fields[name] as string));
  const isValid = isText("transactionId") && isText("hash") && isText("metadata") && isText("submitter") &&
    Number.isSafeInteger(fields["timestamp"]) && fields["blockNumber"] === line && isAbsentOr("key", /./) &&
    isAbsentOr("root", /^[0-9a-f]{64}$/) && isAbsentOr("size", /^[1-9][0-9]{0,19}$/) &&
    (fields["root"] === undefined) === (fields["size"] === undefined);
  if (isValid) return fields as unknown as LedgerLine;
  throw new PotError("Cannot read the local ledger as a line is not one of its records", {
    facts: [`file: ${path}`, `line: ${line}`],
    hint: "restore the file from a backup",
  });
}
