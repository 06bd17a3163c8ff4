import {
  base64Bytes,
  count,
  type Fields,
  hash,
  isObject,
  list,
  match,
  object,
  text,
  unixSeconds,
  whole,
  wrong,
} from "./proof_fields.ts";
import {
  type Anchor,
  type EvmAnchor,
  MAX_BLOCK_HEADER_BYTES,
  MAX_RECEIPT_BYTES,
  MAX_TRIE_PATH,
  type ProofAnchor,
  type ProofInclusion,
  type ReceiptProof,
} from "./proof.ts";

const MAX_PATH = 64;
/** A leaf holds the receipt, behind a few bytes of its own. */
const MAX_NODE_BYTES = MAX_RECEIPT_BYTES + 64;

const HEAD_FIELDS = ["kind", "state", "size", "root", "checkpoint"];
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

/**
 * Reads an anchor of a proof from JSON.
 *
 * @throws {PotError} naming the field below `at` that is not as it must be (exit code 1)
 */
export function parseProofAnchor(value: unknown, at: string): ProofAnchor {
  const { path, ...rest } = parseFields(value, at, ["path"]);
  const nodes = list(path, `${at}.path`, MAX_PATH).map((node, i) => hash(node, `${at}.path[${i}]`));
  const { size, root, ...more } = parseRest(rest, at);
  return { size, root, path: nodes, ...more } as ProofAnchor;
}

/** The same of an anchor that stands for many records, and so has no path of its own. */
export function parseAnchor(value: unknown, at: string): Anchor {
  return parseRest(parseFields(value, at), at);
}

function parseFields(value: unknown, at: string, more: readonly string[] = []): Fields {
  const kind = isObject(value) ? value.kind : undefined;
  if (kind !== "evm" && kind !== "local") throw wrong(`${at}.kind`, '"evm" or "local"', kind);
  return object(value, at, [...(kind === "evm" ? EVM_FIELDS : LOCAL_FIELDS), ...more]);
}

function parseRest(fields: Fields, at: string): Anchor {
  const head = {
    size: whole(fields.size, `${at}.size`),
    root: hash(fields.root, `${at}.root`),
    checkpoint: text(fields.checkpoint, `${at}.checkpoint`, 65_536),
  };
  return fields.kind === "evm"
    ? { ...head, ...parseEvm(fields, at) }
    : { ...head, ...parseLocal(fields, at) };
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
  const { inclusion, transactionHashes = [] } = anchor as Partial<EvmAnchor>;
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
    "receiptProof",
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
    ...(fields.receiptProof === undefined
      ? {}
      : { receiptProof: parseReceiptProof(fields.receiptProof, `${at}.receiptProof`) }),
  };
}

/**
 * Reads a captured receipt proof from JSON, or the word that there can be none.
 *
 * @throws {PotError} naming the field below `at` that is not as it must be (exit code 1)
 */
export function parseReceiptProof(value: unknown, at: string): ReceiptProof | "unavailable" {
  if (value === "unavailable") return value;
  if (!isObject(value)) throw wrong(at, 'an object or "unavailable"', value);
  const { header, receipt, path } = object(value, at, ["header", "receipt", "path"]);
  const nodes = list(path, `${at}.path`, MAX_TRIE_PATH);
  if (nodes.length === 0) throw wrong(`${at}.path`, "a list of at least one node", path);
  return {
    header: base64Bytes(header, `${at}.header`, MAX_BLOCK_HEADER_BYTES),
    receipt: base64Bytes(receipt, `${at}.receipt`, MAX_RECEIPT_BYTES),
    path: nodes.map((node, i) => base64Bytes(node, `${at}.path[${i}]`, MAX_NODE_BYTES)),
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

const HASH_0X = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const CAIP2 = /^eip155:[1-9][0-9]{0,15}$/;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
