import type { Fees } from "../core/fee_policy.ts";
import type { MinedTransaction } from "./transaction_sender.ts";

/**
 * How far a transaction has come. `unknown`: a broadcast got no clear answer · `replaced`: a cancellation took its nonce for good ·
 * `failed`: it took its nonce without effect (a revert), or another transaction took it, for good.
 */
export type TransactionState =
  | "signed"
  | "broadcast"
  | "unknown"
  | "mined"
  | "confirmed"
  | "final"
  | "replaced"
  | "failed";

/** States that nothing can change any more. */
export const SETTLED_STATES: ReadonlySet<TransactionState> = new Set(["final", "replaced", "failed"]);

/** Why a form was signed: the first one, for more fees, in order to take the nonce without effect, or to fill a gap. */
export type FormKind = "first" | "speed-up" | "cancel" | "gap";

/** One signed form of a transaction; a replacement has the same nonce and another hash. */
export interface SignedForm {
  readonly kind: FormKind;
  readonly hash: `0x${string}`;
  /** Ready for `eth_sendRawTransaction`. */
  readonly raw: `0x${string}`;
  readonly fees: Fees;
  /** Milliseconds since the Unix epoch. */
  readonly signedAtMs: number;
}

/** One transaction of one account, as the journal knows it. */
export interface JournalEntry {
  readonly key: string;
  readonly purpose: string;
  readonly chainId: number;
  readonly state: TransactionState;
  readonly nonce: number;
  /** How many records it is for: 1 for a stored hash, those newly covered for an anchor, 0 for what is no evidence. */
  readonly records: number;
  /** Every form ever signed for this nonce, oldest first. */
  readonly forms: readonly SignedForm[];
  /** The most it can cost: of its dearest form, gas limit times fee limit. */
  readonly maxCostWei: bigint;
  /** When its first form was signed; milliseconds since the Unix epoch, as are the next three. */
  readonly signedAtMs: number;
  /** When it was first seen in a block; kept through a reorganisation. */
  readonly minedAtMs?: number;
  readonly confirmedAtMs?: number;
  /** Where it is in the canonical chain, reverted or not; absent while it is in none. */
  readonly mined?: MinedTransaction;
  /** Why it has had no effect, in words: final once the state is `failed`. */
  readonly failure?: string;
}

/** What is written at once, before the first broadcast: the nonce together with the signed bytes. */
export interface SignedFrame extends SignedForm {
  readonly type: "signed";
  readonly key: string;
  readonly purpose: string;
  readonly chainId: number;
  readonly nonce: number;
  readonly records: number;
  readonly maxCostWei: bigint;
}

/** What is written when something was learned about a transaction. */
export interface StateFrame {
  readonly type: "state";
  readonly key: string;
  readonly chainId: number;
  readonly nonce: number;
  readonly state: Exclude<TransactionState, "signed">;
  readonly atMs: number;
  readonly mined?: MinedTransaction;
  readonly failure?: string;
}

/** Something that an operator should hear of; kept with the transactions, so that it is told once. */
export interface EventFrame {
  /** Tells it from the other frames. */
  readonly type: "event";
  /** EIP-155. */
  readonly chainId: number;
  /** What happened. */
  readonly name: SenderEventName;
  /** What it is about, such as a nonce, a key or a day: the same name and subject are one event. */
  readonly subject: string;
  /** In words and without secrets. */
  readonly detail: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** What a sender tells of: each is explained in docs/operations.md. */
export type SenderEventName =
  | "budget-exceeded"
  | "deadline-passed"
  | "fee-capped"
  | "foreign-transaction"
  | "nonce-gap-filled"
  | "not-signed"
  | "reorganised"
  | "finality-violated"
  | "clock-skew";

export type JournalFrame = SignedFrame | StateFrame | EventFrame;

/** Fields that are bigint in memory and decimal strings on disk. */
const BIGINT_FIELDS: ReadonlySet<string> = new Set([
  "maxCostWei",
  "blockNumber",
  "gasUsed",
  "effectiveGasPriceWei",
  "extraFeeWei",
  "maxFeePerGasWei",
  "maxPriorityFeePerGasWei",
  "gasPriceWei",
]);

/** The entry after a frame; `before` is what its key stood at. */
export function applyJournalFrame(
  before: JournalEntry | undefined,
  frame: SignedFrame | StateFrame,
): JournalEntry | undefined {
  return frame.type === "state" ? applyState(before, frame) : applySigned(before, frame);
}

function applySigned(before: JournalEntry | undefined, frame: SignedFrame): JournalEntry {
  const { key, purpose, chainId, nonce, records, kind, hash, raw, fees, signedAtMs, maxCostWei } = frame;
  const form: SignedForm = { kind, hash, raw, fees, signedAtMs };
  // The same nonce again is one more form; another nonce is a new attempt after a failure.
  if (before === undefined || before.nonce !== nonce) {
    return { key, purpose, chainId, state: "signed", nonce, records, forms: [form], maxCostWei, signedAtMs };
  }
  return {
    ...before,
    state: "signed",
    forms: [...before.forms, form],
    maxCostWei: maxCostWei > before.maxCostWei ? maxCostWei : before.maxCostWei,
  };
}

function applyState(before: JournalEntry | undefined, frame: StateFrame): JournalEntry | undefined {
  if (before === undefined || before.nonce !== frame.nonce) return before;
  const { mined: _mined, failure: _failure, ...rest } = before;
  const { state, atMs, mined, failure } = frame;
  const isInBlock = mined !== undefined;
  return {
    ...rest,
    state,
    ...(isInBlock && { mined, minedAtMs: before.minedAtMs ?? atMs }),
    ...(state === "confirmed" && before.confirmedAtMs === undefined && { confirmedAtMs: atMs }),
    ...(failure !== undefined && { failure }),
  };
}

/** What it cost, as far as that is settled: what was paid in its block, or nothing where another transaction took its nonce. */
export function settledCostWei({ state, mined }: Pick<JournalEntry, "state" | "mined">): bigint | undefined {
  if (mined !== undefined) return mined.gasUsed * mined.effectiveGasPriceWei + (mined.extraFeeWei ?? 0n);
  return SETTLED_STATES.has(state) ? 0n : undefined;
}

/** Frames of one append as UTF-8 JSON; wei, gas and block numbers become decimal strings. */
export function encodeJournalFrames(frames: readonly JournalFrame[]): Uint8Array {
  const json = JSON.stringify(frames, (_, value) => typeof value === "bigint" ? value.toString() : value);
  return new TextEncoder().encode(json);
}

/** Reads {@linkcode encodeJournalFrames}'s bytes back as JSON with its integers; `undefined` for what is no JSON list. */
export function parseJournalFrames(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const frames: unknown = JSON.parse(
      text,
      (name, value) => BIGINT_FIELDS.has(name) ? readBigint(value) : value,
    );
    return Array.isArray(frames) ? frames : undefined;
  } catch {
    return undefined;
  }
}

function readBigint(value: unknown): bigint {
  if (typeof value === "string" && /^(?:0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value);
  throw new TypeError("not a decimal string");
}
