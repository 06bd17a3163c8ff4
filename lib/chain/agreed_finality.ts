import type { EndpointAnswer, EndpointPool } from "./endpoint_pool.ts";
import { FINAL_DEPTH } from "./chain_reads.ts";
import { type BlockHeader, parseBlock, parseQuantity, parseReceipt, type Receipt } from "./rpc_values.ts";

type Reads = Pick<EndpointPool, "readAll" | "endpointNames">;
type Options = { readonly signal?: AbortSignal };

/** How many endpoints have to agree: more than half of all that are configured. */
export function majorityOf(endpointCount: number): number {
  return Math.floor(endpointCount / 2) + 1;
}

/**
 * The highest block number that at least `quorum` endpoints call final; negative while there is none. An endpoint without
 * a "finalized" tag counts {@linkcode FINAL_DEPTH} below its head.
 */
export async function readAgreedFinalNumber(
  endpoints: Reads,
  { quorum, signal }: Options & { readonly quorum: number },
): Promise<bigint> {
  const options = { ...(signal && { signal }) };
  const tagged = await endpoints.readAll("eth_getBlockByNumber", ["finalized", false], options);
  const numbers: bigint[] = [];
  const untagged = new Set<string>();
  for (const { endpoint, outcome } of tagged) {
    const header = outcome.ok ? readHeader(outcome.result) : undefined;
    if (header !== undefined) numbers.push(header.number);
    // An outage is something else: who does not answer has no say.
    else if (outcome.ok || !outcome.failure.isRetryable) untagged.add(endpoint);
  }
  if (untagged.size > 0) {
    for (const { endpoint, outcome } of await endpoints.readAll("eth_blockNumber", [], options)) {
      if (untagged.has(endpoint) && outcome.ok) numbers.push(readNumber(outcome.result) - FINAL_DEPTH);
    }
  }
  return numbers.sort((a, b) => (a > b ? -1 : 1))[quorum - 1] ?? -1n;
}

/** How many endpoints have that block at that height, and how many have another one there. */
export async function countVotes(
  endpoints: Reads,
  { number, hash }: { readonly number: bigint; readonly hash: string },
  options: Options,
): Promise<{ readonly same: number; readonly other: number }> {
  const answers = await endpoints.readAll(
    "eth_getBlockByNumber",
    [`0x${number.toString(16)}`, false],
    options,
  );
  const headers = answers.map(headerOf).filter((header) => header?.number === number);
  const same = headers.filter((header) => header?.hash === hash).length;
  return { same, other: headers.length - same };
}

/** The receipt that at least `quorum` endpoints give word for word; one of them alone may lie about what a transaction did. */
export async function readAgreedReceipt(
  endpoints: Reads,
  hash: string,
  { quorum, signal }: Options & { readonly quorum: number },
): Promise<Receipt | undefined> {
  const answers = await endpoints.readAll("eth_getTransactionReceipt", [hash], { ...(signal && { signal }) });
  const votes = new Map<string, { readonly receipt: Receipt; count: number }>();
  for (const { outcome } of answers) {
    const receipt = outcome.ok ? readReceipt(outcome.result) : undefined;
    if (receipt === undefined || receipt.transactionHash !== hash) continue;
    const said = JSON.stringify(receipt, (_, value) => typeof value === "bigint" ? value.toString() : value);
    const vote = votes.get(said) ?? { receipt, count: 0 };
    vote.count++;
    votes.set(said, vote);
  }
  return [...votes.values()].find(({ count }) => count >= quorum)?.receipt;
}

/** So many transactions of the account, at least `quorum` endpoints say, there are at that block; 0 while too few answer. */
export async function readAgreedNonce(
  endpoints: Reads,
  address: string,
  { at, quorum, signal }: Options & {
    readonly at: string;
    /** @default more than half of those that answer */
    readonly quorum?: number;
  },
): Promise<number> {
  const answers = await endpoints.readAll("eth_getTransactionCount", [address, at], {
    ...(signal && { signal }),
  });
  const counts = answers.flatMap(({ outcome }) => outcome.ok ? [Number(readNumber(outcome.result))] : []);
  return Math.max(0, counts.sort((a, b) => b - a)[(quorum ?? majorityOf(counts.length)) - 1] ?? 0);
}

function headerOf({ outcome }: EndpointAnswer): BlockHeader | undefined {
  return outcome.ok ? readHeader(outcome.result) : undefined;
}

/** Nonsense is no vote. */
function readHeader(value: unknown): BlockHeader | undefined {
  try {
    return parseBlock(value ?? null);
  } catch {
    return undefined;
  }
}

function readReceipt(value: unknown): Receipt | undefined {
  try {
    return parseReceipt(value ?? null);
  } catch {
    return undefined;
  }
}

function readNumber(value: unknown): bigint {
  try {
    return parseQuantity(value, "block number");
  } catch {
    return -1n;
  }
}
