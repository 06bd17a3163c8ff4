import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";
import { TRAIL_FILE } from "./audit_trail.ts";
import { hashTrailText, parseTrailLine, type TrailLine } from "./trail_line.ts";

/** How far a trail was read. */
export interface TrailPlace {
  /** Bytes, up to the end of a line. */
  readonly offset: number;
  /** When the newest line that was read was written; 0 for none. */
  readonly lastAtMs: number;
  /** Hash of the trail's first line, which no other trail has; absent of one that was empty. */
  readonly first?: string;
}

/** What is new in a trail. */
export interface TrailNews {
  readonly lines: readonly TrailLine[];
  readonly place: TrailPlace;
  /** The file is shorter than what was read of it, or begins otherwise: somebody cut it, or put another in its place. */
  readonly isCut: boolean;
  /** What was read before is of another home folder: this trail is read from its beginning. */
  readonly isOther: boolean;
}

/** Where to read on. */
export interface ReadTrailOptions {
  readonly files: FileLayer;
  readonly place: TrailPlace;
  /** Daemons with home folders of their own take turns, and each reads its own trail. @default false */
  readonly isShared?: boolean | undefined;
}

/** Read at once; what is left comes with the next call. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Longer than any line. */
const FIRST_BYTES = 4 * 1024;
const NEWLINE = 0x0a;

/** What was appended to the trail of a home folder since `place`. A line that is damaged is left to the audit. */
export async function readTrailNews(
  home: string,
  { files, place, isShared = false }: ReadTrailOptions,
): Promise<TrailNews> {
  const path = join(home, TRAIL_FILE);
  const sizeBytes = (await files.stat(path))?.sizeBytes ?? 0;
  using file = sizeBytes === 0 ? undefined : await openToRead(path, files);
  const first = await file?.hashOfFirst();
  const isChanged = sizeBytes < place.offset || (place.first !== undefined && place.first !== first);
  const isOther = isShared && place.first !== undefined && place.first !== first;
  const isCut = isChanged && !isOther;
  const { offset: from, lastAtMs: beforeMs } = {
    offset: isChanged ? 0 : place.offset,
    lastAtMs: isOther ? 0 : place.lastAtMs,
  };
  const bytes = await file?.wholeLines(from, Math.min(MOST_BYTES, sizeBytes - from)) ?? new Uint8Array();
  const all = new TextDecoder().decode(bytes).split("\n").slice(0, -1).flatMap(parse);
  // Of a trail that was cut, what is left was told of.
  const lines = isCut ? all.filter(({ at }) => Date.parse(at) > beforeMs) : all;
  const lastAtMs = all.reduce((last, { at }) => Math.max(last, Date.parse(at)), beforeMs);
  return {
    lines,
    place: { offset: from + bytes.length, lastAtMs, ...(first === undefined ? {} : { first }) },
    isCut,
    isOther,
  };
}

async function openToRead(path: string, files: FileLayer) {
  const file = await files.open(path, { create: false, readOnly: true });
  return {
    async hashOfFirst(): Promise<string | undefined> {
      const bytes = await file.readAt(0, FIRST_BYTES);
      const end = bytes.indexOf(NEWLINE);
      return end < 0 ? undefined : hashTrailText(bytes.subarray(0, end));
    },
    async wholeLines(from: number, lengthBytes: number): Promise<Uint8Array> {
      const chunk = await file.readAt(from, lengthBytes);
      return chunk.subarray(0, chunk.lastIndexOf(NEWLINE) + 1);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function parse(text: string): TrailLine[] {
  try {
    const line = parseTrailLine(JSON.parse(text));
    return line === undefined ? [] : [line];
  } catch {
    return [];
  }
}
