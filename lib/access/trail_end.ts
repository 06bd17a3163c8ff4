import type { FileHandle, FileLayer } from "../io/file_layer.ts";
import { hashTrailLine, hashTrailText, NO_PREVIOUS, parseTrailLine, type TrailLine } from "./trail_line.ts";

/** Where the next line goes on. */
export interface TrailEnd {
  /** Whole lines; damaged ones count. */
  readonly sequence: number;
  /** Of the last line; 64 zeros for none. */
  readonly hash: string;
  /** The last lines that were readable, oldest first. */
  readonly recent: readonly TrailLine[];
  readonly isAbsent: boolean;
}

/** Holds some two hundred lines. */
const WINDOW_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads the end of a trail, in a time that does not grow with it. A last line that is damaged stops nobody, as recording must
 * go on: its bytes are hashed as they are, so that the next line is bound to them, and the audit names it. A torn tail is no line.
 */
export async function findTrailEnd(path: string, files: FileLayer): Promise<TrailEnd> {
  if (await files.stat(path) === undefined) {
    return { sequence: 0, hash: NO_PREVIOUS, recent: [], isAbsent: true };
  }
  const file = await files.open(path, { create: false, readOnly: true });
  try {
    const { sizeBytes } = await file.stat();
    const texts = await lastLines(file, sizeBytes);
    const last = texts.at(-1);
    if (last === undefined) return { sequence: 0, hash: NO_PREVIOUS, recent: [], isAbsent: false };
    const newest = readLine(last);
    return {
      // A line says its own number; where the last one cannot, all are counted.
      sequence: newest?.sequence ?? await countLines(file, sizeBytes),
      hash: newest === undefined ? hashTrailText(last) : hashTrailLine(newest),
      // Two hundred lines take longer than all else here, and few ask for them.
      get recent() {
        return texts.map(readLine).filter((line) => line !== undefined);
      },
      isAbsent: false,
    };
  } finally {
    file.close();
  }
}

/** The whole lines within the window, or one that is longer than that. */
async function lastLines(file: FileHandle, sizeBytes: number): Promise<readonly Uint8Array[]> {
  for (let window = WINDOW_BYTES;; window *= 4) {
    const start = Math.max(0, sizeBytes - window);
    const bytes = await file.readAt(start, sizeBytes - start);
    const lines: Uint8Array[] = [];
    // What stands before the first newline may be half a line, unless it is the file's beginning.
    let from = start === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    if (start > 0 && from === 0) continue;
    for (let at = bytes.indexOf(NEWLINE, from); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      lines.push(bytes.subarray(from, at));
      from = at + 1;
    }
    if (lines.length > 0 || start === 0) return lines;
  }
}

function readLine(bytes: Uint8Array): TrailLine | undefined {
  try {
    return parseTrailLine(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

async function countLines(file: FileHandle, sizeBytes: number): Promise<number> {
  let count = 0;
  for (let offset = 0; offset < sizeBytes;) {
    const chunk = await file.readAt(offset, 1024 * 1024);
    if (chunk.length === 0) break;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) count++;
    offset += chunk.length;
  }
  return count;
}
