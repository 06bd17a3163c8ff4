import type { Clock } from "../core/clock.ts";
import { UnreachableError } from "../core/errors.ts";
import { ChainError, chainErrorOf } from "./chain_error.ts";
import {
  type CanonicalReceipt,
  depthOf,
  getBlockNumber,
  getCanonicalReceipt,
  getFinalizedBlockNumber,
} from "./chain_reads.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import type { TransactionJournal } from "./journal.ts";
import type { JournalEntry } from "./journal_entry.ts";
import { revertError } from "./revert_reason.ts";
import { parseQuantity } from "./rpc_values.ts";
import type { MinedTransaction, SendRequest } from "./transaction_sender.ts";

export interface SettleOptions {
  readonly endpoints: EndpointPool;
  readonly journal: TransactionJournal;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
  /** How long to wait without the transaction being mined, or, once mined, without a new block. */
  readonly patienceMs: number;
  /** Depth at which to stop waiting; 1 is just mined. */
  readonly confirmations: number;
  /** Depth that counts as confirmed in the journal. */
  readonly confirmedDepth: number;
  /** Just signed by this process, so that no endpoint can know it yet. */
  readonly isFresh: boolean;
  /** Transactions with lower nonces may be missing from the pools. */
  readonly mayHaveGap: boolean;
  readonly signal: AbortSignal;
}

const REBROADCAST_MS = 15_000;
/** Looks without a trace of ours, after an endpoint said "nonce too low", until the nonce counts as lost: nodes behind one URL can lag. */
const LOOKS_BEFORE_LOST = 3;

/**
 * Broadcasts a journaled transaction as often as needed, always the same bytes, and waits until it is deep enough in
 * the canonical chain.
 *
 * @throws ChainError when it reverted (at that depth), or when another transaction took its nonce, or when every
 *   endpoint refuses it; a refused one stays in the journal and is broadcast again when its key is asked for.
 * @throws UnreachableError when that could not be found out in time.
 */
export async function settleTransaction(
  start: JournalEntry,
  request: SendRequest,
  options: SettleOptions,
): Promise<MinedTransaction> {
  const {
    endpoints,
    journal,
    clock,
    pollIntervalMs,
    patienceMs,
    confirmations,
    confirmedDepth,
    isFresh,
    mayHaveGap,
    signal,
  } = options;
  const hashes = start.forms.map(({ hash }) => hash);
  let entry = start;
  let giveUpAtMs = clock.now() + patienceMs;
  let broadcastAtMs = 0;
  let looksWithoutTrace = 0;
  let headNumber = -1n;
  let outage: UnreachableError | undefined;
  let wasMined = false;

  for (let pass = 0;; pass++) {
    signal.throwIfAborted();
    try {
      const found = isFresh && pass === 0
        ? undefined
        : await getCanonicalReceipt(endpoints, hashes, { signal });
      if (found !== undefined) {
        const newHead = await getBlockNumber(endpoints, { signal });
        const mined = toMined(found, hashes);
        const depth = depthOf(mined.blockNumber, newHead);
        if (depth >= BigInt(confirmations)) return await conclude(found, mined, depth, newHead);
        entry = await journal.note(entry, { state: "mined", mined });
        if (newHead > headNumber) giveUpAtMs = clock.now() + patienceMs;
        headNumber = newHead;
        wasMined = true;
      } else {
        // A reorganisation took it out of the chain, and perhaps out of the pools too.
        if (wasMined) broadcastAtMs = 0;
        wasMined = false;
        if (clock.now() >= broadcastAtMs) {
          const isAccepted = await broadcast();
          broadcastAtMs = isAccepted ? clock.now() + REBROADCAST_MS : 0;
          if (pass === 0) continue;
        }
      }
      outage = undefined;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      outage = error;
      await noteUnknown();
    }
    if (clock.now() >= giveUpAtMs) throw outage ?? notMined();
    await clock.sleep(pollIntervalMs, { signal });
  }

  /** Whether an endpoint has it now. */
  async function broadcast(): Promise<boolean> {
    const minedNonce = isFresh && !mayHaveGap && entry.state === "signed"
      ? entry.nonce
      : await broadcastEarlier();
    const { isAccepted, failures } = await endpoints.broadcast(entry.forms.at(-1)!.raw, { signal });
    if (isAccepted) {
      looksWithoutTrace = 0;
      entry = await journal.note(entry, { state: "broadcast" });
      return true;
    }
    const isNonceLow = failures.some(({ failure }) => failure.kind === "nonce-too-low");
    if (isNonceLow || minedNonce > entry.nonce) {
      await checkNonceLost();
    } else if (failures.every(({ failure }) => !failure.isRetryable)) {
      const { endpoint, failure } = failures[0]!;
      if (!failure.isRetryable) throw chainErrorOf(request.purpose, { endpoint, failure });
    }
    // Whoever gave no clear answer may have passed it on all the same.
    await noteUnknown();
    return false;
  }

  /** A nonce waits for those below it, so these are handed out again too. Answers with the number of mined ones. */
  async function broadcastEarlier(): Promise<number> {
    const answer = await endpoints.read("eth_getTransactionCount", [journal.address, "latest"], { signal });
    const minedNonce = Number(parseQuantity(answer, "nonce"));
    for (const earlier of journal.entries()) {
      const form = earlier.forms.at(-1);
      if (form === undefined || earlier.nonce < minedNonce || earlier.nonce >= entry.nonce) continue;
      await endpoints.broadcast(form.raw, { signal });
    }
    return minedNonce;
  }

  async function checkNonceLost(): Promise<void> {
    for (const hash of hashes) {
      if (await endpoints.read("eth_getTransactionByHash", [hash], { signal }) !== null) {
        looksWithoutTrace = 0;
        return;
      }
    }
    if (++looksWithoutTrace < LOOKS_BEFORE_LOST) return;
    const failure = "another transaction of this key took its nonce";
    entry = await journal.note(entry, { state: "failed", failure });
    throw new ChainError(`Cannot ${request.purpose} as ${failure}`, {
      kind: "nonce-too-low",
      facts: [`account: ${journal.address}`, `nonce: ${entry.nonce}`, `our transaction: ${hashes.at(-1)}`],
      hint: "use this key for nothing else, then try again",
    });
  }

  async function noteUnknown(): Promise<void> {
    if (entry.state === "signed" || entry.state === "broadcast") {
      entry = await journal.note(entry, { state: "unknown" });
    }
  }

  async function conclude(
    { receipt }: CanonicalReceipt,
    mined: MinedTransaction,
    depth: bigint,
    newHead: bigint,
  ): Promise<MinedTransaction> {
    if (receipt.isReverted) {
      const error = revertError(request.purpose, await findRevertData(mined), [
        `transaction: ${mined.transactionHash}`,
        `block: ${mined.blockNumber}`,
      ]);
      entry = await journal.note(entry, { state: "failed", mined, failure: error.message });
      throw error;
    }
    if (depth < BigInt(confirmedDepth)) {
      entry = await journal.note(entry, { state: "mined", mined });
      return mined;
    }
    // Asked only about what was confirmed before: a transaction is not final the moment it is confirmed.
    const isFinal = start.state === "confirmed" &&
      mined.blockNumber <= await getFinalizedBlockNumber(endpoints, newHead, { signal });
    entry = await journal.note(entry, { state: isFinal ? "final" : "confirmed", mined });
    return mined;
  }

  /** A receipt has no reason, so the call is tried again on the state it left behind. */
  async function findRevertData({ blockNumber }: MinedTransaction): Promise<`0x${string}` | undefined> {
    const call = {
      from: journal.address,
      data: request.data,
      ...(request.to !== undefined && { to: request.to }),
    };
    try {
      await endpoints.read("eth_call", [call, `0x${blockNumber.toString(16)}`], { signal });
    } catch (error) {
      if (error instanceof ChainError) return error.revertData;
      if (!(error instanceof UnreachableError)) throw error;
    }
    return undefined;
  }

  function notMined(): UnreachableError {
    return new UnreachableError(
      `Cannot tell whether the chain took the transaction to ${request.purpose} as it is not deep enough in a block yet`,
      {
        facts: [
          `transaction: ${hashes.at(-1)}`,
          `nonce: ${entry.nonce}`,
          `waited: ${Math.round(patienceMs / 1000)} s`,
        ],
        hint: "run the same command again: it goes on waiting for this transaction and sends no second one",
      },
    );
  }
}

function toMined({ receipt, block }: CanonicalReceipt, hashes: readonly `0x${string}`[]): MinedTransaction {
  const { isReverted: _, ...facts } = receipt;
  // The mined one last, whichever was signed last.
  const transactionHashes = [
    ...hashes.filter((hash) => hash !== receipt.transactionHash),
    receipt.transactionHash,
  ];
  return { ...facts, transactionHashes, blockTime: block.timestamp };
}
