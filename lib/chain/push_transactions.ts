import { parseTransaction } from "viem/utils";
import { BudgetExceededError, checkBudget } from "../core/budget.ts";
import { PotError } from "../core/errors.ts";
import { bumpFees, chooseFees, FeeCapExceededError, type Fees } from "../core/fee_policy.ts";
import { type AccountState, readAccountState } from "./account_state.ts";
import { budgetDay, checkTransactionCost, tellBudget } from "./admit_requests.ts";
import { readAgreedNonce } from "./agreed_finality.ts";
import { broadcastEntries, type Refusal } from "./broadcast_entries.ts";
import { ChainError } from "./chain_error.ts";
import { estimateGas } from "./estimate_gas.ts";
import type { FormKind, JournalEntry } from "./journal_entry.ts";
import {
  costOf,
  requireMayWrite,
  type SenderContext,
  signForm,
  tell,
  type UnpricedTransaction,
} from "./sender_context.ts";
import { checkBalance, withMargin } from "./prepare_transaction.ts";

/** How many of the lowest nonces are replaced at once: the rest cannot be mined before them. */
const MAX_REPLACED = 16;

type Options = { readonly signal: AbortSignal };

/**
 * Helps along what waits for a block: bytes that nobody has taken, or that have waited long, are handed out again; the lowest
 * nonces are replaced by forms that pay more once they are stuck; a nonce that nobody uses below ours is filled. Answers
 * with those that every endpoint refuses, by key.
 *
 * @throws WritesPausedError while writes are paused, UnreachableError when no endpoint answers.
 */
export async function pushTransactions(
  context: SenderContext,
  { signal }: Options,
): Promise<ReadonlyMap<string, Refusal>> {
  const { journal, clock, endpoints, handedOut, rebroadcastAfterMs, retryAfterMs, stuckAfterMs } = context;
  const waiting = journal.live().filter(({ mined }) => mined === undefined);
  const nowMs = clock.now();
  const isDue = ({ key, state }: JournalEntry) => {
    const sinceMs = nowMs - (handedOut.get(key)?.lastAtMs ?? Number.NEGATIVE_INFINITY);
    // Before it was handed out only by a clock that was set back.
    return sinceMs < 0 || sinceMs >= (state === "broadcast" ? rebroadcastAfterMs : retryAfterMs);
  };
  // What comes from before a restart, out of a replaced block, or from another process, is first sent again as it is.
  const isStuck = ({ key, forms }: JournalEntry) =>
    nowMs - Math.max(handedOut.get(key)?.firstAtMs ?? nowMs, forms.at(-1)!.signedAtMs) >= stuckAfterMs;
  if (!waiting.some((entry) => isDue(entry) || isStuck(entry))) return new Map();

  await requireMayWrite(context, { action: "send", isNew: false });
  const account = await readAccountState(endpoints, journal.address, { signal });
  const ahead = waiting.filter(({ nonce }) => nonce >= account.minedNonce);
  await fillGaps(context, account, { waiting: ahead, signal });
  for (const entry of ahead.slice(0, MAX_REPLACED).filter(isStuck)) {
    await replaceWhereAllowed(context, account, entry);
  }
  const due = journal.live().filter((entry) =>
    entry.mined === undefined && entry.nonce >= account.minedNonce && isDue(entry)
  );
  return await broadcastEntries(due, context, { signal });
}

/** Nonces below ours that are in no block, in no pool and not in the journal: no-ops take them, as ours would wait for ever. */
async function fillGaps(
  context: SenderContext,
  account: AccountState,
  { waiting, signal }: Options & { readonly waiting: readonly JournalEntry[] },
): Promise<void> {
  const { journal, endpoints, signer, gasMarginPercent } = context;
  const lowest = waiting[0]?.nonce;
  // What stands in a pool from outside will be mined, or fall out of it and be seen here then.
  if (lowest === undefined || account.pendingNonce >= lowest) return;
  // This endpoint may lag, or lie: below one of ours that was in a block every nonce is used, whatever it says.
  const inBlocks = [
    ...journal.live().filter(({ mined }) => mined !== undefined),
    ...journal.recentlySettled(),
  ];
  const agreed = endpoints.endpointNames.length === 1
    ? account.pendingNonce
    : await readAgreedNonce(endpoints, journal.address, { at: "pending", signal });
  const lowestUnused = inBlocks.reduce(
    (least, { nonce }) => Math.max(least, nonce + 1),
    Math.max(agreed, account.pendingNonce),
  );
  if (lowestUnused >= lowest) return;
  const to = signer.address;
  const [estimate] = await estimateGas([{ to, data: "0x", purpose: "fill a nonce" }], {
    endpoints,
    address: to,
    signal,
  });
  if (!estimate!.ok) throw estimate!.error;
  const gas = withMargin(estimate!.gas, gasMarginPercent);
  for (let nonce = lowestUnused; nonce < lowest; nonce++) {
    const fees = chooseFees({ ...account.market, policy: context.feePolicy, action: "fill a nonce" });
    requireAffordable(context, "fill a nonce", { wei: costOf({ gas }, fees), transactions: 1 });
    const form = await signForm(context, { kind: "gap", nonce, gas, to, value: 0n, fees });
    await journal.sign([{
      key: `gap:${nonce}:${form.hash}`,
      purpose: "fill a nonce",
      nonce,
      records: 0,
      ...form,
    }]);
    await tell(context, {
      name: "nonce-gap-filled",
      subject: `nonce ${nonce}`,
      detail:
        `nobody used nonce ${nonce}, so that ${waiting.length} later transactions waited: a no-op takes it`,
    });
  }
}

/**
 * A stuck transaction is replaced where caps and budget leave room, and the signer signs; where they do not, that is told once. What
 * the signer says of a replacement says nothing about what it signed before, which may be in the next block; it is asked again
 * once as much time is over as before it was asked first, as a person may have said no.
 */
async function replaceWhereAllowed(
  context: SenderContext,
  account: AccountState,
  entry: JournalEntry,
): Promise<void> {
  const { signer, handedOut, clock } = context;
  const failures: unknown[] = [];
  const watched: typeof signer = {
    address: signer.address,
    signTransaction: (transaction, options) =>
      signer.signTransaction(transaction, options).catch((error) => {
        failures.push(error);
        throw error;
      }),
  };
  try {
    await replaceForm({ ...context, signer: watched }, account, { entry, kind: "speed-up" });
  } catch (error) {
    if (error instanceof PotError && failures.includes(error)) {
      const atMs = clock.now();
      handedOut.set(entry.key, { firstAtMs: atMs, lastAtMs: handedOut.get(entry.key)?.lastAtMs ?? atMs });
      return await tell(context, {
        name: "not-signed",
        subject: `${entry.key} ${entry.nonce}`,
        detail:
          `the transaction to ${entry.purpose} waits, and its replacement was not signed: ${error.message}`,
      });
    }
    if (error instanceof BudgetExceededError) return await tellBudget(context, error);
    const isPoor = error instanceof ChainError && error.kind === "insufficient-funds";
    if (!isPoor && !(error instanceof FeeCapExceededError)) throw error;
    const what = isPoor ? "the account has" : "the caps allow";
    await tell(context, {
      name: "fee-capped",
      subject: `${entry.key} ${entry.nonce}`,
      detail: `the transaction to ${entry.purpose} waits, and its replacement would cost more than ${what}`,
    });
  }
}

/**
 * Signs one more form of a transaction that is in no block: the same call for more fees, or a no-op that takes its nonce. It is
 * written to the journal; broadcasting is the caller's business.
 *
 * @throws FeeCapExceededError when the caps leave no room, BudgetExceededError when the budget does not, ChainError when the account
 * cannot pay.
 */
export async function replaceForm(
  context: SenderContext,
  { market, balanceWei, minedNonce }: Pick<AccountState, "market" | "balanceWei" | "minedNonce">,
  { entry, kind: asked }: {
    readonly entry: JournalEntry;
    readonly kind: Extract<FormKind, "speed-up" | "cancel">;
  },
): Promise<JournalEntry> {
  const { journal, feePolicy, signer, clock } = context;
  // Of a cancelled one it is the cancellation that is helped along: it must never pass for the call.
  const kind = entry.forms.at(-1)!.kind === "cancel" ? "cancel" : asked;
  const action = kind === "cancel" ? `cancel the transaction to ${entry.purpose}` : entry.purpose;
  const last = entry.forms.at(-1)!;
  // Where the market itself is above the cap, the cap is what can be offered.
  const wanted = marketFees(context, market, last.fees);
  const fees = bumpFees(last.fees, { market: wanted, capWei: feePolicy.capWei });
  if (fees === undefined) {
    const maxFeePerGasWei = last.fees.type === "legacy" ? last.fees.gasPriceWei : last.fees.maxFeePerGasWei;
    throw new FeeCapExceededError({
      maxFeePerGasWei: maxFeePerGasWei * 9n / 8n,
      capWei: feePolicy.capWei,
      action,
    });
  }
  const { gas = 0n, to, value, data } = parseTransaction(last.raw);
  const fields: UnpricedTransaction = kind === "cancel"
    ? { nonce: entry.nonce, gas, to: signer.address, value: 0n }
    : {
      nonce: entry.nonce,
      gas,
      ...(to && { to }),
      ...(value !== undefined && { value }),
      ...(data && { data }),
    };
  const wei = costOf(fields, fees);
  const moreWei = wei > entry.maxCostWei ? wei - entry.maxCostWei : 0n;
  requireAffordable(context, action, { wei: moreWei, transactions: 0, transactionWei: wei });
  // Bytes that nobody takes would stand in the way of the earlier ones, which the account can pay for.
  const reservedWei = journal.live()
    .filter((other) => other.nonce >= minedNonce && other.key !== entry.key)
    .reduce((sum, { maxCostWei }) => sum + maxCostWei, 0n);
  const { address } = signer;
  checkBalance({ purpose: action }, { maxCostWei: wei, balanceWei, reservedWei, address });
  const form = await signForm(context, { kind, ...fields, fees });
  const { key, purpose, nonce, records } = entry;
  const [signed] = await journal.sign([{ key, purpose, nonce, records, ...form, signedAtMs: clock.now() }]);
  context.handedOut.delete(key);
  return signed!;
}

function marketFees({ feePolicy }: SenderContext, market: AccountState["market"], last: Fees): Fees {
  try {
    return chooseFees({ ...market, policy: feePolicy });
  } catch (error) {
    if (error instanceof FeeCapExceededError) return last;
    throw error;
  }
}

function requireAffordable(
  context: SenderContext,
  action: string,
  { wei, transactions, transactionWei = wei }: {
    readonly wei: bigint;
    readonly transactions: number;
    readonly transactionWei?: bigint;
  },
): void {
  const { limits, journal, feePolicy } = context;
  checkTransactionCost(action, { wei: transactionWei, maxWei: feePolicy.maxTransactionCostWei });
  const day = budgetDay(context);
  checkBudget(action, { limits, spent: journal.spentOn(day), adding: { transactions, wei }, day });
}
