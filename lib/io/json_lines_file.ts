import { dirname } from "node:path";
import { PotError } from "../core/errors.ts";
import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileHandle, FileLayer } from "./file_layer.ts";

/** One line of a JSON lines file. */
export interface JsonLine {
  /** From 1. */
  readonly line: number;
  readonly value: unknown;
}

/** A line and where it stands. */
export interface PlacedJsonLine extends JsonLine {
  /** Offset of its first byte in the file. */
  readonly offset: number;
  /** Without its newline. */
  readonly lengthBytes: number;
}

/** Where a line starts. */
export interface LineStart {
  readonly offset: number;
  /** Lines before it. */
  readonly linesBefore: number;
}

/**
 * An append-only file with one JSON value a line. Other processes may append to it too: whoever appends holds a lock
 * of the caller's choice while doing so. Readers need none.
 *
 * A last line without its newline is the torn tail of a writer that died: readers ignore it, the next writer cuts it
 * off. A whole line that is not JSON is damage: it is reported and never cut.
 */
export interface JsonLinesFile extends Disposable {
  /**
   * What anyone appended since the last call, durable by now; everything on the first call.
   *
   * @throws {CorruptFileError} for damage, naming file and line
   */
  readNew(): Promise<readonly JsonLine[]>;
  /** As `readNew`, at most about 1 MiB at a time; empty when there is nothing new. */
  readSome(): Promise<readonly PlacedJsonLine[]>;
  /** Bytes of the file, unchecked; fewer at its end, none where there is no file. */
  readAt(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /**
   * Appends the values in one write; durable when it resolves. After a failed write or sync nothing is known of what
   * reached the disk, so this handle refuses every later append: open the file again.
   */
  append(values: readonly unknown[]): Promise<void>;
  close(): void;
}

export interface OpenJsonLinesFileOptions {
  readonly files: FileLayer;
  /** Where reading begins, if what is before that is known already. @default the first line */
  readonly from?: LineStart;
}

const CHUNK_BYTES = 1024 * 1024;
/** A longer line is none of ours: the longest holds a checkpoint note of 256 kB. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Opens the file; one that is absent is made by the first append, in a folder that exists. */
// deno-lint-ignore require-await -- opening is lazy today, and its callers need not know
export async function openJsonLinesFile(
  path: string,
  { files, from = { offset: 0, linesBefore: 0 } }: OpenJsonLinesFileOptions,
): Promise<JsonLinesFile> {
  let handle: FileHandle | undefined;
  let { offset: readOffset, linesBefore: readLine } = from;
  let syncedEnd = from.offset;
  let isFolderSynced = false;
  let failure: unknown;

  async function openForReading(): Promise<FileHandle | undefined> {
    if (handle === undefined && await files.stat(path) !== undefined) {
      handle = await files.open(path, { create: false });
    }
    return handle;
  }

  async function openForAppending(): Promise<FileHandle> {
    handle ??= await files.open(path);
    // Also for a file that exists: whoever made it may have died before this.
    if (!isFolderSynced) await files.syncFolder(dirname(path));
    isFolderSynced = true;
    return handle;
  }

  async function write(file: FileHandle, bytes: Uint8Array): Promise<void> {
    const { sizeBytes } = await file.stat();
    const end = await lastLineEnd(file, sizeBytes);
    if (end < sizeBytes) await file.truncate(end);
    try {
      await file.writeAt(end, bytes);
      await file.sync();
    } catch (error) {
      failure = error;
      // So that no other process takes for durable what this one reports as failed.
      await file.truncate(end).catch(() => {});
      throw appendError(path, "the disk did not take it", error);
    }
    syncedEnd = end + bytes.length;
  }

  async function readSome(): Promise<readonly PlacedJsonLine[]> {
    const file = await openForReading();
    if (file === undefined) return [];
    const { bytes, sizeBytes } = await readWholeLines(file, { path, from: readOffset, line: readLine + 1 });
    if (bytes.length === 0) return [];
    const end = readOffset + bytes.length;
    if (end > syncedEnd) {
      await file.sync();
      syncedEnd = sizeBytes;
    }
    const lines = parseLines(bytes, { path, from: readOffset, linesBefore: readLine });
    readOffset = end;
    readLine += lines.length;
    return lines;
  }

  const close = () => {
    handle?.close();
    handle = undefined;
  };
  return {
    readSome,
    async readNew() {
      const all: JsonLine[] = [];
      for (let some = await readSome(); some.length > 0; some = await readSome()) {
        for (const { line, value } of some) all.push({ line, value });
      }
      return all;
    },
    async readAt(offset, lengthBytes) {
      return await (await openForReading())?.readAt(offset, lengthBytes) ?? new Uint8Array();
    },
    async append(values) {
      if (failure !== undefined) throw appendError(path, "an earlier write failed", failure);
      if (values.length === 0) return;
      const text = values.map((value) => toLine(value)).join("");
      await write(await openForAppending(), new TextEncoder().encode(text));
    },
    close,
    [Symbol.dispose]: close,
  };
}

interface ReadWholeLinesOptions {
  readonly path: string;
  readonly from: number;
  /** The number of the line at `from`. */
  readonly line: number;
}

/** The next whole lines from `from` on, about a chunk of them at most. */
async function readWholeLines(file: FileHandle, { path, from, line }: ReadWholeLinesOptions) {
  const { sizeBytes } = await file.stat();
  if (sizeBytes < from) {
    throw new CorruptFileError({
      path,
      where: `byte ${sizeBytes}`,
      found: `the end of a file that reached byte ${from}`,
    });
  }
  for (const lengthBytes of [CHUNK_BYTES, MAX_LINE_BYTES]) {
    const chunk = await file.readAt(from, Math.min(lengthBytes, sizeBytes - from));
    const bytes = chunk.subarray(0, chunk.lastIndexOf(NEWLINE) + 1);
    if (bytes.length > 0 || from + chunk.length >= sizeBytes) return { bytes, sizeBytes };
  }
  throw new CorruptFileError({
    path,
    where: `line ${line}`,
    found: `a line of more than ${MAX_LINE_BYTES} bytes`,
  });
}

/** Offset just past the last newline, 0 where there is none. */
async function lastLineEnd(file: FileHandle, sizeBytes: number): Promise<number> {
  for (let end = sizeBytes; end > 0;) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const newline = (await file.readAt(start, end - start)).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

interface ParseLinesOptions extends Pick<LineStart, "linesBefore"> {
  readonly path: string;
  /** Offset of `bytes` in the file. */
  readonly from: number;
}

function parseLines(bytes: Uint8Array, { path, from, linesBefore }: ParseLinesOptions): PlacedJsonLine[] {
  const lines: PlacedJsonLine[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, start);
    const line = linesBefore + lines.length + 1;
    try {
      const value = JSON.parse(decoder.decode(bytes.subarray(start, end)));
      lines.push({ line, value, offset: from + start, lengthBytes: end - start });
    } catch (cause) {
      throw new CorruptFileError({ path, where: `line ${line}`, found: "a line that is not JSON", cause });
    }
    start = end + 1;
  }
  return lines;
}

function toLine(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError("Cannot write a value that JSON cannot express");
  return `${text}\n`;
}

function appendError(path: string, why: string, cause: unknown): PotError {
  return new PotError(`Cannot append to ${path} as ${why}`, {
    facts: [`file: ${path}`, ...(cause instanceof Error ? [`reason: ${cause.message}`] : [])],
    hint: "check free space and the disk's health, then start again",
    cause,
  });
}
