import type { FileLayer } from "./file_layer.ts";

/** One whole line of a JSON lines file. */
export interface ScannedLine {
  /** From 1. */
  readonly line: number;
  /** `undefined` where the line is none. */
  readonly value: unknown;
  /** Why there is no value, in words. */
  readonly problem?: string;
}

export interface ScanJsonLinesOptions {
  readonly files: FileLayer;
  /** Offset of the first line, and its number. @default the file's beginning */
  readonly from?: { readonly offset: number; readonly line: number };
  /** Bytes behind this offset are not looked at. @default the file's end now */
  readonly end?: number;
}

const CHUNK_BYTES = 1024 * 1024;
/** As json_lines_file.ts has it. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The whole lines of a JSON lines file, one after the other, in memory for one of them. Unlike a reader that lives by the
 * file, it goes on behind a line that is damaged. Writes nothing and needs no lock; a torn last line is no line.
 */
export async function* scanJsonLines(
  path: string,
  { files, from = { offset: 0, line: 1 }, end: given }: ScanJsonLinesOptions,
): AsyncGenerator<ScannedLine, void> {
  if (await files.stat(path) === undefined) return;
  const file = await files.open(path, { create: false, readOnly: true });
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    const { sizeBytes } = await file.stat();
    const end = Math.min(given ?? sizeBytes, sizeBytes);
    let held: Uint8Array = new Uint8Array();
    let { offset, line } = from;
    let isTooLong = false;
    while (offset < end) {
      const chunk = await file.readAt(offset, Math.min(CHUNK_BYTES, end - offset));
      if (chunk.length === 0) return;
      offset += chunk.length;
      let start = 0;
      for (let newline = chunk.indexOf(NEWLINE); newline >= 0; newline = chunk.indexOf(NEWLINE, start)) {
        const bytes = join(held, chunk.subarray(start, newline));
        yield isTooLong ? tooLong(line) : parseLine(bytes, line, decoder);
        held = new Uint8Array();
        isTooLong = false;
        line++;
        start = newline + 1;
      }
      held = isTooLong ? held : join(held, chunk.subarray(start));
      if (held.length > MAX_LINE_BYTES) {
        isTooLong = true;
        held = new Uint8Array();
      }
    }
  } finally {
    file.close();
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function tooLong(line: number): ScannedLine {
  return { line, value: undefined, problem: `it is longer than ${MAX_LINE_BYTES} bytes` };
}

function parseLine(bytes: Uint8Array, line: number, decoder: TextDecoder): ScannedLine {
  try {
    return { line, value: JSON.parse(decoder.decode(bytes)) };
  } catch {
    return { line, value: undefined, problem: "it is not JSON" };
  }
}
