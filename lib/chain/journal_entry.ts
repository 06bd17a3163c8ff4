import { PotError } from "../core/errors.ts";
import type { MinedTransaction } from "./transaction_sender.ts";

/**
 * How far a transaction has come. `prepared` is being checked and has no nonce yet, which only the running process knows;
 * `unknown` means that a broadcast got no clear answer; `failed` took a nonce (or lost it) without effect.
 */
export type TransactionState =
  | "prepared"
  | "signed"
  | "broadcast"
  | "mined"
  | "confirmed"
  | "final"
  | "unknown"
  | "failed";

/** One signed form of a transaction; a replacement has the same nonce and another hash. */
export interface SignedForm {
  readonly hash: `0x${string}`;
  readonly raw: `0x${string}`;
}

/** One transaction of one account, as the journal knows it. */
export interface JournalEntry {
  readonly key: string;
  readonly purpose: string;
  readonly chainId: number;
  readonly state: TransactionState;
  /** -1 while prepared. */
  readonly nonce: number;
  /** Every form ever signed for this nonce, oldest first. */
  readonly forms: readonly SignedForm[];
  /** The most it can cost: gas limit times fee limit. */
  readonly maxCostWei: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly signedAtMs: number;
  /** Where it was last seen in a block, reverted or not. */
  readonly mined?: MinedTransaction;
  /** Why it failed, in words. */
  readonly failure?: string;
}

/** What is written at once, before the first broadcast: the nonce together with the signed bytes. */
export interface SignedFrame extends SignedForm {
  readonly type: "signed";
  readonly key: string;
  readonly purpose: string;
  readonly chainId: number;
  readonly nonce: number;
  readonly maxCostWei: bigint;
  readonly atMs: number;
}

/** What is written when something was learned about a transaction. */
export interface StateFrame {
  readonly type: "state";
  readonly key: string;
  readonly chainId: number;
  readonly nonce: number;
  readonly state: Exclude<TransactionState, "prepared" | "signed">;
  readonly mined?: MinedTransaction;
  readonly failure?: string;
}

export type JournalFrame = SignedFrame | StateFrame;

/** Fields that are bigint in memory and decimal strings on disk. */
const BIGINT_FIELDS: ReadonlySet<string> = new Set([
  "maxCostWei",
  "blockNumber",
  "gasUsed",
  "effectiveGasPriceWei",
]);

/** A frame as UTF-8 JSON; wei, gas and block numbers become decimal strings. */
export function encodeJournalFrame(frame: JournalFrame): Uint8Array {
  const json = JSON.stringify(frame, (_, value) => typeof value === "bigint" ? value.toString() : value);
  return new TextEncoder().encode(json);
}

/**
 * Reads {@linkcode encodeJournalFrame}'s bytes back.
 *
 * @throws PotError for anything else, as a journal that cannot be read must not be written over.
 */
export function decodeJournalFrame(bytes: Uint8Array): JournalFrame {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const frame: unknown = JSON.parse(
      text,
      (name, value) => BIGINT_FIELDS.has(name) ? readBigint(value) : value,
    );
    if (isJournalFrame(frame)) return frame;
  } catch {
    // Reported below; the parser's message would quote the content.
  }
  throw new PotError("Cannot read the transaction journal as it holds a frame this version does not know", {
    hint: "update pot, or restore the journal from a backup",
  });
}

function readBigint(value: unknown): bigint {
  if (typeof value === "string" && /^(?:0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value);
  throw new TypeError("not a decimal string");
}

const STATES: readonly unknown[] = ["broadcast", "mined", "confirmed", "final", "unknown", "failed"];
const HASH = /^0x[0-9a-f]{64}$/;

/** As far as a damaged or foreign frame could hurt: what it says is sent to a chain and counted against limits. */
function isJournalFrame(value: unknown): value is JournalFrame {
  if (!isObject(value)) return false;
  const { type, key, chainId, nonce } = value;
  if (typeof key !== "string" || !isWhole(chainId) || !isWhole(nonce)) return false;
  if (type === "signed") {
    return typeof value.purpose === "string" && matches(value.hash, HASH) &&
      matches(value.raw, /^0x(?:[0-9a-f]{2})+$/) && typeof value.maxCostWei === "bigint" &&
      isWhole(value.atMs);
  }
  return type === "state" && STATES.includes(value.state) &&
    (value.failure === undefined || typeof value.failure === "string") &&
    (value.mined === undefined || isMined(value.mined));
}

function isMined(value: unknown): boolean {
  return isObject(value) && matches(value.transactionHash, HASH) && matches(value.blockHash, HASH) &&
    [value.transactionIndex, value.blockTime].every(isWhole) &&
    [value.blockNumber, value.gasUsed, value.effectiveGasPriceWei].every((field) =>
      typeof field === "bigint"
    ) &&
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

/** The entry after a frame; `before` is what its key stood at. */
export function applyJournalFrame(
  before: JournalEntry | undefined,
  frame: JournalFrame,
): JournalEntry | undefined {
  if (frame.type === "state") {
    if (before === undefined || before.nonce !== frame.nonce) return before;
    const { mined = before.mined, failure = before.failure, state } = frame;
    return { ...before, state, ...(mined && { mined }), ...(failure !== undefined && { failure }) };
  }
  const { key, purpose, chainId, nonce, hash, raw, maxCostWei, atMs } = frame;
  // The same nonce again replaces the earlier form; another nonce is a new attempt after a failure.
  const earlier = before?.nonce === nonce ? before.forms : [];
  const forms = [...earlier, { hash, raw }];
  return { key, purpose, chainId, state: "signed", nonce, forms, maxCostWei, signedAtMs: atMs };
}
