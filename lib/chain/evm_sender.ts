import type { Clock } from "../core/clock.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import type { FeePolicy } from "../core/fee_policy.ts";
import type { TransactionSigner } from "../core/signer.ts";
import { readAccountState } from "./account_state.ts";
import { admitRequests } from "./admit_requests.ts";
import { majorityOf } from "./agreed_finality.ts";
import { broadcastEntries, type Refusal } from "./broadcast_entries.ts";
import { ChainError, chainErrorOf } from "./chain_error.ts";
import { depthOf } from "./chain_reads.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import type { TransactionJournal } from "./journal.ts";
import type { JournalEntry } from "./journal_entry.ts";
import { pushTransactions, replaceForm } from "./push_transactions.ts";
import { requireMayWrite, type SenderContext } from "./sender_context.ts";
import { cancelled, nonceLost, notMined } from "./send_errors.ts";
import type { SendingOptions } from "./sending_options.ts";
import { createSendWaiters } from "./send_waiters.ts";
import type { MinedTransaction, SendRequest, TransactionSender } from "./transaction_sender.ts";
import { explainRevert, type Sighting, watchTransactions } from "./watch_transactions.ts";

export interface EvmSenderOptions extends SendingOptions {
  readonly endpoints: EndpointPool;
  readonly signer: TransactionSigner;
  /** Of the signer's address and the pool's chain; disposed together with the sender. */
  readonly journal: TransactionJournal;
  readonly feePolicy: FeePolicy;
  /** Depth at which a transaction counts as confirmed; 1 is just mined. */
  readonly confirmations: number;
  readonly clock: Clock;
  /** Pause between two looks at the chain. @default 1_000 */
  readonly pollIntervalMs?: number;
  /** How long `send` waits without progress. @default 180_000 */
  readonly patienceMs?: number;
  /** Added to the gas estimate. @default 20 */
  readonly gasMarginPercent?: number;
}

/** Checked together, against one and the same state of the account: about half a second's signatures. */
const MAX_ADMITTED = 1_000;

/**
 * The sender of one account. Any number of `send` calls may be under way: what is asked for at one time is checked, signed, written
 * and broadcast together, each nonce in the same append as its signed bytes.
 *
 * One pass at a time looks at the chain, signs what waits and helps along what is stuck; it runs while somebody waits, or by `tick`.
 */
export function createEvmSender(options: EvmSenderOptions): TransactionSender {
  const {
    endpoints,
    signer,
    journal,
    clock,
    pollIntervalMs = 1_000,
    patienceMs = 180_000,
  } = options;
  const { maxInFlight = 1_000 } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const context: SenderContext = {
    endpoints,
    signer,
    journal,
    clock,
    feePolicy: options.feePolicy,
    limits: options.limits ?? {},
    confirmations: options.confirmations,
    gasMarginPercent: options.gasMarginPercent ?? 20,
    stuckAfterMs: options.stuckAfterMs ?? 90_000,
    rebroadcastAfterMs: options.rebroadcastAfterMs ?? 15_000,
    retryAfterMs: pollIntervalMs,
    finalQuorum: options.finalQuorum ??
      majorityOf(endpoints.endpointNames.length),
    pause: options.pause,
    mayWrite: options.mayWrite,
    onEvent: options.onEvent,
    closed: signal,
    handedOut: new Map(),
    vainLooks: new Map(),
    gasByShape: new Map(),
  };
  const waiters = createSendWaiters(clock, patienceMs);
  /** Asked for, and not signed yet, in order. */
  const queue = new Map<string, SendRequest>();
  let running: Promise<void> | undefined;
  let lastPass: Promise<unknown> = Promise.resolve();
  let admitting: Promise<void> | undefined;
  let wake = new AbortController();

  /** One pass at a time, whoever asks for it. */
  function pass(): Promise<void> {
    const next = lastPass.then(() => runPass());
    lastPass = next.catch(() => {});
    return next;
  }

  async function runPass(): Promise<void> {
    signal.throwIfAborted();
    // What is final is watched too: it must stay.
    const isIdle = journal.live().length === 0 && waiters.size() === 0 &&
      journal.recentlySettled().length === 0;
    if (isIdle) return;
    const sighting = await watchTransactions(context, { signal });
    await settleWaiters(sighting);
    for (const [key, refusal] of await pushTransactions(context, { signal })) refuse(key, refusal);
  }

  /** Signs what waits, beside the looks at the chain; one admission at a time. */
  function startAdmitting(): void {
    if (admitting !== undefined || nextTaken().length === 0) return;
    // Not at once, so that what is asked for in one go is checked and signed together.
    const work: Promise<void> = Promise.resolve().then(admitQueued).then(() => end(), (error) => {
      end();
      // Neither the chain's answer nor an outage: nobody's transaction can be seen through now.
      for (const { key } of waiters.list()) waiters.reject(key, error);
    });
    const end = () => admitting = undefined;
    admitting = work;
  }

  /** What may be signed now: so many that no more than allowed wait for a block. */
  function nextTaken(): readonly SendRequest[] {
    // Whoever stopped waiting before anything was signed wants nothing signed any more.
    for (const key of queue.keys()) if (!waiters.has(key)) queue.delete(key);
    const inFlight = journal.live().reduce((sum, { mined }) => sum + (mined === undefined ? 1 : 0), 0);
    const room = Math.min(MAX_ADMITTED, maxInFlight - inFlight);
    return room > 0 ? [...queue.values()].slice(0, room) : [];
  }

  /** Some at a time; each is handed out while the next ones are signed. */
  async function admitQueued(): Promise<void> {
    const broadcasts: Promise<void>[] = [];
    for (let taken = nextTaken(); taken.length > 0; taken = nextTaken()) {
      signal.throwIfAborted();
      broadcasts.push((await admit(taken)).done);
    }
    await Promise.all(broadcasts);
  }

  /** Resolves once these are signed or rejected; the promise inside, once they are broadcast. */
  async function admit(taken: readonly SendRequest[]): Promise<{ readonly done: Promise<void> }> {
    try {
      const { rejected, broadcasting } = await admitRequests(taken, context, { signal });
      for (const [key, error] of rejected) waiters.reject(key, error);
      const done = broadcasting.then((refused) => {
        for (const [key, refusal] of refused) refuse(key, refusal);
      });
      // Awaited by the pass in any case; until then its failure is nobody's.
      done.catch(() => {});
      return { done };
    } catch (error) {
      for (const { key } of taken) if (journal.find(key) === undefined) waiters.reject(key, error);
      if (!(error instanceof PotError)) throw error;
      return { done: Promise.resolve() };
    } finally {
      for (const { key } of taken) queue.delete(key);
    }
  }

  /** Every endpoint says no, and the journal keeps it: whoever asks for the key again broadcasts it again. */
  function refuse(key: string, refusal: Refusal): void {
    waiters.reject(key, chainErrorOf(journal.find(key)?.purpose ?? "send", refusal));
  }

  async function settleWaiters({ headNumber, lostKeys }: Sighting): Promise<void> {
    for (const { key, depths, request } of waiters.list()) {
      const live = journal.find(key);
      if (live === undefined) {
        await settleSettled(key, request);
      } else if (lostKeys.has(key)) {
        waiters.reject(key, nonceLost(journal.address, live));
      } else if (live.mined !== undefined) {
        waiters.progress(key, `${live.mined.blockHash} ${headNumber}`);
        const depth = depthOf(live.mined.blockNumber, headNumber);
        for (const wanted of depths) {
          if (depth < BigInt(wanted)) continue;
          const error = await errorOf(live, live.mined);
          waiters.settle(key, { depth: wanted, mined: live.mined, error });
        }
      }
    }
  }

  async function settleSettled(
    key: string,
    request: SendRequest,
  ): Promise<void> {
    const settled = journal.settled(key);
    if (settled === undefined) return;
    if (queue.has(key)) return;
    const { mined, failure } = await journal.recall(settled);
    if (settled.state === "final" && mined !== undefined) {
      return waiters.settle(key, { depth: Infinity, mined });
    }
    if (settled.state === "replaced") {
      return waiters.reject(key, cancelled(request.purpose));
    }
    if (mined !== undefined) {
      const refused = failure ?? `Cannot ${request.purpose} as the contract refused it`;
      const facts = [`transaction: ${mined.transactionHash}`];
      return waiters.reject(key, new ChainError(refused, { kind: "reverted", facts }));
    }
    // Its nonce is lost for good, so nothing of it can ever take effect, and a new attempt cannot double it.
    if (waiters.isRetried(key)) queue.set(key, request);
    else waiters.reject(key, new PotError(`Cannot ${request.purpose} as ${failure}, twice`));
  }

  async function errorOf(
    entry: JournalEntry,
    mined: MinedTransaction,
  ): Promise<PotError | undefined> {
    if (isCancellation(entry, mined)) return cancelled(entry.purpose);
    if (mined.isReverted === undefined) return undefined;
    return await explainRevert(context, { entry, mined, signal });
  }

  async function run(): Promise<void> {
    while (waiters.size() > 0) {
      startAdmitting();
      // Looked at right after the last signature, or meanwhile where there is much to sign.
      if (admitting !== undefined) await untilDoneOrDue(admitting);
      let outage: unknown;
      try {
        await pass();
      } catch (error) {
        if (!(error instanceof UnreachableError)) {
          // Neither the chain's answer nor an outage: nobody's transaction can be seen through now.
          for (const { key } of waiters.list()) waiters.reject(key, error);
          if (!(error instanceof PotError)) return;
        }
        outage = error;
      }
      waiters.expire((key) => outage ?? notMined(journal.find(key), patienceMs));
      if (waiters.size() === 0 || admitting !== undefined || nextTaken().length > 0) continue;
      if (!wake.signal.aborted) await pause(wake.signal);
      wake = new AbortController();
    }
  }

  async function untilDoneOrDue(work: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([work, pause(done.signal)]);
    done.abort();
  }

  /** Until the next look at the chain is due, or that signal aborts. */
  async function pause(ended: AbortSignal): Promise<void> {
    await clock.sleep(pollIntervalMs, { signal: AbortSignal.any([signal, ended]) }).catch(() => {});
  }

  function start(): void {
    wake.abort();
    running ??= run().finally(() => {
      running = undefined;
      if (waiters.size() > 0 && !signal.aborted) start();
    });
  }

  /** The live transaction of that key that is in no block. */
  function requireWaiting(action: string, key: string): JournalEntry {
    const entry = journal.find(key);
    if (entry !== undefined && entry.mined === undefined) return entry;
    throw new PotError(
      `Cannot ${action} the transaction as none of that key waits for a block`,
      {
        facts: [`key: ${key}`],
        hint: "list them with: pot tx list",
      },
    );
  }

  async function replace(
    kind: "speed-up" | "cancel",
    key: string,
  ): Promise<JournalEntry> {
    const work = lastPass.then(async () => {
      const action = kind === "cancel" ? "cancel" : "speed up";
      await requireMayWrite(context, { action, isNew: false });
      await watchTransactions(context, { signal });
      const entry = requireWaiting(action, key);
      const account = await readAccountState(endpoints, journal.address, { signal });
      const signed = await replaceForm(context, account, { entry, kind });
      const [refusal] = (await broadcastEntries([signed], context, { signal })).values();
      if (refusal !== undefined) throw chainErrorOf(action, refusal);
      return journal.find(key) ?? signed;
    });
    lastPass = work.catch(() => {});
    return await work;
  }

  return {
    address: signer.address,
    has: (key) =>
      queue.has(key) || journal.find(key) !== undefined ||
      journal.settled(key)?.state === "final",
    triedHashes(key) {
      const live = journal.find(key);
      if (live !== undefined) return live.forms.map(({ hash }) => hash);
      const settled = journal.settled(key);
      return settled?.state === "final" && settled.block !== undefined ? [settled.block.transactionHash] : [];
    },
    async send(
      request,
      { confirmations = options.confirmations, signal: callers } = {},
    ) {
      callers?.throwIfAborted();
      signal.throwIfAborted();
      const settled = journal.settled(request.key);
      if (settled?.state === "final") {
        const { mined } = await journal.recall(settled);
        if (mined !== undefined) return mined;
      }
      if (journal.find(request.key) === undefined && !queue.has(request.key)) {
        queue.set(request.key, request);
      }
      const result = waiters.add(request, {
        depth: confirmations,
        ...(callers && { signal: callers }),
      });
      start();
      return await result;
    },
    tick: pass,
    speedUp: (key) => replace("speed-up", key),
    cancel: (key) => replace("cancel", key),
    async idle() {
      while (running !== undefined || admitting !== undefined) await Promise.all([running, admitting]);
      await lastPass;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException("The sender was closed", "AbortError"));
      waiters.rejectAll(signal.reason);
      await running;
      await admitting;
      await lastPass;
      await journal[Symbol.asyncDispose]();
    },
  };
}

function isCancellation(
  { forms }: JournalEntry,
  { transactionHash }: MinedTransaction,
): boolean {
  return forms.find(({ hash }) => hash === transactionHash)?.kind === "cancel";
}
