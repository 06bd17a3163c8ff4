import { createContractCalls } from "../chain/contract_calls.ts";
import type { EndpointPool } from "../chain/endpoint_pool.ts";
import { getAnchorFacts } from "../chain/evm_anchor.ts";
import { mapInOrder } from "../core/map_in_order.ts";
import { PotError, UnreachableError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { Anchor } from "./anchor_line.ts";
import type { AnchorStore } from "./anchor_store.ts";
import { readNote } from "./audit_stored.ts";

/** What is held against the chain. */
export interface CheckRecentWritesOptions {
  readonly endpoints: Pick<EndpointPool, "read">;
  readonly anchors: Pick<AnchorStore, "list">;
  /** `stored.jsonl`. */
  readonly storedPath: string;
  readonly files: FileLayer;
  /** CAIP-2; what is noted of other chains is left alone. */
  readonly chainId: string;
  /** Anchors of blocks since then, in Unix seconds. */
  readonly sinceSeconds: number;
  readonly signal?: AbortSignal;
}

/** What the chain said of them. */
export interface RecentWrites {
  /** Anchors and stored hashes that were asked about. */
  readonly checked: number;
  /** What the chain does not hold as it is noted here, one line each, without secrets. */
  readonly mismatches: readonly string[];
}

/** The most that is asked about at once: newer ones first, the audit looks at all. */
const MOST_ANCHORS = 300;
const MOST_STORED = 1_000;
const TAIL_BYTES = 512 * 1024;
const CONCURRENCY = 8;

/**
 * Asks the chain again about what was written to it lately, also what is final: each anchor's transaction has to hold the event with
 * exactly our size and root in a canonical block, each stored hash has to be under its id.
 *
 * @throws {UnreachableError} when no endpoint answers; nothing is known then.
 */
export async function checkRecentWrites(options: CheckRecentWritesOptions): Promise<RecentWrites> {
  const { endpoints, anchors, chainId, sinceSeconds, signal } = options;
  const read = { ...(signal && { signal }) };
  const recent = (await anchors.list()).filter(({ facts }) =>
    facts.kind === "evm" && facts.chainId === chainId && facts.inclusion !== undefined &&
    facts.inclusion.blockTime >= sinceSeconds
  ).slice(-MOST_ANCHORS);

  async function anchorMismatch({ size, root, facts }: Anchor): Promise<string | undefined> {
    if (facts.kind !== "evm") return undefined;
    const { contract, codeHash, submitter, transactionHashes, inclusion } = facts;
    const subject = { chainId, contract, codeHash, submitter: submitter as `0x${string}` };
    try {
      const now = await getAnchorFacts(endpoints, subject, {
        transactionHashes,
        head: { size, root },
        confirmations: 1,
        ...read,
      });
      // Until it is final, a reorganisation may take it away for a while: it is sent again.
      if (facts.state !== "final") return undefined;
      const isSame = now.inclusion?.blockHash === inclusion?.blockHash;
      return isSame ? undefined : `the final anchor of ${size} records is not in its block any more`;
    } catch (error) {
      if (error instanceof UnreachableError || !(error instanceof PotError)) throw error;
      return `the anchor of ${size} records: ${error.message}`;
    }
  }

  const stored = await readRecentNotes(options);
  async function storedMismatch(
    { hash, transactionId, contract, index }: RecentNote,
  ): Promise<string | undefined> {
    const calls = createContractCalls(endpoints, contract);
    const found = await calls.getStoredHash(BigInt(transactionId), read);
    return found?.hash === hash ? undefined : `id ${transactionId} does not hold the hash of record ${index}`;
  }

  const mismatches: string[] = [];
  const questions: readonly (() => Promise<string | undefined>)[] = [
    ...recent.map((anchor) => () => anchorMismatch(anchor)),
    ...stored.map((note) => () => storedMismatch(note)),
  ];
  const answers = mapInOrder(questions, (ask) => ask(), { concurrency: () => CONCURRENCY });
  for await (const mismatch of answers) {
    signal?.throwIfAborted();
    if (mismatch !== undefined) mismatches.push(mismatch);
  }
  return { checked: questions.length, mismatches };
}

interface RecentNote {
  readonly index: number;
  readonly hash: string;
  readonly transactionId: string;
  readonly contract: `0x${string}`;
}

/** The newest lines about that chain; a damaged one is the audit's business. */
async function readRecentNotes(
  { storedPath, files, chainId }: CheckRecentWritesOptions,
): Promise<readonly RecentNote[]> {
  const stat = await files.stat(storedPath);
  if (stat === undefined) return [];
  const file = await files.open(storedPath, { create: false, readOnly: true });
  try {
    const from = Math.max(0, stat.sizeBytes - TAIL_BYTES);
    const text = new TextDecoder().decode(await file.readAt(from, TAIL_BYTES));
    // The first line of a tail is the end of one, and the last may be still being written.
    const lines = text.split("\n").slice(from === 0 ? 0 : 1, -1);
    return lines.slice(-MOST_STORED).flatMap((line) => {
      const note = readNote(parse(line));
      const [chain, contract] = note?.scope.split(" ") ?? [];
      if (note === undefined || chain !== chainId || contract === undefined) return [];
      if (!/^(?:0|[1-9][0-9]{0,77})$/.test(note.transactionId)) return [];
      const { index, hash, transactionId } = note;
      return [{ index, hash, transactionId, contract: contract as `0x${string}` }];
    });
  } finally {
    file.close();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
