import { fromBase64 } from "../core/base64.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { gunzip } from "../core/gzip.ts";
import { parseJson } from "../core/parse_json.ts";
import { MAX_RECORD_BYTES } from "../core/record.ts";
import {
  BATCH_PROOF_SCHEMA,
  type BatchProof,
  MAX_BATCH_ANCHORS,
  MAX_BATCH_PROOF_BYTES,
  MAX_BATCH_RECORD_BYTES,
  MAX_BATCH_RECORDS,
} from "./batch_proof.ts";
import { parseAnchor } from "./parse_anchor.ts";
import { MAX_LOG_KEYS } from "./proof.ts";
import { base64Bytes, isObject, list, match, object, text, whole, wrong } from "./proof_fields.ts";

const NODE_BYTES = 32;
const LINE_END = 0x0a;
/** Far more than the largest batch has: a small file must not become millions of objects. */
const MAX_VALUES = 1_000_000;

/**
 * Reads the file of a batch proof. Every field is checked for its one accepted spelling; unknown fields are refused, and so is what
 * unpacks to more than the format allows, before it is unpacked.
 *
 * @throws {UsageError} when the format's version is not known (exit code 2).
 * @throws {PotError} when it is malformed, naming the field (exit code 1).
 */
export async function parseBatchProof(json: string): Promise<BatchProof> {
  if (typeof json !== "string") throw new PotError("Cannot read the proof as it is not text");
  const value = parseJson(json, {
    subject: "the proof",
    maxBytes: MAX_BATCH_PROOF_BYTES,
    maxDepth: 16,
    maxValues: MAX_VALUES,
  });
  const schema = isObject(value) ? value.schema : undefined;
  if (!isBatchSchema(schema)) {
    throw new PotError("Cannot read the proof as it is not a pot batch proof", {
      facts: [`schema: ${JSON.stringify(schema)?.slice(0, 80)}`],
      hint: "write one with: pot prove --run <id>",
    });
  }
  if (schema !== BATCH_PROOF_SCHEMA) {
    throw new UsageError("Cannot read the proof as its format version is not known", {
      facts: [`schema: ${JSON.stringify(schema.slice(0, 80))}`, `known: ${BATCH_PROOF_SCHEMA}`],
      hint: "a newer version of pot may know it",
    });
  }
  const fields = object(value, "proof", ["schema", "indices", "records", "nodes", "logKeys", "anchors"]);
  const indices = parseIndices(fields.indices);
  const records = await parseRecords(fields.records);
  if (records.length !== indices.length) {
    throw new PotError("Cannot read the proof as it has not one index for each record", {
      facts: [`indices: ${indices.length}`, `records: ${records.length}`],
      hint: "write the proof again with: pot prove --run <id>",
    });
  }
  return {
    schema: BATCH_PROOF_SCHEMA,
    records: records.map((bytes, i) => ({ index: indices[i]!, bytes })),
    logKeys: list(fields.logKeys, "logKeys", MAX_LOG_KEYS).map((key, i) => text(key, `logKeys[${i}]`, 1_024)),
    nodes: parseNodes(fields.nodes),
    anchors: list(fields.anchors, "anchors", MAX_BATCH_ANCHORS).map((anchor, i) =>
      parseAnchor(anchor, `anchors[${i}]`)
    ),
  };
}

function isBatchSchema(schema: unknown): schema is string {
  return typeof schema === "string" && schema.startsWith("pot-batch-proof/");
}

/** Stretches such as `"3"` and `"7-12"`, each as long as can be, so that there is one spelling. */
function parseIndices(value: unknown): readonly bigint[] {
  const indices: bigint[] = [];
  for (const [i, stretch] of list(value, "indices", MAX_BATCH_RECORDS).entries()) {
    const at = `indices[${i}]`;
    const expected = '"<index>" or "<first>-<last>", after the one before and not next to it';
    const [from, to = from] = match(stretch, at, /^[0-9]{1,19}(?:-[0-9]{1,19})?$/, expected).split("-");
    const [first, last] = [whole(from, at), whole(to, at)];
    const previous = indices.at(-1);
    const isSorted = previous === undefined || first > previous + 1n;
    if (!isSorted || last < first || (last === first && stretch !== from)) throw wrong(at, expected, stretch);
    if (last - first >= BigInt(MAX_BATCH_RECORDS - indices.length)) {
      throw wrong("indices", `of at most ${MAX_BATCH_RECORDS} records`, stretch);
    }
    for (let index = first; index <= last; index++) indices.push(index);
  }
  return indices;
}

async function parseRecords(value: unknown): Promise<readonly Uint8Array[]> {
  const expected = `base64 of gzip of lines, one a record, of at most ${MAX_BATCH_RECORD_BYTES} bytes in all`;
  const lines = await gunzip(
    base64Bytes(value, "records", MAX_BATCH_PROOF_BYTES),
    MAX_BATCH_RECORD_BYTES,
  );
  if (lines === undefined || lines.at(-1) !== LINE_END) throw wrong("records", expected, value);
  const records: Uint8Array[] = [];
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(LINE_END, start);
    if (end === start || end - start > MAX_RECORD_BYTES || records.length === MAX_BATCH_RECORDS) {
      throw wrong("records", `at most ${MAX_BATCH_RECORDS} lines of 1 to ${MAX_RECORD_BYTES} bytes`, value);
    }
    records.push(lines.subarray(start, end));
    start = end + 1;
  }
  return records;
}

function parseNodes(value: unknown): readonly Uint8Array[] {
  const bytes = typeof value === "string" ? fromBase64(value) : undefined;
  if (bytes === undefined || bytes.length % NODE_BYTES !== 0) {
    throw wrong("nodes", "canonical base64 of hashes of 32 bytes each", value);
  }
  return Array.from(
    { length: bytes.length / NODE_BYTES },
    (_, i) => bytes.subarray(i * NODE_BYTES, (i + 1) * NODE_BYTES),
  );
}
