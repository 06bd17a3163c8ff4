import { countVotes, readAgreedFinalNumber, readAgreedNonce, readAgreedReceipt } from "./agreed_finality.ts";
import { resultOf } from "./account_state.ts";
import { ChainError } from "./chain_error.ts";
import { depthOf, FINAL_DEPTH } from "./chain_reads.ts";
import type { TransactionNews } from "./journal.ts";
import type { JournalEntry } from "./journal_entry.ts";
import { findMined, readHeaders } from "./find_mined.ts";
import { revertError } from "./revert_reason.ts";
import { parseBlock, parseQuantity } from "./rpc_values.ts";
import { type SenderContext, tell } from "./sender_context.ts";
import type { MinedTransaction } from "./transaction_sender.ts";
import { UnreachableError } from "../core/errors.ts";
import { parseTransaction } from "viem/utils";

/** What one look at the chain showed. */
export interface Sighting {
  readonly headNumber: bigint;
  /** Transactions whose nonce another one took, as far as the newest block shows, by key. */
  readonly lostKeys: ReadonlySet<string>;
}

/** Looks without a trace of ours, after the nonce was taken, until it counts as lost: nodes behind one URL can lag. */
const LOOKS_BEFORE_LOST = 3;

type Options = { readonly signal: AbortSignal };

/**
 * Compares every live transaction with the canonical chain and writes down what changed: into a block, deeper, out of it again,
 * final. Sends nothing.
 *
 * @throws UnreachableError when no endpoint answers, or one answers nonsense.
 */
export async function watchTransactions(context: SenderContext, { signal }: Options): Promise<Sighting> {
  const { endpoints, journal, clock } = context;
  const [latest, count] = await endpoints.readMany([
    { method: "eth_getBlockByNumber", params: ["latest", false] },
    { method: "eth_getTransactionCount", params: [journal.address, "latest"] },
  ], { signal });
  const head = parseBlock(resultOf(latest, "eth_getBlockByNumber"));
  if (head === undefined) {
    throw new UnreachableError("Cannot read from the chain as an endpoint has no newest block");
  }
  const minedNonce = Number(parseQuantity(resultOf(count, "eth_getTransactionCount"), "nonce"));

  // So that the pool knows who lags.
  if (endpoints.endpointNames.length > 1) await endpoints.readAll("eth_blockNumber", [], { signal });

  const candidates = journal.live().filter((entry) => entry.nonce < minedNonce || entry.mined !== undefined);
  const { stays, lookups } = await sortByBlock(context, candidates, { signal });
  const found = new Map(stays);
  for (const [key, mined] of await findMined(endpoints, lookups, { signal })) found.set(key, mined);

  const finalNumber = found.size === 0
    ? -1n
    : await readAgreedFinalNumber(endpoints, { quorum: context.finalQuorum, signal });
  const finalBlocks = await confirmFinal(context, found.values(), { finalNumber, signal });
  const news: TransactionNews[] = [];
  for (const entry of candidates) {
    const seen = found.get(entry.key);
    if (seen !== undefined) {
      const agreed = finalBlocks.has(seen.blockHash) ? await agreeOn(context, seen, { signal }) : undefined;
      const mined = agreed ?? seen;
      const isFinal = agreed !== undefined;
      news.push(await describeMined(context, { entry, mined, isFinal, headNumber: head.number, signal }));
      continue;
    }
    // Its block was replaced, and it is in no other one.
    if (entry.mined === undefined) continue;
    news.push({ entry, state: "broadcast" });
  }
  await tellReorganisations(context, news);
  await journal.note(news, clock.now());
  // In a block, or out of it again: what was remembered of its bytes holds no more.
  for (const { entry } of news) {
    context.handedOut.delete(entry.key);
    context.vainLooks.delete(entry.key);
  }
  const unseen = lookups.filter(({ key, nonce, mined }) =>
    !found.has(key) && mined === undefined && nonce < minedNonce
  );
  const lostKeys = await findLost(context, unseen, { signal, headNumber: head.number });
  await watchFinality(context, { headNumber: head.number, signal });
  return { headNumber: head.number, lostKeys };
}

/** Which of these are where they were, and which have to be looked for. */
async function sortByBlock(
  { endpoints }: SenderContext,
  entries: readonly JournalEntry[],
  options: Options,
): Promise<{ readonly stays: Map<string, MinedTransaction>; readonly lookups: JournalEntry[] }> {
  const numbers = entries.flatMap(({ mined }) => mined === undefined ? [] : [mined.blockNumber]);
  const headers = await readHeaders(endpoints, numbers, options);
  const stays = new Map<string, MinedTransaction>();
  const lookups: JournalEntry[] = [];
  for (const entry of entries) {
    const { key, mined } = entry;
    if (mined !== undefined && headers.get(mined.blockNumber)?.hash === mined.blockHash) {
      stays.set(key, mined);
    } // An endpoint that has no such height yet is behind, and knows nothing about it.
    else if (mined !== undefined && !headers.has(mined.blockNumber)) stays.set(key, mined);
    else lookups.push(entry);
  }
  return { stays, lookups };
}

/** The blocks among these that enough endpoints have, below what enough of them call final. */
async function confirmFinal(
  { endpoints, finalQuorum }: SenderContext,
  found: Iterable<MinedTransaction>,
  { finalNumber, signal }: Options & { readonly finalNumber: bigint },
): Promise<ReadonlySet<string>> {
  const candidates = new Map(
    [...found].filter(({ blockNumber }) => blockNumber <= finalNumber)
      .map(({ blockHash, blockNumber }) => [blockHash, blockNumber]),
  );
  const agreed = new Set<string>();
  for (const [hash, number] of candidates) {
    const { same } = await countVotes(endpoints, { number, hash }, { signal });
    if (same >= finalQuorum) agreed.add(hash);
  }
  return agreed;
}

/** What enough endpoints say a transaction in a final block did; `undefined` while they do not agree. */
async function agreeOn(
  { endpoints, finalQuorum }: SenderContext,
  mined: MinedTransaction,
  { signal }: Options,
): Promise<MinedTransaction | undefined> {
  // One endpoint has said it already, and there is nobody else to ask.
  if (endpoints.endpointNames.length === 1) return mined;
  const receipt = await readAgreedReceipt(endpoints, mined.transactionHash, { quorum: finalQuorum, signal });
  if (receipt?.blockHash !== mined.blockHash) return undefined;
  const { isReverted, ...facts } = receipt;
  const { transactionHashes, blockTime } = mined;
  return { ...facts, ...(isReverted && { isReverted }), transactionHashes, blockTime };
}

interface Place extends Options {
  readonly entry: JournalEntry;
  readonly mined: MinedTransaction;
  readonly isFinal: boolean;
  readonly headNumber: bigint;
}

async function describeMined(
  context: SenderContext,
  { entry, mined, isFinal, headNumber, signal }: Place,
): Promise<TransactionNews> {
  const isDeep = depthOf(mined.blockNumber, headNumber) >= BigInt(context.confirmations);
  const state = isDeep ? "confirmed" : "mined";
  const isCancelled = entry.forms.find(({ hash }) => hash === mined.transactionHash)?.kind === "cancel";
  if (isCancelled) return { entry, mined, state: isFinal ? "replaced" : state };
  // A revert may still be reorganised away, so it is only terminal once it is final.
  if (mined.isReverted === undefined) return { entry, mined, state: isFinal ? "final" : state };
  // Perhaps for want of gas, where the contract has changed since it was estimated.
  context.gasByShape.clear();
  const failure = entry.failure ?? (await explainRevert(context, { entry, mined, signal })).message;
  return { entry, mined, failure, state: isFinal ? "failed" : state };
}

/** A receipt has no reason, so the call is tried again on the state that its block left behind. */
export async function explainRevert(
  { endpoints, journal }: SenderContext,
  { entry, mined, signal }: Pick<Place, "entry" | "mined" | "signal">,
): Promise<ChainError> {
  const facts = [`transaction: ${mined.transactionHash}`, `block: ${mined.blockNumber}`];
  const form = entry.forms.find(({ hash }) => hash === mined.transactionHash);
  if (form === undefined) return revertError(entry.purpose, undefined, facts);
  const { to, data } = parseTransaction(form.raw);
  const call = { from: journal.address, ...(data && { data }), ...(to && { to }) };
  try {
    await endpoints.read("eth_call", [call, `0x${mined.blockNumber.toString(16)}`], { signal });
  } catch (error) {
    if (error instanceof ChainError) return revertError(entry.purpose, error.revertData, facts);
    if (!(error instanceof UnreachableError)) throw error;
  }
  return revertError(entry.purpose, undefined, facts);
}

async function tellReorganisations(context: SenderContext, news: readonly TransactionNews[]): Promise<void> {
  for (const { entry, mined } of news) {
    const before = entry.mined;
    if (before === undefined || before.blockHash === mined?.blockHash) continue;
    await tell(context, {
      name: "reorganised",
      subject: `${entry.key} ${before.blockHash}`,
      detail:
        `block ${before.blockNumber} with the transaction to ${entry.purpose} (nonce ${entry.nonce}) was replaced; ${
          mined === undefined ? "its bytes are sent again" : `it is in block ${mined.blockNumber} now`
        }`,
    });
  }
}

/**
 * Which of these, whose nonces are taken, are nowhere to be found on any endpoint. One whose loss is final is written down as
 * failed, so that its key may be signed again.
 */
async function findLost(
  context: SenderContext,
  entries: readonly JournalEntry[],
  { signal, headNumber }: Options & { readonly headNumber: bigint },
): Promise<ReadonlySet<string>> {
  const { journal, clock, vainLooks, handedOut } = context;
  const lost = new Set<string>();
  for (const entry of entries) {
    if (await isKnownAnywhere(context, entry, { signal })) {
      vainLooks.delete(entry.key);
      continue;
    }
    const looks = (vainLooks.get(entry.key) ?? 0) + 1;
    vainLooks.set(entry.key, looks);
    if (looks < LOOKS_BEFORE_LOST) continue;
    lost.add(entry.key);
    await tell(context, {
      name: "foreign-transaction",
      subject: `nonce ${entry.nonce}`,
      detail: `another transaction of this key took nonce ${entry.nonce}, which was ours to ${entry.purpose}`,
    });
  }
  if (lost.size === 0) return lost;
  const finalNonce = await readFinalNonce(context, { signal, headNumber });
  const gone = entries.filter(({ key, nonce }) => lost.has(key) && nonce < finalNonce);
  const failure = "another transaction of this key took its nonce";
  await journal.note(gone.map((entry) => ({ entry, state: "failed", failure })), clock.now());
  for (const { key } of gone) {
    vainLooks.delete(key);
    handedOut.delete(key);
  }
  return lost;
}

/** Transactions of the account in final blocks. */
async function readFinalNonce(
  { endpoints, journal, finalQuorum }: SenderContext,
  { signal, headNumber }: Options & { readonly headNumber: bigint },
): Promise<number> {
  const finalNumber = await readAgreedFinalNumber(endpoints, { quorum: finalQuorum, signal });
  const number = finalNumber < 0n ? headNumber - FINAL_DEPTH : finalNumber;
  if (number < 0n) return 0;
  const at = `0x${number.toString(16)}`;
  return await readAgreedNonce(endpoints, journal.address, { at, quorum: finalQuorum, signal });
}

async function isKnownAnywhere({ endpoints }: SenderContext, { forms }: JournalEntry, options: Options) {
  for (const { hash } of forms) {
    const answers = await endpoints.readAll("eth_getTransactionByHash", [hash], options);
    // Who gives no answer may know it.
    if (answers.some(({ outcome }) => !outcome.ok || outcome.result !== null)) return true;
  }
  return false;
}

/** A block that was final must stay: where enough endpoints have another one in its place, nothing is written any more. */
async function watchFinality(
  context: SenderContext,
  { headNumber, signal }: Options & { readonly headNumber: bigint },
): Promise<void> {
  const { endpoints, journal, pause, clock, finalQuorum } = context;
  const highest = journal.recentlySettled().reduce<{ number: bigint; hash: `0x${string}` } | undefined>(
    (most, { block }) =>
      block !== undefined && (most === undefined || block.number > most.number) ? block : most,
    undefined,
  );
  if (highest === undefined || highest.number > headNumber) return;
  // Told, and resumed by somebody who knows: what was replaced stays replaced, and would pause again for ever.
  const isKnown = journal.events().some(({ name, subject }) =>
    name === "finality-violated" && subject === highest.hash
  );
  if (isKnown) return;
  const { other } = await countVotes(endpoints, highest, { signal });
  if (other < finalQuorum) return;
  const detail = `block ${highest.number}, which was final, has been replaced on ${other} endpoints`;
  const since = new Date(clock.now()).toISOString();
  await pause?.pause({ reason: "finality-violated", detail, since });
  await tell(context, { name: "finality-violated", subject: highest.hash, detail });
}
