import { UnreachableError } from "../core/errors.ts";
import { resultOf } from "./account_state.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import type { JournalEntry } from "./journal_entry.ts";
import { type BlockHeader, parseBlock, parseReceipt, type Receipt } from "./rpc_values.ts";
import type { MinedTransaction } from "./transaction_sender.ts";

type Reads = Pick<EndpointPool, "readMany">;
type Options = { readonly signal?: AbortSignal };

/** The headers of the canonical chain at these heights, as one endpoint has them now; none where it has no such block. */
export async function readHeaders(
  endpoints: Reads,
  numbers: Iterable<bigint>,
  options: Options,
): Promise<ReadonlyMap<bigint, BlockHeader>> {
  const wanted = [...new Set(numbers)];
  if (wanted.length === 0) return new Map();
  const outcomes = await endpoints.readMany(
    wanted.map((number) => ({ method: "eth_getBlockByNumber", params: [`0x${number.toString(16)}`, false] })),
    options,
  );
  const found = new Map<bigint, BlockHeader>();
  for (const [at, number] of wanted.entries()) {
    const header = parseBlock(resultOf(outcomes[at], "eth_getBlockByNumber"));
    if (header === undefined) continue;
    if (header.number !== number) throw poisoned("another block than it was asked for");
    found.set(number, header);
  }
  return found;
}

/**
 * Where these transactions are in the canonical chain, by key; those that are in none are left out. A receipt whose block was
 * replaced counts as none: nodes go on serving those for a while.
 *
 * @throws UnreachableError when an endpoint answers with what was not asked.
 */
export async function findMined(
  endpoints: Reads,
  entries: readonly JournalEntry[],
  options: Options,
): Promise<ReadonlyMap<string, MinedTransaction>> {
  const receipts = await readReceipts(endpoints, entries, options);
  const headers = await readHeaders(endpoints, receipts.map(({ receipt }) => receipt.blockNumber), options);
  const found = new Map<string, MinedTransaction>();
  for (const { entry, receipt } of receipts) {
    const header = headers.get(receipt.blockNumber);
    if (header?.hash === receipt.blockHash) found.set(entry.key, toMined(entry, receipt, header));
  }
  return found;
}

interface FoundReceipt {
  readonly entry: JournalEntry;
  readonly receipt: Receipt;
}

/** From so many on it pays to ask for whole blocks: nodes build a single receipt from all of its block. */
const MANY = 20;

/** The receipts that there are of these transactions' forms. */
async function readReceipts(
  endpoints: Reads,
  entries: readonly JournalEntry[],
  options: Options,
): Promise<readonly FoundReceipt[]> {
  const found: FoundReceipt[] = [];
  let left = entries;
  while (left.length >= MANY) {
    const [first] = left;
    const [sample] = await readEach(endpoints, [first!], options);
    if (sample === undefined) break;
    const block = await readBlockReceipts(endpoints, left, {
      ...options,
      number: sample.receipt.blockNumber,
    });
    // Not every node gives them.
    if (block === undefined) break;
    // The sample is among them, or the endpoint contradicts itself; either way it is not asked for again.
    found.push(sample, ...block.filter(({ entry }) => entry.key !== sample.entry.key));
    const keys = new Set(found.map(({ entry }) => entry.key));
    left = left.filter(({ key }) => !keys.has(key));
  }
  return [...found, ...await readEach(endpoints, left, options)];
}

/** Those in one block, all in one answer; `undefined` where the endpoint does not give that. */
async function readBlockReceipts(
  endpoints: Reads,
  entries: readonly JournalEntry[],
  { number, ...options }: Options & { readonly number: bigint },
): Promise<readonly FoundReceipt[] | undefined> {
  const call = { method: "eth_getBlockReceipts", params: [`0x${number.toString(16)}`] };
  const [outcome] = await endpoints.readMany([call], options);
  if (!outcome?.ok || !Array.isArray(outcome.result)) return undefined;
  const byHash = new Map(entries.flatMap((entry) => entry.forms.map(({ hash }) => [hash as string, entry])));
  return outcome.result.flatMap((item: unknown) => {
    const hash = (item as { readonly transactionHash?: unknown } | null)?.transactionHash;
    const entry = typeof hash === "string" ? byHash.get(hash) : undefined;
    const receipt = entry && parseReceipt(item);
    return entry !== undefined && receipt !== undefined ? [{ entry, receipt }] : [];
  });
}

/** One by one, though in one request. */
async function readEach(
  endpoints: Reads,
  entries: readonly JournalEntry[],
  options: Options,
): Promise<readonly FoundReceipt[]> {
  const asked = entries.flatMap((entry) => entry.forms.map(({ hash }) => ({ entry, hash })));
  if (asked.length === 0) return [];
  const outcomes = await endpoints.readMany(
    asked.map(({ hash }) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
    options,
  );
  return asked.flatMap(({ entry, hash }, at) => {
    const receipt = parseReceipt(resultOf(outcomes[at], "eth_getTransactionReceipt"));
    if (receipt !== undefined && receipt.transactionHash !== hash) {
      throw poisoned("the receipt of another transaction");
    }
    return receipt === undefined ? [] : [{ entry, receipt }];
  });
}

function toMined({ forms }: JournalEntry, receipt: Receipt, header: BlockHeader): MinedTransaction {
  const { isReverted, ...facts } = receipt;
  // The mined one last, whichever was signed last.
  const others = forms.map(({ hash }) => hash).filter((hash) => hash !== receipt.transactionHash);
  return {
    ...facts,
    ...(isReverted && { isReverted }),
    transactionHashes: [...others, receipt.transactionHash],
    blockTime: header.timestamp,
  };
}

function poisoned(what: string): UnreachableError {
  return new UnreachableError(`Cannot read from the chain as an endpoint answered with ${what}`, {
    hint: "use another endpoint in RPC_URL",
  });
}
