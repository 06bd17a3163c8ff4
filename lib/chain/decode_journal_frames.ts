import { PotError } from "../core/errors.ts";
import { type JournalFrame, parseJournalFrames } from "./journal_entry.ts";

const STATES: readonly unknown[] = [
  "broadcast",
  "unknown",
  "mined",
  "confirmed",
  "final",
  "replaced",
  "failed",
];
const KINDS: readonly unknown[] = ["first", "speed-up", "cancel", "gap"];
const HASH = /^0x[0-9a-f]{64}$/;

/**
 * Reads the frames of one append back. What stands there is sent to a chain and counted against limits, so every field is looked at.
 *
 * @throws PotError for anything else, as a journal that cannot be read must not be written over.
 */
export function decodeJournalFrames(bytes: Uint8Array): readonly JournalFrame[] {
  const frames = parseJournalFrames(bytes);
  if (frames !== undefined && frames.length > 0 && frames.every(isJournalFrame)) return frames;
  throw new PotError("Cannot read the transaction journal as it holds a frame this version does not know", {
    hint: "update pot, or restore the journal from a backup",
  });
}

function isJournalFrame(value: unknown): value is JournalFrame {
  if (!isObject(value) || !isWhole(value.chainId)) return false;
  if (value.type === "event") {
    return [value.name, value.subject, value.detail].every((text) => typeof text === "string") &&
      isWhole(value.atMs);
  }
  if (typeof value.key !== "string" || !isWhole(value.nonce)) return false;
  if (value.type === "signed") {
    return typeof value.purpose === "string" && KINDS.includes(value.kind) && matches(value.hash, HASH) &&
      matches(value.raw, /^0x(?:[0-9a-f]{2})+$/) && typeof value.maxCostWei === "bigint" &&
      isFees(value.fees) && isWhole(value.records) && isWhole(value.signedAtMs);
  }
  return value.type === "state" && STATES.includes(value.state) && isWhole(value.atMs) &&
    (value.failure === undefined || typeof value.failure === "string") &&
    (value.mined === undefined || isMined(value.mined));
}

function isFees(value: unknown): boolean {
  if (!isObject(value)) return false;
  return value.type === "legacy"
    ? typeof value.gasPriceWei === "bigint"
    : value.type === "eip1559" && typeof value.maxFeePerGasWei === "bigint" &&
      typeof value.maxPriorityFeePerGasWei === "bigint";
}

function isMined(value: unknown): boolean {
  return isObject(value) && matches(value.transactionHash, HASH) && matches(value.blockHash, HASH) &&
    [value.transactionIndex, value.blockTime].every(isWhole) &&
    [value.blockNumber, value.gasUsed, value.effectiveGasPriceWei].every((field) =>
      typeof field === "bigint"
    ) &&
    (value.extraFeeWei === undefined || typeof value.extraFeeWei === "bigint") &&
    (value.isReverted === undefined || value.isReverted === true) &&
    Array.isArray(value.transactionHashes) && value.transactionHashes.every((hash) => matches(hash, HASH)) &&
    (value.contractAddress === undefined || matches(value.contractAddress, /^0x[0-9a-fA-F]{40}$/)) &&
    Array.isArray(value.logs) && value.logs.every(isLog);
}

function isLog(value: unknown): boolean {
  return isObject(value) && matches(value.address, /^0x[0-9a-fA-F]{40}$/) &&
    matches(value.data, /^0x(?:[0-9a-fA-F]{2})*$/) && Array.isArray(value.topics) &&
    value.topics.every((topic) => matches(topic, /^0x[0-9a-fA-F]{64}$/));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}
