import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "../core/canonical_json.ts";
import { PotError } from "../core/errors.ts";
import { parseJson } from "../core/parse_json.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type NewLedgerLine, openLedger } from "./ledger.ts";
import { type ImportedFields, UUID_V4 } from "./ledger_line.ts";

/** Where imported records go. */
export interface ImportPrototypeLedgerOptions {
  /** Of `provenance_records.jsonl`. */
  readonly path: string;
  /** The log's origin; names the submitter. */
  readonly origin: string;
  /** Holds the ledger and its lock. */
  readonly files: FileLayer;
  /** The ledger's index. @default in memory */
  readonly indexPath?: string;
  /** Ends the wait for the ledger's lock. */
  readonly signal?: AbortSignal;
}

/** What an import did. */
export interface ImportedLedger {
  /** Records that are in the ledger now and were not before. */
  readonly importedCount: number;
  /** Records that it had already, as from an earlier import. */
  readonly knownCount: number;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** As long as a record of the log can be. */
const MAX_METADATA_BYTES = 65_535;
const FIELDS = ["transaction_id", "hash", "metadata", "timestamp", "block_number", "submitter"];

/**
 * Imports `provenance_records.json` of the prototype: an object of id → record, an array of records, or a record a line,
 * with the fields `transaction_id`, `hash`, `metadata` (an object or text), `timestamp` (Unix seconds), `block_number` and
 * `submitter`. An id that is no UUID v4 is replaced by one that follows from the record, and kept in the metadata as
 * `importedTransactionId`. Importing the same records again imports nothing.
 *
 * @throws {PotError} naming the first record and field that is wrong; then nothing was imported
 */
export async function importPrototypeLedger(
  text: string,
  { path, origin, files, indexPath, signal }: ImportPrototypeLedgerOptions,
): Promise<ImportedLedger> {
  const lines = readRecords(text).map(([at, id, value]) =>
    toLine(value, { at, id, submitter: `local:${origin}` })
  );
  const seen = new Map<string, string>();
  lines.forEach(({ transactionId }, i) => {
    const at = seen.get(transactionId);
    if (at !== undefined) {
      throw wrong(`record ${i}`, "transaction_id", `another than that of ${at}`, transactionId);
    }
    seen.set(transactionId, `record ${i}`);
  });
  await using ledger = openLedger(path, { files, ...(indexPath !== undefined && { indexPath }) });
  const written = await ledger.append(async ({ findId }) => {
    const fresh: NewLedgerLine[] = [];
    for (const line of lines) {
      const known = await findId(line.transactionId);
      if (known === undefined) fresh.push(line);
      else if (known.hash !== line.hash || known.metadata !== line.metadata) {
        throw new PotError("Cannot import the ledger as this one has another record with the same id", {
          facts: [`id: ${line.transactionId}`, `line: ${known.blockNumber}`],
          hint: "import it into a home of its own",
        });
      }
    }
    return fresh;
  }, { signal });
  return { importedCount: written.length, knownCount: lines.length - written.length };
}

type Found = readonly [at: string, id: string | undefined, value: unknown];

function readRecords(text: string): readonly Found[] {
  const limits = { maxBytes: MAX_BYTES, maxDepth: 64 };
  const first = text.trimStart();
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > 1 && first.startsWith("{") && isWhole(lines[0]!)) {
    return lines.map((line, i) => [
      `record ${i}`,
      undefined,
      parseJson(line, { ...limits, subject: `record ${i} of the ledger to import` }),
    ]);
  }
  const value = parseJson(text, { ...limits, subject: "the ledger to import" });
  if (Array.isArray(value)) return value.map((record, i) => [`record ${i}`, undefined, record]);
  if (typeof value === "object" && value !== null) {
    // One line of a .jsonl file.
    if ("hash" in value && typeof value.hash === "string") return [["record 0", undefined, value]];
    return Object.entries(value).map(([id, record], i) => [`record ${i}`, id, record]);
  }
  throw new PotError("Cannot import the ledger as it is neither an object nor a list of records");
}

function isWhole(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

interface ToLineOptions {
  readonly at: string;
  /** The name under which an object has the record. */
  readonly id: string | undefined;
  readonly submitter: string;
}

function toLine(value: unknown, { at, id, submitter }: ToLineOptions): NewLedgerLine {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(at, "record", "an object", value);
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw wrong(at, unknown.slice(0, 80), `one of ${FIELDS.join(", ")}`, unknown);
  const { hash, timestamp } = fields;
  const oldId = fields["transaction_id"] ?? id;
  if (typeof oldId !== "string" || oldId === "" || oldId.length > 256) {
    throw wrong(at, "transaction_id", "text of 1 to 256 characters", oldId);
  }
  if (id !== undefined && oldId !== id) throw wrong(at, "transaction_id", "the name it stands under", oldId);
  if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) {
    throw wrong(at, "hash", "64 lowercase hex characters", hash);
  }
  if (typeof timestamp !== "number" || timestamp < 0 || !Number.isSafeInteger(Math.floor(timestamp))) {
    throw wrong(at, "timestamp", "Unix seconds", timestamp);
  }
  const rest = { hash, timestamp: Math.floor(timestamp), submitter, imported: readImported(fields, at) };
  const metadata = readMetadata(fields["metadata"], at);
  const isKept = UUID_V4.test(oldId);
  const text = isKept && typeof metadata === "string" ? metadata : canonicalJson(
    isKept ? metadata : { importedTransactionId: oldId, metadata },
  );
  if (new TextEncoder().encode(text).length > MAX_METADATA_BYTES) {
    throw wrong(at, "metadata", `at most ${MAX_METADATA_BYTES} bytes`, metadata);
  }
  const transactionId = isKept ? oldId : uuidFrom(canonicalJson({ ...rest, metadata: text }));
  return { transactionId, metadata: text, ...rest };
}

function readMetadata(value: unknown, at: string): unknown {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" || (typeof value === "object" && !Array.isArray(value))) return value;
  throw wrong(at, "metadata", "an object or text", value);
}

function readImported(fields: Readonly<Record<string, unknown>>, at: string): ImportedFields {
  const { block_number: blockNumber, submitter } = fields;
  const isAbsent = (value: unknown) => value === undefined || value === null;
  if (!isAbsent(blockNumber) && !(Number.isSafeInteger(blockNumber) && (blockNumber as number) >= 0)) {
    throw wrong(at, "block_number", "a whole number from 0", blockNumber);
  }
  if (!isAbsent(submitter) && typeof submitter !== "string") throw wrong(at, "submitter", "text", submitter);
  return {
    ...(isAbsent(blockNumber) ? {} : { blockNumber: blockNumber as number }),
    ...(isAbsent(submitter) ? {} : { submitter: submitter as string }),
  };
}

/** The same record gives the same id, so that a second import finds it. The bits are those of a UUID v4. */
function uuidFrom(text: string): string {
  const bytes = sha256(new TextEncoder().encode(`pot-import/1\n${text}`)).slice(0, 16);
  bytes[6] = bytes[6]! & 0x0f | 0x40;
  bytes[8] = bytes[8]! & 0x3f | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function wrong(at: string, field: string, expected: string, value: unknown): PotError {
  const shown = value !== null && typeof value === "object"
    ? "an object or list"
    : String(value).slice(0, 80);
  return new PotError(`Cannot import the ledger as ${field} of ${at} must be ${expected}`, {
    facts: [`${field}: ${shown}`],
    hint: "nothing was imported; correct the record and import again",
  });
}
