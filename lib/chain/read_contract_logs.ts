import { UnreachableError } from "../core/errors.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import { ChainError, NoAnswerError } from "./chain_error.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { createRangeLimit, type RangeLimit } from "./range_limit.ts";
import { type FoundLog, parseFoundLogs } from "./rpc_values.ts";

export type { FoundLog } from "./rpc_values.ts";

/** What `eth_getLogs` takes for each topic: anything, one value, or one of several. */
export type TopicFilter = null | `0x${string}` | readonly `0x${string}`[];

/** Which logs, and how they are asked for. */
export interface ReadContractLogsOptions {
  /** Of the contract; capitals don't matter. */
  readonly address: `0x${string}`;
  /** By position. @default any */
  readonly topics?: readonly TopicFilter[];
  /** The first block. @default 0n */
  readonly fromBlock?: bigint;
  /** The last block: a number, as tags move while one reads. */
  readonly toBlock: bigint;
  /** Blocks asked for at first; the range that an earlier reading came to, where there is one. @default 100_000 */
  readonly rangeBlocks?: number;
  /** Ranges asked for at once, as soon as it is known how many blocks are given. @default 4 */
  readonly concurrency?: number;
  /** Begin with the newest range; the logs within each stay in the order of the chain. @default false */
  readonly newestFirst?: boolean;
  readonly signal?: AbortSignal;
}

/** All logs of some neighbouring blocks. */
export interface LogRange {
  readonly fromBlock: bigint;
  /** Included. */
  readonly toBlock: bigint;
  /** By block, then by their place in it. */
  readonly logs: readonly FoundLog[];
  /** How many blocks are asked for at once by now: a later reading may start with it. */
  readonly rangeBlocks: number;
}

const FIRST_RANGE_BLOCKS = 100_000;
/** Wider questions help nobody. */
const WIDEST_RANGE_BLOCKS = 16_000_000;
const CONCURRENCY = 4;
/** Time-outs and the like in a row, each with a narrower range, before the endpoints are taken for down. */
const MAX_DOUBTFUL = 4;

/**
 * The logs of one contract, range by range, without gap or overlap from `fromBlock` to `toBlock`, or back. A range that an endpoint will not
 * answer at once, in whatever words, is asked for in parts; what it allows is remembered.
 *
 * What an endpoint leaves out cannot be seen here: whoever needs completeness checks it against the contract's state.
 *
 * @throws {UnreachableError} when no endpoint answers, or one answers with logs that were not asked for.
 * @throws {ChainError} when not even a single block's logs are given.
 */
export async function* readContractLogRanges(
  endpoints: Pick<EndpointPool, "read">,
  options: ReadContractLogsOptions,
): AsyncGenerator<LogRange, void> {
  const { fromBlock = 0n, toBlock, rangeBlocks = FIRST_RANGE_BLOCKS, concurrency = CONCURRENCY, signal } =
    options;
  const limit = createRangeLimit({ width: Math.max(1, rangeBlocks), widest: WIDEST_RANGE_BLOCKS });
  const leaving = new AbortController();
  const either = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
  const question: Question = { endpoints, options, limit, signal: either };
  try {
    let left: Range | undefined = fromBlock <= toBlock ? { fromBlock, toBlock } : undefined;
    while (left !== undefined && !limit.isTried) {
      const first = await readPart(question, left);
      yield first;
      left = restOf(left, first);
    }
    const parts = mapInOrder(
      rangesOf(left, question),
      (range) => readRange(question, range),
      { concurrency: () => concurrency },
    );
    for await (const part of parts) yield* part;
  } finally {
    leaving.abort();
  }
}

/** {@linkcode readContractLogRanges}, log by log. */
export async function* readContractLogs(
  endpoints: Pick<EndpointPool, "read">,
  options: ReadContractLogsOptions,
): AsyncGenerator<FoundLog, void> {
  for await (const { logs } of readContractLogRanges(endpoints, options)) yield* logs;
}

interface Range {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
}

interface Question {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly options: ReadContractLogsOptions;
  readonly limit: RangeLimit;
  readonly signal: AbortSignal;
}

/** Each as wide as the limit is when it is taken. */
function* rangesOf(whole: Range | undefined, question: Question): Generator<Range, void> {
  for (let left = whole; left !== undefined;) {
    const range = startOf(left, question);
    yield range;
    left = restOf(left, range);
  }
}

/** As much of a range as may be asked for at once: its oldest blocks, or its newest. */
function startOf(
  { fromBlock, toBlock }: Range,
  { limit, options: { newestFirst = false } }: Question,
): Range {
  const reach = BigInt(limit.width) - 1n;
  if (toBlock - fromBlock <= reach) return { fromBlock, toBlock };
  return newestFirst ? { fromBlock: toBlock - reach, toBlock } : { fromBlock, toBlock: fromBlock + reach };
}

/** What is left of a range without its start. */
function restOf({ fromBlock, toBlock }: Range, start: Range): Range | undefined {
  if (start.toBlock < toBlock) return { fromBlock: start.toBlock + 1n, toBlock };
  return start.fromBlock > fromBlock ? { fromBlock, toBlock: start.fromBlock - 1n } : undefined;
}

/** One range, in as many parts as it takes. */
async function readRange(question: Question, range: Range): Promise<readonly LogRange[]> {
  const parts: LogRange[] = [];
  for (let left: Range | undefined = range; left !== undefined;) {
    const part: LogRange = await readPart(question, left);
    parts.push(part);
    left = restOf(left, part);
  }
  return parts;
}

/** As much of a range as is given at once, from where reading begins. */
async function readPart(question: Question, whole: Range): Promise<LogRange> {
  const { limit } = question;
  let doubts = 0;
  while (true) {
    const range = startOf(whole, question);
    const width = Number(range.toBlock - range.fromBlock) + 1;
    try {
      const logs = await askFor(question, range, doubts < MAX_DOUBTFUL);
      limit.accept(width);
      return { ...range, logs, rangeBlocks: limit.width };
    } catch (error) {
      question.signal.throwIfAborted();
      const refusal = refusalOf(error);
      if (refusal === undefined || width === 1) throw error;
      if (refusal.isDoubtful && ++doubts > MAX_DOUBTFUL) throw error;
      limit.refuse(width, refusal);
    }
  }
}

/**
 * Whether a narrower range may be answered. Anything definite is taken for it, as there are more wordings than anybody knows and the
 * question itself is in order; of a silence or a rate limit nobody knows.
 */
function refusalOf(error: unknown): { readonly isDoubtful: boolean } | undefined {
  if (error instanceof ChainError) return { isDoubtful: false };
  const mayBeHeavy = error instanceof NoAnswerError &&
    error.failures.some(({ failure }) => HEAVY_KINDS.has(failure.kind));
  return mayBeHeavy ? { isDoubtful: true } : undefined;
}

const HEAVY_KINDS: ReadonlySet<string> = new Set(["timeout", "rate-limited", "server-error"]);

async function askFor(
  { endpoints, options: { address, topics = [] }, signal }: Question,
  { fromBlock, toBlock }: Range,
  mayDoubt: boolean,
): Promise<readonly FoundLog[]> {
  const filter = { address, topics, fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock) };
  const answer = await endpoints.read("eth_getLogs", [filter], {
    signal,
    // Waiting for the same silence again takes longer than asking for less.
    isHopeless: ({ kind }) => mayDoubt && fromBlock < toBlock && kind === "timeout",
  });
  const logs = [...parseFoundLogs(answer)].sort((a, b) =>
    a.blockNumber === b.blockNumber ? a.logIndex - b.logIndex : a.blockNumber < b.blockNumber ? -1 : 1
  );
  for (const [i, log] of logs.entries()) {
    const wrong = log.blockNumber < fromBlock || log.blockNumber > toBlock
      ? `of block ${log.blockNumber}, outside ${fromBlock} to ${toBlock}`
      : log.address !== address.toLowerCase()
      ? `of ${log.address}, not of ${address}`
      : !matches(log.topics, topics)
      ? "with other topics"
      : repeats(logs[i - 1], log)
      ? `twice at place ${log.logIndex} of block ${log.blockNumber}`
      : isTorn(logs[i - 1], log)
      ? `of two blocks with the number ${log.blockNumber}`
      : undefined;
    if (wrong !== undefined) throw notAskedFor(wrong);
  }
  return logs;
}

function matches(found: readonly string[], wanted: readonly TopicFilter[]): boolean {
  return wanted.every((filter, i) => {
    if (filter === null) return true;
    const topic = found[i];
    return topic !== undefined && [filter].flat().some((value) => value.toLowerCase() === topic);
  });
}

function repeats(before: FoundLog | undefined, log: FoundLog): boolean {
  return before?.blockNumber === log.blockNumber && before.logIndex === log.logIndex;
}

function isTorn(before: FoundLog | undefined, log: FoundLog): boolean {
  return before?.blockNumber === log.blockNumber && before.blockHash !== log.blockHash;
}

function notAskedFor(what: string): UnreachableError {
  return new UnreachableError("Cannot read the contract's events as an endpoint answered with other ones", {
    facts: [`a log ${what}`],
    hint: "use another endpoint in RPC_URL",
  });
}

function toQuantity(value: bigint): `0x${string}` {
  return `0x${value.toString(16)}`;
}
