import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import { PotError, UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type JsonLinesFile, openJsonLinesFile } from "../io/json_lines_file.ts";
import type { ChainClient, LocalAnchorFacts, StoredHash } from "./chain_client.ts";
import { type LedgerLine, parseLedgerLine } from "./ledger_line.ts";
import { checkStoredHashInput } from "./stored_hash_input.ts";

/** Where the ledger is, and whose it is. */
export interface LocalClientOptions {
  /** Of `provenance_records.jsonl`; file and folder are made when they are absent. */
  readonly path: string;
  /** The log's origin; names the submitter. */
  readonly origin: string;
  /** Holds the ledger and its lock. */
  readonly files: FileLayer;
  /** Dates each line, to the second. */
  readonly clock: Pick<Clock, "now">;
  /** A UUID v4. */
  readonly randomUuid: () => string;
}

/** The ledger as far as it was read. */
interface Ledger {
  readonly file: JsonLinesFile;
  readonly lines: LedgerLine[];
  readonly byId: Map<string, LedgerLine>;
  readonly byKey: Map<string, LedgerLine>;
  newestHead?: LedgerLine;
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
  { path, origin, files, clock, randomUuid }: LocalClientOptions,
): ChainClient {
  const submitter = `local:${origin}`;
  let opened: Ledger | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();

  /** One at a time within this process; the lock file does the same across processes, for writes. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(run);
    lastTurn = turn.catch(() => {});
    return turn;
  }

  async function readLedger(): Promise<Ledger> {
    const ledger = opened ??= {
      file: await openJsonLinesFile(path, { files }),
      lines: [],
      byId: new Map(),
      byKey: new Map(),
    };
    try {
      for (const { line, value } of await ledger.file.readNew()) {
        note(ledger, parseLedgerLine(value, { line, path }));
      }
      return ledger;
    } catch (error) {
      forget(ledger);
      throw error;
    }
  }

  /** After a failure it is open what was read and what is on the disk: the next call reads the file afresh. */
  function forget(ledger: Ledger): void {
    ledger.file.close();
    opened = undefined;
  }

  function note(ledger: Ledger, line: LedgerLine): void {
    ledger.lines.push(line);
    ledger.byId.set(line.transactionId, line);
    if (line.key !== undefined && line.submitter === submitter) ledger.byKey.set(line.key, line);
    if (line.size !== undefined && line.submitter === submitter) ledger.newestHead = line;
  }

  /** The line of that key: the one that is there, or what `build` makes of the ledger as it is under the lock. */
  function write(
    key: string,
    build: (ledger: Ledger) => Pick<LedgerLine, "hash" | "metadata" | "root" | "size">,
    signal: AbortSignal | undefined,
  ): Promise<LedgerLine> {
    return inTurn(async () => {
      signal?.throwIfAborted();
      await files.makeFolder(dirname(path));
      using _lock = await files.lock(`${path}.lock`, { ...(signal && { signal }) });
      const ledger = await readLedger();
      const known = ledger.byKey.get(key);
      if (known !== undefined) return known;
      const line: LedgerLine = {
        transactionId: randomUuid(),
        ...build(ledger),
        timestamp: Math.floor(clock.now() / 1000),
        blockNumber: ledger.lines.length + 1,
        submitter,
        key,
      };
      try {
        await ledger.file.append([line]);
        await readLedger();
      } catch (error) {
        forget(ledger);
        throw error;
      }
      return line;
    });
  }

  const find = (transactionId: string) => inTurn(async () => (await readLedger()).byId.get(transactionId));

  return {
    kind: "local",
    chainId: submitter,

    async storeHash(hash, metadata, { key = randomUuid(), signal } = {}) {
      checkStoredHashInput(hash, metadata);
      return toStoredHash(await write(`store:${key}`, () => ({ hash, metadata }), signal));
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
      const build = (ledger: Ledger) => {
        checkGrowing(ledger, head.size);
        return { hash: root, metadata: head.note, root, size };
      };
      const { transactionId, blockNumber, timestamp } = await write(`anchor:${size}:${root}`, build, signal);
      return {
        kind: "local",
        state: "local",
        chainId: submitter,
        transactionId,
        submitter,
        blockNumber: BigInt(blockNumber),
        timestamp,
      };
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

    async health() {
      try {
        const { lines } = await inTurn(readLedger);
        return {
          isHealthy: true,
          checks: [{ name: "ledger", ok: true, detail: `${lines.length} records in ${path}` }],
        };
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        return { isHealthy: false, checks: [{ name: "ledger", ok: false, detail }] };
      }
    },

    async [Symbol.asyncDispose]() {
      await lastTurn;
      opened?.file.close();
      opened = undefined;
    },
  };
}

/** A log only grows: the contract's rule for anchors. */
function checkGrowing({ newestHead }: Ledger, size: bigint): void {
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
