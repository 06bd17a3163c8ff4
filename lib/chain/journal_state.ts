import {
  applyJournalFrame,
  type EventFrame,
  type JournalEntry,
  type JournalFrame,
  SETTLED_STATES,
} from "./journal_entry.ts";
import { createJournalTotals, type TransactionMetrics } from "./journal_totals.ts";

/** A transaction that nothing can change any more, as memory keeps it: `recall` reads the rest. */
export interface SettledTransaction {
  readonly key: string;
  readonly nonce: number;
  readonly state: "final" | "replaced" | "failed";
  /** Where it stands for good; absent where another transaction took its nonce. */
  readonly block?: {
    readonly number: bigint;
    readonly hash: `0x${string}`;
    readonly transactionHash: `0x${string}`;
  };
}

/** How many events memory keeps. */
const KEPT_EVENTS = 500;
/** Settled transactions whose blocks are looked at again. */
const KEPT_SETTLED = 64;

/** Where an append stands in the journal's file. */
export interface FramePlace {
  readonly offset: number;
  readonly lengthBytes: number;
}

export type JournalState = ReturnType<typeof createJournalState>;

/** What memory keeps of a journal's frames: of the same frames it is the same. */
export function createJournalState(chainId: number) {
  const entries = new Map<string, JournalEntry>();
  const settled = new Map<string, { readonly transaction: SettledTransaction; readonly place: FramePlace }>();
  const recent: SettledTransaction[] = [];
  const events: EventFrame[] = [];
  const totals = createJournalTotals();
  let highestNonce = -1;
  let newestMs = 0;
  let sorted: readonly JournalEntry[] | undefined;

  function settle(entry: JournalEntry, place: FramePlace): void {
    const { key, nonce, mined } = entry;
    const state = entry.state as SettledTransaction["state"];
    const block = mined && {
      number: mined.blockNumber,
      hash: mined.blockHash,
      transactionHash: mined.transactionHash,
    };
    const transaction: SettledTransaction = { key, nonce, state, ...(block && { block }) };
    entries.delete(key);
    settled.set(key, { transaction, place });
    recent.push(transaction);
    if (recent.length > KEPT_SETTLED) recent.shift();
  }

  function apply(frame: JournalFrame, place: FramePlace): void {
    if (frame.chainId !== chainId) return;
    newestMs = Math.max(newestMs, frame.type === "signed" ? frame.signedAtMs : frame.atMs);
    if (frame.type === "event") {
      events.push(frame);
      if (events.length > KEPT_EVENTS) events.shift();
      return;
    }
    highestNonce = Math.max(highestNonce, frame.nonce);
    const before = entries.get(frame.key);
    const after = applyJournalFrame(before, frame);
    if (after === undefined || after === before) return;
    sorted = undefined;
    entries.set(frame.key, after);
    totals.apply(frame, { before, after, newestMs });
    if (SETTLED_STATES.has(after.state)) settle(after, place);
  }

  const live = () => sorted ??= [...entries.values()].sort((a, b) => a.nonce - b.nonce);

  function metrics(): TransactionMetrics {
    const waiting = live().flatMap(({ mined, signedAtMs }) => mined === undefined ? [signedAtMs] : []);
    const oldestPendingAtMs = waiting.reduce((oldest, atMs) => Math.min(oldest, atMs), Infinity);
    return { ...totals.metrics(), ...(waiting.length > 0 && { oldestPendingAtMs }) };
  }

  return {
    entries,
    settled,
    recent,
    events,
    totals,
    apply,
    highestNonce: () => highestNonce,
    newestMs: () => newestMs,
    live,
    metrics,
  };
}
