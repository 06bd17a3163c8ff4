import type { Clock } from "../core/clock.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { ChainClient, LocalAnchorFacts, StoredHash } from "./chain_client.ts";
import { type LedgerReads, type NewLedgerLine, openLedger } from "./ledger.ts";
import type { LedgerLine } from "./ledger_line.ts";
import { checkStoredHashInput } from "./stored_hash_input.ts";

/** Where the ledger is, and whose it is. */
export interface LocalClientOptions {
  /** Of `provenance_records.jsonl`; file and folder are made when they are absent. */
  readonly path: string;
  /** The log's origin; names the submitter. */
  readonly origin: string;
  /** Holds the ledger and its lock. */
  readonly files: FileLayer;
  /** Where an index of the ledger is kept; it may be deleted at any time. @default in memory: each process reads the whole ledger once */
  readonly indexPath?: string;
  /** Dates each line, to the second. */
  readonly clock: Pick<Clock, "now">;
  /** A UUID v4. */
  readonly randomUuid: () => string;
}

/**
 * The local ledger: the contract's verbs and rules on a file of JSON lines, for work without a chain. Safe for several
 * processes: each write holds `<path>.lock` and is on the disk before it resolves.
 *
 * @example
 * ```ts
 * import { createLocalClient, denoFiles, systemClock } from "@pot/ops";
 * const folder = await Deno.makeTempDir();
 * await using client = createLocalClient({
 *   path: `${folder}/provenance_records.jsonl`,
 *   origin: "pot/example",
 *   files: denoFiles,
 *   clock: systemClock,
 *   randomUuid: () => crypto.randomUUID(),
 * });
 * const { transactionId } = await client.storeHash("ab".repeat(32), "epoch 1");
 * console.log(await client.verifyHash("ab".repeat(32), transactionId)); // true
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function createLocalClient(
  { path, origin, files, indexPath, clock, randomUuid }: LocalClientOptions,
): ChainClient {
  const submitter = `local:${origin}`;
  const ledger = openLedger(path, { files, ...(indexPath !== undefined && { indexPath }) });

  /** The line of that key: the one that is there, or what `build` makes of the ledger as it is under the lock. */
  async function write(
    key: string,
    build: (reads: LedgerReads) => Promise<Pick<NewLedgerLine, "hash" | "metadata" | "root" | "size">>,
    signal: AbortSignal | undefined,
  ): Promise<LedgerLine> {
    let known: LedgerLine | undefined;
    const [written] = await ledger.append(async (reads) => {
      known = await reads.findKey(submitter, key);
      if (known !== undefined) return [];
      const timestamp = Math.floor(clock.now() / 1000);
      return [{ transactionId: randomUuid(), ...await build(reads), timestamp, submitter, key }];
    }, { signal });
    return known ?? written!;
  }

  const find = (transactionId: string) => ledger.read((reads) => reads.findId(transactionId));

  return {
    kind: "local",
    chainId: submitter,

    async storeHash(hash, metadata, { key = randomUuid(), signal } = {}) {
      checkStoredHashInput(hash, metadata);
      return toStoredHash(await write(`store:${key}`, () => Promise.resolve({ hash, metadata }), signal));
    },

    async retrieveHash(transactionId) {
      const line = await find(transactionId);
      return line && toStoredHash(line);
    },

    async verifyHash(hash, transactionId) {
      return (await find(transactionId))?.hash === hash;
    },

    async anchor(head, { signal } = {}): Promise<LocalAnchorFacts> {
      const root = toHex(head.root);
      const size = head.size.toString();
      const build = async (reads: LedgerReads) => {
        checkGrowing(await reads.newestHead(submitter), head.size);
        return { hash: root, metadata: head.note, root, size };
      };
      return toFacts(await write(`anchor:${size}:${root}`, build, signal));
    },

    async findAnchor({ size, root }) {
      const line = await ledger.read((reads) => reads.findKey(submitter, `anchor:${size}:${toHex(root)}`));
      return line && toFacts(line);
    },

    refresh(facts) {
      if (facts.kind === "local") return Promise.resolve(facts);
      return Promise.reject(
        new UsageError(
          `Cannot refresh the anchor as it is on ${facts.chainId} and only the local ledger is configured`,
          {
            hint: "set RPC_URL and CHAIN_ID to the anchor's chain",
          },
        ),
      );
    },

    // What is in the ledger stays there.
    settle: () => Promise.resolve(),
    async health() {
      try {
        const lineCount = await ledger.read((reads) => reads.lineCount());
        return {
          isHealthy: true,
          checks: [{ name: "ledger", ok: true, detail: `${lineCount} records in ${path}` }],
        };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { isHealthy: false, checks: [{ name: "ledger", ok: false, detail }] };
      }
    },

    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}

function toFacts({ transactionId, blockNumber, timestamp, submitter }: LedgerLine): LocalAnchorFacts {
  return {
    kind: "local",
    state: "local",
    chainId: submitter,
    transactionId,
    submitter,
    blockNumber: BigInt(blockNumber),
    timestamp,
  };
}

/** A log only grows: the contract's rule for anchors. */
function checkGrowing(newestHead: LedgerLine | undefined, size: bigint): void {
  if (newestHead?.size === undefined || BigInt(newestHead.size) < size) return;
  throw new PotError("Cannot anchor as the local ledger has that size or a larger one already", {
    facts: [`ledger's size: ${newestHead.size}`, `this log's size: ${size}`],
    hint: "the log only grows: anchor its newest head, or restore the log that this ledger belongs to",
  });
}

function toStoredHash(
  { transactionId, hash, metadata, timestamp, blockNumber, submitter }: LedgerLine,
): StoredHash {
  return { transactionId, hash, metadata, timestamp, blockNumber: BigInt(blockNumber), submitter };
}
