import { decodeFunctionResult } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";
import { UnreachableError } from "../core/errors.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import type { StoredHash } from "./chain_client.ts";
import { ChainError } from "./chain_error.ts";
import { refusedHash, toStoredHash } from "./contract_calls.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { manyRecordsCall, parseRecordAnswers } from "./many_records_call.ts";
import type { PinnedContract } from "./pin_block.ts";
import { createRangeLimit, type RangeLimit } from "./range_limit.ts";
import { parseData } from "./rpc_values.ts";

/** Ids from `first` up to, and without, `end`. */
export interface IdRange {
  readonly first: bigint;
  readonly end: bigint;
}

/** What was stored under some neighbouring ids. */
export interface StoredHashRange extends IdRange {
  /** One for each id; `undefined` where nothing is stored. */
  readonly hashes: readonly (StoredHash | undefined)[];
}

export interface ReadStoredHashesOptions {
  readonly contract: `0x${string}`;
  /** The contract at the block that everything is read at. */
  readonly pinned: PinnedContract;
  /** Which ids, in order. */
  readonly ids: Iterable<IdRange> | AsyncIterable<IdRange>;
  /** Requests under way at once. @default 8 */
  readonly concurrency?: number;
  /** Records asked for in one request, where the endpoint lets a call run a program. @default 32 */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

const CONCURRENCY = 8;
/** Of records with little metadata, some fifty fit in an answer; of those with all they may have, ten. */
const BATCH_SIZE = 32;

/**
 * What the contract has stored under those ids, at one block, in order. Asks for many in one request, and for fewer, down to one by
 * one with a plain `getHash`, where an endpoint does not answer that.
 *
 * @throws {UnreachableError} when no endpoint answers.
 */
export async function* readStoredHashes(
  endpoints: Pick<EndpointPool, "read">,
  options: ReadStoredHashesOptions,
): AsyncGenerator<StoredHashRange, void> {
  const { ids, concurrency = CONCURRENCY, batchSize = BATCH_SIZE, signal } = options;
  const limit = createRangeLimit({ width: batchSize, widest: batchSize });
  const left = new AbortController();
  const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const question: Question = { endpoints, options, limit, signal: either };
  try {
    const parts = mapInOrder(
      batchesOf(ids, limit),
      (range) => readRange(question, range),
      { concurrency: () => limit.isTried ? concurrency : 1 },
    );
    for await (const part of parts) yield* part;
  } finally {
    left.abort();
  }
}

interface Question {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly options: ReadStoredHashesOptions;
  readonly limit: RangeLimit;
  readonly signal: AbortSignal;
}

async function* batchesOf(
  ids: Iterable<IdRange> | AsyncIterable<IdRange>,
  limit: RangeLimit,
): AsyncGenerator<IdRange, void> {
  for await (const { first, end } of ids) {
    for (let at = first; at < end;) {
      const batch = { first: at, end: lower(at + BigInt(limit.width), end) };
      yield batch;
      at = batch.end;
    }
  }
}

/** Some ids, in as many parts as it takes. */
async function readRange(question: Question, { first, end }: IdRange): Promise<readonly StoredHashRange[]> {
  const { limit, signal } = question;
  const parts: StoredHashRange[] = [];
  for (let at = first; at < end;) {
    const part = { first: at, end: lower(at + BigInt(limit.width), end) };
    const width = Number(part.end - part.first);
    try {
      parts.push({ ...part, hashes: await askFor(question, part) });
      limit.accept(width);
      at = part.end;
    } catch (error) {
      signal.throwIfAborted();
      // A node may refuse the program, or so long an answer, in any words; of a plain call it is the last one.
      if (width === 1 || !(error instanceof ChainError)) throw error;
      limit.refuse(width);
    }
  }
  return parts;
}

async function askFor(
  { endpoints, options: { contract, pinned }, signal }: Question,
  range: IdRange,
): Promise<readonly (StoredHash | undefined)[]> {
  if (range.end - range.first === 1n) return [await pinned.calls.getStoredHash(range.first, { signal })];
  const data = manyRecordsCall(contract, range);
  const answer = parseData(
    await endpoints.read("eth_call", [{ data }, pinned.at], { signal }),
    "call result",
  );
  // A network that does not run a program in a call has nothing to answer.
  if (answer === "0x") throw new ChainError("Cannot ask for many records at once", { kind: "unsupported" });
  return parseRecordAnswers(answer, range).map(({ transactionId, isFound, data }) => {
    if (!isFound) return refusedHash(data, []);
    try {
      const values = decodeFunctionResult({ abi: proofOfTrainingAbi, functionName: "getHash", data });
      return toStoredHash(transactionId, values);
    } catch (cause) {
      throw new UnreachableError("Cannot read from the contract as the answer to getHash cannot be decoded", {
        facts: [`contract: ${contract}`, `id: ${transactionId}`],
        hint: "check CONTRACT_ADDRESS: another contract may be there",
        cause,
      });
    }
  });
}

function lower(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
