import { type BudgetExceededError, checkBudget, type PeriodSpend, utcDay } from "../core/budget.ts";
import { type PotError, UnreachableError } from "../core/errors.ts";
import {
  chooseFees,
  FeeCapExceededError,
  FeeDeferredError,
  type Fees,
  maxFeePerGas,
} from "../core/fee_policy.ts";
import { type AccountState, readAccountState } from "./account_state.ts";
import { readAgreedNonce } from "./agreed_finality.ts";
import { broadcastEntries, type Refusal } from "./broadcast_entries.ts";
import { estimateGas } from "./estimate_gas.ts";
import { checkBalance, withMargin } from "./prepare_transaction.ts";
import { costOf, requireMayWrite, type SenderContext, signForm, tell } from "./sender_context.ts";
import type { TransactionJournal } from "./journal.ts";
import type { SignedFrame } from "./journal_entry.ts";
import type { SendRequest } from "./transaction_sender.ts";

/** What became of requests that nothing had been signed for. */
export interface Admission {
  /** Nothing was signed, and why, by key. */
  readonly rejected: ReadonlyMap<string, unknown>;
  /** Ends once all that was signed has been handed out, with those that every endpoint refuses for now, by key. */
  readonly broadcasting: Promise<ReadonlyMap<string, Refusal>>;
}

/** Written in one append, and handed out while the next ones are signed. */
const SIGNED_TOGETHER = 200;
/** Shapes whose gas is kept in mind. */
const MAX_SHAPES = 1_000;
const CLOCK_SKEW_MS = 3_600_000;
/** Of a transfer to an account without code. */
const TRANSFER_GAS = 21_000n;

/**
 * Checks requests against pause, chain id, fee caps, balance and budget, signs those that pass, writes each nonce
 * in one append with its signed bytes, and starts to broadcast them.
 *
 * @throws what stops all of them, with nothing signed: a pause, another chain, an outage, a journal that takes nothing.
 */
export async function admitRequests(
  requests: readonly SendRequest[],
  context: SenderContext,
  { signal }: { readonly signal: AbortSignal },
): Promise<Admission> {
  const { journal, endpoints, signer: { address } } = context;
  await requireMayWrite(context, { action: requests[0]!.purpose, isNew: true });
  const account = await readAccountState(endpoints, address, { signal });
  checkNotBehind(journal, account.minedNonce);
  await tellForeignUse(context, account);
  await tellClockSkew(context, account);

  const rejected = new Map<string, unknown>();
  const gasOf = await estimateByShape(requests, context, { signal, rejected });
  const plan = createPlan(context, account);
  const admitted = requests.filter(({ key }) => gasOf.has(key));
  let nonce = await findNextNonce(context, account, { signal });
  const broadcasts: Promise<ReadonlyMap<string, Refusal>>[] = [];
  for (let at = 0; at < admitted.length; at += SIGNED_TOGETHER) {
    signal.throwIfAborted();
    const signed: Omit<SignedFrame, "type" | "chainId">[] = [];
    for (const request of admitted.slice(at, at + SIGNED_TOGETHER)) {
      try {
        signed.push(await signRequest(context, request, { plan, nonce, gas: gasOf.get(request.key)! }));
        nonce++;
      } catch (error) {
        rejected.set(request.key, error);
      }
    }
    if (signed.length === 0) continue;
    const broadcasting = broadcastEntries(await journal.sign(signed), context, { signal });
    // Not awaited, so that the next ones are signed while the endpoints take these; a failure is told by the whole.
    broadcasting.catch(() => {});
    broadcasts.push(broadcasting);
  }
  const broadcasting = Promise.all(broadcasts).then((all) => new Map(all.flatMap((refused) => [...refused])));
  return { rejected, broadcasting };
}

/** Above our own only where somebody else uses the key, and that one endpoint alone cannot say: it would leave a gap. */
async function findNextNonce(
  { journal, endpoints }: SenderContext,
  { pendingNonce }: AccountState,
  { signal }: { readonly signal: AbortSignal },
): Promise<number> {
  const next = journal.nextNonce();
  if (pendingNonce <= next) return next;
  if (endpoints.endpointNames.length === 1) return pendingNonce;
  return Math.max(next, await readAgreedNonce(endpoints, journal.address, { at: "pending", signal }));
}

async function signRequest(
  context: SenderContext,
  request: SendRequest,
  { plan, nonce, gas: estimatedGas }: {
    readonly plan: ReturnType<typeof createPlan>;
    readonly nonce: number;
    /** With its margin. */
    readonly gas: bigint;
  },
): Promise<Omit<SignedFrame, "type" | "chainId">> {
  const { key, purpose, to, data, records = 0, sweepLeavingWei } = request;
  const { fees, gas, valueWei } = sweepLeavingWei === undefined
    ? { fees: await plan.admit(request, estimatedGas), gas: estimatedGas, valueWei: request.valueWei }
    : await plan.sweep(request, { gas: estimatedGas, leavingWei: sweepLeavingWei });
  const form = await signForm(context, {
    kind: "first",
    nonce,
    gas,
    data,
    fees,
    ...(to !== undefined && { to }),
    ...(valueWei !== undefined && { value: valueWei }),
  });
  return { key, purpose, nonce, records, ...form };
}

/** Gas limits by key; one estimate serves all requests of a shape. */
async function estimateByShape(
  requests: readonly SendRequest[],
  { endpoints, signer, gasMarginPercent, gasByShape }: SenderContext,
  { signal, rejected }: { readonly signal: AbortSignal; readonly rejected: Map<string, unknown> },
): Promise<ReadonlyMap<string, bigint>> {
  const shapeOf = ({ key, shape }: SendRequest) => shape ?? `key ${key}`;
  const unknown = new Map(
    requests.filter((request) => !gasByShape.has(shapeOf(request))).map((
      request,
    ) => [shapeOf(request), request]),
  );
  const samples = [...unknown.values()];
  const estimates = await estimateGas(samples, { endpoints, address: signer.address, signal });
  const fresh = new Map<string, bigint>();
  const failed = new Map<string, PotError>();
  for (const [at, sample] of samples.entries()) {
    const estimate = estimates[at]!;
    if (!estimate.ok) failed.set(sample.key, estimate.error);
    else fresh.set(shapeOf(sample), withMargin(estimate.gas, gasMarginPercent));
  }
  // Who shares the shape of a request that was refused is asked about by itself.
  const rest = requests.filter((request) =>
    !failed.has(request.key) && !fresh.has(shapeOf(request)) && !gasByShape.has(shapeOf(request))
  );
  const single = await estimateGas(rest, { endpoints, address: signer.address, signal });
  const gas = new Map<string, bigint>();
  for (const [at, request] of rest.entries()) {
    const estimate = single[at]!;
    if (estimate.ok) gas.set(request.key, withMargin(estimate.gas, gasMarginPercent));
    else failed.set(request.key, estimate.error);
  }
  for (const [key, error] of failed) rejected.set(key, error);
  for (const request of requests) {
    const known = fresh.get(shapeOf(request)) ?? gasByShape.get(shapeOf(request));
    if (known !== undefined && !failed.has(request.key)) gas.set(request.key, known);
  }
  for (const { shape } of requests) {
    if (shape === undefined || !fresh.has(shape)) continue;
    if (gasByShape.size >= MAX_SHAPES) gasByShape.clear();
    gasByShape.set(shape, fresh.get(shape)!);
  }
  return gas;
}

/** Fees, balance and budget over the requests of one admission, each on top of those before it. */
function createPlan(context: SenderContext, { minedNonce, balanceWei, market }: AccountState) {
  const { journal, clock, feePolicy, limits, signer } = context;
  let reservedWei = journal.live()
    .filter((entry) => entry.nonce >= minedNonce)
    .reduce((sum, entry) => sum + entry.maxCostWei, 0n);
  const day = budgetDay(context);
  let spent = journal.spentOn(day);

  async function checkDeferral({ purpose, deadlineMs, key }: SendRequest, fees: Fees): Promise<void> {
    const { deferAboveWei } = feePolicy;
    const feeWei = maxFeePerGas(fees);
    if (deferAboveWei === undefined || feeWei <= deferAboveWei) return;
    if (deadlineMs === undefined || clock.now() < deadlineMs) {
      throw new FeeDeferredError({ maxFeePerGasWei: feeWei, deferAboveWei, deadlineMs, action: purpose });
    }
    await tell(context, {
      name: "deadline-passed",
      subject: key,
      detail:
        `the deadline to ${purpose} passed while the network fee was high: it pays up to ${feeWei} wei a gas`,
    });
  }

  async function choose({ purpose, deadlineMs, key }: SendRequest): Promise<Fees> {
    try {
      return chooseFees({ ...market, policy: feePolicy, action: purpose });
    } catch (error) {
      const isLate = deadlineMs !== undefined && clock.now() >= deadlineMs;
      if (!isLate || !(error instanceof FeeCapExceededError)) throw error;
      const detail =
        `the deadline to ${purpose} has passed, and it still waits as the network fee is above the cap`;
      await tell(context, { name: "fee-capped", subject: key, detail });
      throw error;
    }
  }

  async function reserve(
    purpose: string,
    { wei, valueWei = 0n }: { readonly wei: bigint; readonly valueWei?: bigint },
  ): Promise<void> {
    checkTransactionCost(purpose, { wei, maxWei: feePolicy.maxTransactionCostWei });
    const maxCostWei = wei + valueWei;
    checkBalance({ purpose }, { maxCostWei, balanceWei, reservedWei, address: signer.address });
    try {
      checkBudget(purpose, { limits, spent, adding: { transactions: 1, wei }, day });
    } catch (error) {
      await tellBudget(context, error as BudgetExceededError);
      throw error;
    }
    reservedWei += maxCostWei;
    spent = addSpend(spent, wei);
  }

  return {
    /** The fees to sign with. */
    async admit(request: SendRequest, gas: bigint): Promise<Fees> {
      const { purpose, valueWei = 0n } = request;
      const fees = await choose(request);
      await checkDeferral(request, fees);
      const wei = costOf({ gas, value: valueWei }, fees);
      await reserve(purpose, { wei });
      return fees;
    },

    /** Fees, gas and value of a transaction that takes along all but `leavingWei`. */
    async sweep(
      request: SendRequest,
      { gas: estimatedGas, leavingWei }: { readonly gas: bigint; readonly leavingWei: bigint },
    ): Promise<{ readonly fees: Fees; readonly gas: bigint; readonly valueWei: bigint }> {
      const fees = paidInFull(await choose(request), feePolicy.priorityCapWei);
      // What is not used of the limit would stay behind, and a plain transfer uses all of it.
      const isTransfer = estimatedGas === withMargin(TRANSFER_GAS, context.gasMarginPercent);
      const gas = isTransfer ? TRANSFER_GAS : estimatedGas;
      const gasWei = costOf({ gas }, fees);
      const valueWei = balanceWei - reservedWei - gasWei - leavingWei;
      // Of what only changes hands nothing is spent.
      await reserve(request.purpose, { wei: gasWei, valueWei: valueWei > 0n ? valueWei : 1n });
      return { fees, gas, valueWei };
    },
  };
}

/** The same limit, all of which is paid: the tip takes what the base fee leaves, as far as tips are not capped. */
function paidInFull(fees: Fees, priorityCapWei: bigint | undefined): Fees {
  if (fees.type === "legacy") return fees;
  const { type, maxFeePerGasWei } = fees;
  const isCapped = priorityCapWei !== undefined && priorityCapWei < maxFeePerGasWei;
  return { type, maxFeePerGasWei, maxPriorityFeePerGasWei: isCapped ? priorityCapWei : maxFeePerGasWei };
}

/** Wherever the clock was set to meanwhile, a day that is in the journal is not given again. */
export function budgetDay({ journal, clock }: Pick<SenderContext, "journal" | "clock">): string {
  return utcDay(Math.max(clock.now(), journal.newestMs()));
}

function addSpend({ day, month }: PeriodSpend, wei: bigint): PeriodSpend {
  return {
    day: { transactions: day.transactions + 1, wei: day.wei + wei },
    month: { transactions: month.transactions + 1, wei: month.wei + wei },
  };
}

export async function tellBudget(context: SenderContext, error: BudgetExceededError): Promise<void> {
  await tell(context, {
    name: "budget-exceeded",
    subject: `${error.limit} ${error.period}`,
    detail: [error.message, ...error.facts].join("; "),
  });
}

/** @throws {PotError} when one transaction would cost more than one may. */
export function checkTransactionCost(
  action: string,
  { wei, maxWei }: { readonly wei: bigint; readonly maxWei: bigint | undefined },
): void {
  if (maxWei === undefined || wei <= maxWei) return;
  throw new FeeCapExceededError({
    maxFeePerGasWei: wei,
    capWei: maxWei,
    action,
    unit: "wei for the transaction",
    setting: "POT_MAX_TRANSACTION_COST",
  });
}

/** A chain with fewer transactions than were confirmed would have nonces used twice. */
function checkNotBehind(journal: TransactionJournal, minedNonce: number): void {
  const confirmed = journal.live().findLast(({ state }) => state === "confirmed")?.nonce ?? -1;
  const settled = journal.recentlySettled().reduce((most, { nonce }) => Math.max(most, nonce), -1);
  const highest = Math.max(confirmed, settled);
  if (highest < minedNonce) return;
  throw new UnreachableError("Cannot send as the RPC endpoint is behind the transaction journal", {
    facts: [
      `account: ${journal.address}`,
      `endpoint: ${minedNonce} transactions`,
      `journal: ${highest + 1} transactions`,
    ],
    hint:
      "wait until the endpoint has caught up; after a reset of a development chain, start with a fresh POT_HOME",
  });
}

/** Transactions in blocks that the journal has no nonce for were sent by somebody else with this key. */
async function tellForeignUse(context: SenderContext, { minedNonce }: AccountState): Promise<void> {
  const next = context.journal.nextNonce();
  // An empty journal says nothing: the key may be older than it.
  if (next === 0 || minedNonce <= next) return;
  await tell(context, {
    name: "foreign-transaction",
    subject: `nonce ${minedNonce - 1}`,
    detail:
      `the chain has ${minedNonce} transactions of this key, the journal ${next}: another program uses the key`,
  });
}

async function tellClockSkew(context: SenderContext, { head }: AccountState): Promise<void> {
  const { clock } = context;
  const aheadMs = head.timestamp * 1_000 - clock.now();
  if (aheadMs < CLOCK_SKEW_MS) return;
  await tell(context, {
    name: "clock-skew",
    subject: utcDay(clock.now()),
    detail: `this machine's clock is ${Math.round(aheadMs / 60_000)} minutes behind the chain's newest block`,
  });
}
