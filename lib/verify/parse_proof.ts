import { fromBase64 } from "../core/base64.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import { parseJson } from "../core/parse_json.ts";
import {
  type EvmProofAnchor,
  MAX_LOG_KEYS,
  MAX_PROOF_BYTES,
  type Proof,
  PROOF_SCHEMA,
  type ProofAnchor,
  type ProofInclusion,
} from "./proof.ts";

const MAX_ANCHORS = 1_000;
const MAX_PATH = 64;
/** 65 535 bytes, the largest record. */
const MAX_RECORD_BASE64 = 87_380;
/** The last second of year 9999: what a date can show. */
const MAX_UNIX_SECONDS = 253_402_300_799;

/**
 * Reads a proof file. Every field is checked for its one accepted spelling; unknown fields are refused.
 *
 * @throws {UsageError} when the format's version is not known (exit code 2).
 * @throws {PotError} when it is malformed, naming the field (exit code 1).
 *
 * @example
 * ```ts
 * import { parseProof, PotError } from "@pot/ops";
 * try {
 *   parseProof("{}");
 * } catch (error) {
 *   console.log(error instanceof PotError && error.message);
 * }
 * ```
 */
export function parseProof(json: string): Proof {
  if (typeof json !== "string") throw new PotError("Cannot read the proof as it is not text");
  const value = parseJson(json, { subject: "the proof", maxBytes: MAX_PROOF_BYTES, maxDepth: 16 });
  const schema = isObject(value) ? value.schema : undefined;
  if (typeof schema !== "string" || !schema.startsWith("pot-proof/")) {
    throw new PotError("Cannot read the proof as it is not a pot proof", {
      facts: [`schema: ${JSON.stringify(schema)?.slice(0, 80)}`],
      hint: "write one with: pot prove <id>",
    });
  }
  if (schema !== PROOF_SCHEMA) {
    throw new UsageError("Cannot read the proof as its format version is not known", {
      facts: [`schema: ${JSON.stringify(schema.slice(0, 80))}`, `known: ${PROOF_SCHEMA}`],
      hint: "a newer version of pot may know it",
    });
  }
  const fields = object(value, "proof", ["schema", "record", "index", "logKeys", "anchors"]);
  return {
    schema: PROOF_SCHEMA,
    record: recordBytes(fields.record),
    index: whole(fields.index, "index"),
    logKeys: list(fields.logKeys, "logKeys", MAX_LOG_KEYS).map((key, i) => text(key, `logKeys[${i}]`, 1_024)),
    anchors: list(fields.anchors, "anchors", MAX_ANCHORS).map((anchor, i) =>
      parseAnchor(anchor, `anchors[${i}]`)
    ),
  };
}

const HEAD_FIELDS = ["kind", "state", "size", "root", "path", "checkpoint"];
const EVM_FIELDS = [
  ...HEAD_FIELDS,
  "chainId",
  "contract",
  "codeHash",
  "submitter",
  "transactionHashes",
  "inclusion",
];
const LOCAL_FIELDS = [...HEAD_FIELDS, "chainId", "transactionId", "submitter", "blockNumber", "timestamp"];

function parseAnchor(value: unknown, at: string): ProofAnchor {
  const kind = isObject(value) ? value.kind : undefined;
  if (kind !== "evm" && kind !== "local") throw wrong(`${at}.kind`, '"evm" or "local"', kind);
  const fields = object(value, at, kind === "evm" ? EVM_FIELDS : LOCAL_FIELDS);
  const head = {
    size: whole(fields.size, `${at}.size`),
    root: hash(fields.root, `${at}.root`),
    path: list(fields.path, `${at}.path`, MAX_PATH).map((node, i) => hash(node, `${at}.path[${i}]`)),
    checkpoint: text(fields.checkpoint, `${at}.checkpoint`, 65_536),
  };
  return kind === "evm" ? { ...head, ...parseEvm(fields, at) } : { ...head, ...parseLocal(fields, at) };
}

const EVM_STATES = ["pending", "anchored", "confirmed", "final"] as const;

function parseEvm(fields: Fields, at: string) {
  const state = EVM_STATES.find((known) => known === fields.state);
  if (state === undefined) throw wrong(`${at}.state`, EVM_STATES.join(", "), fields.state);
  const needed = state !== "pending";
  const at32 = (name: string) =>
    match(fields[name], `${at}.${name}`, HASH_0X, "0x and 64 lowercase hex characters");
  const at20 = (name: string) => match(fields[name], `${at}.${name}`, ADDRESS, "0x and 40 hex characters");
  const given = <T>(name: string, read: () => T) =>
    needed || fields[name] !== undefined ? { [name]: read() } : {};
  if (!needed && fields.inclusion !== undefined) {
    throw wrong(`${at}.inclusion`, "absent while the state is pending", fields.inclusion);
  }
  const anchor = {
    kind: "evm" as const,
    state,
    ...given("chainId", () => match(fields.chainId, `${at}.chainId`, CAIP2, "eip155:<number>")),
    ...given("contract", () => at20("contract")),
    ...given("codeHash", () => at32("codeHash")),
    ...given("submitter", () => at20("submitter")),
    ...given("transactionHashes", () =>
      list(fields.transactionHashes, `${at}.transactionHashes`, 1_000)
        .map((tx, i) =>
          match(tx, `${at}.transactionHashes[${i}]`, HASH_0X, "0x and 64 lowercase hex characters")
        )),
    ...given("inclusion", () => parseInclusion(fields.inclusion, `${at}.inclusion`)),
  };
  const { inclusion, transactionHashes = [] } = anchor as Partial<EvmProofAnchor>;
  if (inclusion !== undefined && !transactionHashes.includes(inclusion.transactionHash)) {
    throw wrong(`${at}.inclusion.transactionHash`, "one of transactionHashes", inclusion.transactionHash);
  }
  return anchor;
}

function parseInclusion(value: unknown, at: string): ProofInclusion {
  const fields = object(value, at, [
    "transactionHash",
    "transactionIndex",
    "blockNumber",
    "blockHash",
    "blockTime",
    "logIndex",
  ]);
  const at32 = (name: string) =>
    match(fields[name], `${at}.${name}`, HASH_0X, "0x and 64 lowercase hex characters");
  return {
    transactionHash: at32("transactionHash"),
    transactionIndex: count(fields.transactionIndex, `${at}.transactionIndex`),
    blockNumber: whole(fields.blockNumber, `${at}.blockNumber`),
    blockHash: at32("blockHash"),
    blockTime: unixSeconds(fields.blockTime, `${at}.blockTime`),
    logIndex: count(fields.logIndex, `${at}.logIndex`),
  };
}

function parseLocal(fields: Fields, at: string) {
  if (fields.state !== "local") throw wrong(`${at}.state`, '"local"', fields.state);
  return {
    kind: "local" as const,
    state: "local" as const,
    chainId: match(fields.chainId, `${at}.chainId`, /^local:.{1,256}$/u, "local:<origin>"),
    transactionId: match(fields.transactionId, `${at}.transactionId`, UUID_V4, "a UUID v4"),
    submitter: match(fields.submitter, `${at}.submitter`, /^local:.{1,256}$/u, "local:<origin>"),
    blockNumber: whole(fields.blockNumber, `${at}.blockNumber`),
    timestamp: unixSeconds(fields.timestamp, `${at}.timestamp`),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const HASH_0X = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const CAIP2 = /^eip155:[1-9][0-9]{0,15}$/;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function wrong(at: string, expected: string, value: unknown): PotError {
  const shown = isObject(value) || Array.isArray(value)
    ? "an object or list"
    : String(JSON.stringify(value)).slice(0, 80);
  return new PotError(`Cannot read the proof as ${at} must be ${expected}`, {
    facts: [`${at}: ${shown}`],
    hint: "write the proof again with: pot prove <id>",
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown, at: string, allowed: readonly string[]): Fields {
  if (!isObject(value)) throw wrong(at, "an object", value);
  const surplus = Object.keys(value).find((name) => !allowed.includes(name));
  if (surplus !== undefined) {
    throw wrong(at, `without the unknown field ${JSON.stringify(surplus.slice(0, 80))}`, value);
  }
  return value;
}

function list(value: unknown, at: string, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxLength) {
    throw wrong(at, `a list of at most ${maxLength}`, value);
  }
  return value;
}

function text(value: unknown, at: string, maxLength: number): string {
  if (typeof value !== "string" || value.length > maxLength) {
    throw wrong(at, `text of at most ${maxLength} characters`, value);
  }
  return value;
}

function match(value: unknown, at: string, pattern: RegExp, expected: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw wrong(at, expected, value);
  return value;
}

function whole(value: unknown, at: string): bigint {
  const expected = "a decimal string below 2^63, without leading zeros";
  const number = BigInt(match(value, at, /^(?:0|[1-9][0-9]{0,18})$/, expected));
  if (number >= 1n << 63n) throw wrong(at, expected, value);
  return number;
}

function count(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || Object.is(value, -0)) {
    throw wrong(at, "a whole number from 0", value);
  }
  return value as number;
}

function unixSeconds(value: unknown, at: string): number {
  const seconds = count(value, at);
  if (seconds > MAX_UNIX_SECONDS) throw wrong(at, "seconds since 1970, before year 10000", value);
  return seconds;
}

function hash(value: unknown, at: string): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value, 32) : undefined;
  if (bytes === undefined) throw wrong(at, "64 lowercase hex characters", value);
  return bytes;
}

function recordBytes(value: unknown): Uint8Array {
  const ok = typeof value === "string" && value.length > 0 && value.length <= MAX_RECORD_BASE64;
  const bytes = ok ? fromBase64(value) : undefined;
  if (bytes === undefined) throw wrong("record", "canonical base64 of at most 65 535 bytes", value);
  return bytes;
}
