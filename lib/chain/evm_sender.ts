import { keccak256 } from "viem/utils";
import type { Clock } from "../core/clock.ts";
import { UnreachableError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import type { TransactionSigner } from "../core/signer.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import type { TransactionJournal } from "./journal.ts";
import type { JournalEntry } from "./journal_entry.ts";
import { checkBalance, type PreparedTransaction, prepareTransaction } from "./prepare_transaction.ts";
import { settleTransaction } from "./settle_transaction.ts";
import type { SendRequest, TransactionSender } from "./transaction_sender.ts";

export interface EvmSenderOptions {
  readonly endpoints: EndpointPool;
  readonly signer: TransactionSigner;
  /** Of the signer's address and the pool's chain; disposed together with the sender. */
  readonly journal: TransactionJournal;
  readonly feePolicy: FeePolicy;
  /** Depth at which a transaction counts as confirmed; 1 is just mined. */
  readonly confirmations: number;
  readonly clock: Clock;
  /** @default 1_000 */
  readonly pollIntervalMs?: number;
  /** How long `send` waits without progress. @default 180_000 */
  readonly patienceMs?: number;
  /** Added to the gas estimate. @default 20 */
  readonly gasMarginPercent?: number;
}

/**
 * The sender of one account. Several `send` calls may be under way at once: checks and waits overlap, nonces are handed
 * out one by one, each in the same append as the signed bytes.
 */
export function createEvmSender(options: EvmSenderOptions): TransactionSender {
  const { endpoints, signer, journal, feePolicy, confirmations, clock } = options;
  const { pollIntervalMs = 1_000, patienceMs = 180_000, gasMarginPercent = 20 } = options;
  const { address } = signer;
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const preparing = new Map<string, Promise<JournalEntry>>();
  /** Keys whose transactions this process is seeing through, with the number of callers. */
  const settling = new Map<string, number>();
  let lastSigning: Promise<unknown> = Promise.resolve();

  /** The journaled transaction of that key, signed now where there was none. */
  async function ensureSigned(request: SendRequest, signal: AbortSignal) {
    for (let other = preparing.get(request.key); other !== undefined; other = preparing.get(request.key)) {
      // Its failure is reported to its own caller; this one tries for itself.
      await other.catch(() => {});
      signal.throwIfAborted();
    }
    const known = journal.find(request.key);
    if (known !== undefined && isLive(known)) return { entry: known, isFresh: false };
    const work = sign(request, signal);
    preparing.set(request.key, work);
    try {
      return { entry: await work, isFresh: true };
    } finally {
      preparing.delete(request.key);
    }
  }

  async function sign(request: SendRequest, signal: AbortSignal): Promise<JournalEntry> {
    journal.prepare(request);
    try {
      const prepared = await prepareTransaction(request, {
        endpoints,
        address,
        feePolicy,
        gasMarginPercent,
        signal,
      });
      const signing = lastSigning.then(() => signNext(request, prepared, signal));
      lastSigning = signing.catch(() => {});
      return await signing;
    } catch (error) {
      journal.discard(request.key);
      throw error;
    }
  }

  async function signNext(request: SendRequest, prepared: PreparedTransaction, signal: AbortSignal) {
    signal.throwIfAborted();
    checkNotBehind(journal, prepared.minedNonce);
    const reservedWei = journal.entries()
      .filter((entry) => entry.nonce >= prepared.minedNonce && isLive(entry))
      .reduce((sum, entry) => sum + entry.maxCostWei, 0n);
    checkBalance(request, { ...prepared, reservedWei, address });
    const nonce = Math.max(prepared.pendingNonce, journal.nextNonce());
    const raw = await signer.signTransaction({ ...prepared.fields, nonce });
    const { key, purpose } = request;
    const { maxCostWei } = prepared;
    return await journal.sign({
      key,
      purpose,
      nonce,
      raw,
      hash: keccak256(raw),
      maxCostWei,
      atMs: clock.now(),
    });
  }

  return {
    address,
    has(key) {
      const entry = journal.find(key);
      return preparing.has(key) || (entry !== undefined && isLive(entry));
    },
    async send(request, { confirmations: depth = confirmations, signal } = {}) {
      const either = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
      either.throwIfAborted();
      const work = (async () => {
        const { entry, isFresh } = await ensureSigned(request, either);
        if (entry.state === "final" && entry.mined !== undefined) return entry.mined;
        const isLeftBehind = ({ key, nonce, state }: JournalEntry) =>
          nonce < entry.nonce && !settling.has(key) &&
          (state === "signed" || state === "broadcast" || state === "unknown");
        settling.set(request.key, (settling.get(request.key) ?? 0) + 1);
        return await settleTransaction(entry, request, {
          endpoints,
          journal,
          clock,
          pollIntervalMs,
          patienceMs,
          confirmations: depth,
          confirmedDepth: confirmations,
          isFresh,
          mayHaveGap: journal.entries().some(isLeftBehind),
          signal: either,
        }).finally(() => {
          const others = settling.get(request.key)! - 1;
          if (others > 0) settling.set(request.key, others);
          else settling.delete(request.key);
        });
      })();
      underWay.add(work);
      try {
        return await work;
      } finally {
        underWay.delete(work);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException("The sender was closed", "AbortError"));
      await Promise.allSettled([...underWay]);
      await journal[Symbol.asyncDispose]();
    },
  };
}

/** Signed, and not known to have come to nothing. */
function isLive({ state }: JournalEntry): boolean {
  return state !== "prepared" && state !== "failed";
}

/** A chain with fewer transactions than were confirmed would have nonces used twice. */
function checkNotBehind(journal: TransactionJournal, minedNonce: number): void {
  const settled = journal.entries().findLast(({ state }) => state === "confirmed" || state === "final");
  if (settled === undefined || settled.nonce < minedNonce) return;
  throw new UnreachableError("Cannot send as the RPC endpoint is behind the transaction journal", {
    facts: [
      `account: ${journal.address}`,
      `endpoint: ${minedNonce} transactions`,
      `journal: ${settled.nonce + 1} transactions`,
    ],
    hint:
      "wait until the endpoint has caught up; after a reset of a development chain, start with a fresh POT_HOME",
  });
}
