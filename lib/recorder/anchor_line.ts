import type { AnchorFacts, EvmAnchorFacts, EvmInclusion } from "../chain/chain_client.ts";
import { PotError } from "../core/errors.ts";
import { fromHex, toHex } from "../core/hex.ts";
import type { SignedHead } from "../core/log_head.ts";
import { formatReceiptProof } from "../verify/format_proof.ts";
import { parseReceiptProof } from "../verify/parse_anchor.ts";

/** One anchored head with everything needed to write it into a proof. */
export interface Anchor extends SignedHead {
  /** What the chain or the ledger last said of it. */
  readonly facts: AnchorFacts;
}

const SCHEMA = "pot-anchor/1";
const BIGINT_FIELDS = ["blockNumber", "gasUsed", "effectiveGasPriceWei"];

/** An anchor as one line of `anchors.jsonl`; integers that may pass 2^53 are decimal strings, bytes are base64. */
export function encodeAnchor({ size, root, note, facts }: Anchor): unknown {
  const text = JSON.stringify(facts, (name, value) => {
    if (name === "receiptProof") return formatReceiptProof(value);
    return typeof value === "bigint" ? String(value) : value;
  });
  return { schema: SCHEMA, size: String(size), root: toHex(root), note, facts: JSON.parse(text) };
}

/**
 * Reads a line back.
 *
 * @throws {PotError} naming `where` when it is not an anchor.
 */
export function decodeAnchor(value: unknown, where: string): Anchor {
  const line = isObject(value) ? value : {};
  const { schema, size, root, note } = line;
  const rootBytes = typeof root === "string" ? fromHex(root, 32) : undefined;
  const facts = decodeFacts(line.facts);
  if (
    schema === SCHEMA && typeof size === "string" && /^[1-9][0-9]{0,18}$/.test(size) &&
    rootBytes !== undefined &&
    typeof note === "string" && facts !== undefined
  ) return { size: BigInt(size), root: rootBytes, note, facts };
  throw new PotError("Cannot read the anchor store as a line is not an anchor", {
    facts: [`at: ${where}`],
    hint: "restore the file from a backup; the chain still has the anchors",
  });
}

type Fields = Readonly<Record<string, unknown>>;

const EVM_STATES: readonly unknown[] = ["pending", "anchored", "confirmed", "final"];

/** What we wrote ourselves is checked as far as a damaged or foreign line could hurt: no later step may trip over it. */
function decodeFacts(value: unknown): AnchorFacts | undefined {
  if (!isObject(value) || !areTexts(value, ["chainId", "submitter"])) return undefined;
  if (value.kind === "local") {
    const isLocal = value.state === "local" && areTexts(value, ["transactionId"]) &&
      isWhole(value.timestamp) &&
      isDecimal(value.blockNumber);
    return isLocal ? withBigints(value) : undefined;
  }
  const { inclusion } = value;
  const isEvm = value.kind === "evm" && EVM_STATES.includes(value.state) &&
    areTexts(value, ["contract", "codeHash"]) && Array.isArray(value.transactionHashes) &&
    value.transactionHashes.every((hash) => typeof hash === "string") &&
    (value.state === "pending") === (inclusion === undefined);
  if (!isEvm) return undefined;
  const { inclusion: _, ...bare } = value;
  if (inclusion === undefined) return withBigints(bare);
  const read = decodeInclusion(inclusion);
  return read && { ...withBigints<EvmAnchorFacts>(bare), inclusion: read };
}

function decodeInclusion(value: unknown): EvmInclusion | undefined {
  if (!isObject(value)) return undefined;
  const { receiptProof, ...place } = value;
  const isPlace = areTexts(place, ["transactionHash", "blockHash"]) &&
    [place.transactionIndex, place.blockTime, place.logIndex].every(isWhole) &&
    BIGINT_FIELDS.every((name) => isDecimal(place[name]));
  if (!isPlace) return undefined;
  const inclusion: EvmInclusion = withBigints(place);
  if (receiptProof === undefined) return inclusion;
  try {
    return { ...inclusion, receiptProof: parseReceiptProof(receiptProof, "receiptProof") };
  } catch (error) {
    if (error instanceof PotError) return undefined;
    throw error;
  }
}

/** What was looked at already, as its type has it. */
function withBigints<T>(fields: Fields): T {
  return JSON.parse(
    JSON.stringify(fields),
    (key, field) => BIGINT_FIELDS.includes(key) ? BigInt(field) : field,
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areTexts(fields: Fields, names: readonly string[]): boolean {
  return names.every((name) => typeof fields[name] === "string");
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDecimal(value: unknown): boolean {
  return typeof value === "string" && /^(?:0|[1-9][0-9]{0,77})$/.test(value);
}
