import { dirname } from "node:path";
import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { type JsonLinesFile, openJsonLinesFile } from "../io/json_lines_file.ts";
import { type LedgerIndex, openLedgerIndex } from "./ledger_index.ts";
import { type LedgerLine, parseLedgerLine } from "./ledger_line.ts";

/** Where a ledger is. */
export interface OpenLedgerOptions {
  /** Holds the ledger and its lock. */
  readonly files: FileLayer;
  /** Where the index goes, outside of `files`. @default in memory: each process reads the whole ledger once */
  readonly indexPath?: string;
}

/** A line that is about to be written; the ledger numbers it. */
export type NewLedgerLine = Omit<LedgerLine, "blockNumber">;

/** Lines by id, key and log: found through an index, whatever the ledger's length. */
export interface LedgerReads {
  lineCount(): number;
  findId(transactionId: string): Promise<LedgerLine | undefined>;
  /** The line that `submitter` wrote under that key. */
  findKey(submitter: string, key: string): Promise<LedgerLine | undefined>;
  newestHead(submitter: string): Promise<LedgerLine | undefined>;
}

/** The file of the local ledger, shared with other processes; one call at a time within this one. */
export interface Ledger extends AsyncDisposable {
  /** Runs `work` on everything that is durable by now. */
  read<T>(work: (reads: LedgerReads) => T | Promise<T>): Promise<T>;
  /** Appends, under the lock, what `build` makes of the ledger as it is; durable when it resolves, all lines or none. */
  append(
    build: (reads: LedgerReads) => Promise<readonly NewLedgerLine[]>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly LedgerLine[]>;
}

/** Opens the ledger at a path; `<path>.lock` guards appends. File and folder are made by the first append. */
export function openLedger(path: string, { files, indexPath = ":memory:" }: OpenLedgerOptions): Ledger {
  let opened: { readonly file: JsonLinesFile; readonly index: LedgerIndex } | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(run);
    lastTurn = turn.catch(() => {});
    return turn;
  }

  /** After a failure nobody knows what is on the disk: the next call looks afresh. */
  function forget(): void {
    opened?.file.close();
    opened?.index[Symbol.dispose]();
    opened = undefined;
  }

  async function open() {
    const stat = await files.stat(path);
    // Without a file there is no folder for an index either.
    const index = openLedgerIndex(stat === undefined ? ":memory:" : indexPath);
    try {
      const from = await trustedStart(index, stat?.identity);
      const file = await openJsonLinesFile(path, { files, from });
      opened = { file, index };
      return opened;
    } catch (error) {
      index[Symbol.dispose]();
      throw error;
    }
  }

  /** Where reading goes on, if the last line that the index knows is the one in the file; else it starts over. */
  async function trustedStart(index: LedgerIndex, identity: string | undefined) {
    const { lineCount, end, identity: indexed } = index.mark();
    const last = index.last();
    if (lineCount === 0 || last === undefined) return { offset: 0, linesBefore: 0 };
    if (indexed === identity) {
      using file = await openJsonLinesFile(path, { files });
      const bytes = await file.readAt(last.offset, end - last.offset);
      const id = parseLine(bytes.subarray(0, last.lengthBytes))?.transactionId;
      const isSame = bytes.length === last.lengthBytes + 1 && bytes.at(-1) === 0x0a && id !== undefined &&
        index.findId(id)?.line === lineCount;
      if (isSame) return { offset: end, linesBefore: lineCount };
    }
    index.clear();
    return { offset: 0, linesBefore: 0 };
  }

  /** Takes in what anyone appended since. */
  async function catchUp(): Promise<{ readonly file: JsonLinesFile; readonly index: LedgerIndex }> {
    const { file, index } = opened ?? await open();
    let lastLine = 0;
    for (let lines = await file.readSome(); lines.length > 0; lines = await file.readSome()) {
      const rows = lines.map(({ line, value, offset, lengthBytes }) => {
        const { transactionId, submitter, key, size } = parseLedgerLine(value, { line, path });
        return {
          line,
          offset,
          lengthBytes,
          transactionId,
          ...(key !== undefined && { writtenAs: writtenAs(submitter, key) }),
          ...(size !== undefined && { headOf: submitter }),
        };
      });
      const { line, offset, lengthBytes } = rows.at(-1)!;
      const identity = (await files.stat(path))?.identity ?? "";
      const repeated = index.add(rows, { lineCount: line, identity, end: offset + lengthBytes + 1 });
      if (repeated !== undefined) throw repeatedLine(path, repeated.line);
      lastLine = line;
    }
    if (index.mark().lineCount >= lastLine) return { file, index };
    // Another process found the index wrong and cleared it.
    forget();
    return await catchUp();
  }

  async function reads(): Promise<LedgerReads> {
    const { file, index } = await catchUp();
    const load = async (place: ReturnType<LedgerIndex["last"]>) => {
      if (place === undefined) return undefined;
      const { line, offset, lengthBytes } = place;
      return parseLedgerLine(parseLine(await file.readAt(offset, lengthBytes)), { line, path });
    };
    return {
      lineCount: () => index.mark().lineCount,
      findId: (transactionId) => load(index.findId(transactionId)),
      findKey: (submitter, key) => load(index.findWrittenAs(writtenAs(submitter, key))),
      newestHead: (submitter) => load(index.newestHeadOf(submitter)),
    };
  }

  async function orForget<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    read: (work) => inTurn(() => orForget(async () => await work(await reads()))),
    append: (build, { signal } = {}) =>
      inTurn(async () => {
        signal?.throwIfAborted();
        await files.makeFolder(dirname(path));
        using _lock = await files.lock(`${path}.lock`, { ...(signal && { signal }) });
        return await orForget(async () => {
          const before = await reads();
          const first = before.lineCount() + 1;
          const lines = (await build(before)).map((line, i): LedgerLine => ({
            ...line,
            blockNumber: first + i,
          }));
          await opened!.file.append(lines);
          await catchUp();
          return lines;
        });
      }),
    async [Symbol.asyncDispose]() {
      await lastTurn;
      forget();
    },
  };
}

/** A submitter has no line break, so that no key of one can be taken for one of another. */
function writtenAs(submitter: string, key: string): string {
  return `${submitter}\n${key}`;
}

function parseLine(bytes: Uint8Array): { readonly transactionId?: string } | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function repeatedLine(path: string, line: number): PotError {
  return new PotError("Cannot read the local ledger as a line repeats the id or key of an earlier one", {
    facts: [`file: ${path}`, `line: ${line}`],
    hint: "restore the file from a backup",
  });
}
