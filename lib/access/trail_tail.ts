import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";
import { TRAIL_FILE } from "./audit_trail.ts";
import { parseTrailLine, type TrailLine } from "./trail_line.ts";

/** How far a trail was read. */
export interface TrailPlace {
  /** Bytes, up to the end of a line. */
  readonly offset: number;
  /** When the newest line that was read was written; 0 for none. */
  readonly lastAtMs: number;
}

/** What is new in a trail. */
export interface TrailNews {
  readonly lines: readonly TrailLine[];
  readonly place: TrailPlace;
  /** The file is shorter than what was read of it: somebody cut it, or put an older one in its place. */
  readonly isCut: boolean;
}

/** Read at once; what is left comes with the next call. */
const MOST_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** What was appended to the trail of a home folder since `place`. A line that is damaged is left to the audit. */
export async function readTrailNews(
  home: string,
  { files, place }: { readonly files: FileLayer; readonly place: TrailPlace },
): Promise<TrailNews> {
  const path = join(home, TRAIL_FILE);
  const sizeBytes = (await files.stat(path))?.sizeBytes ?? 0;
  const isCut = sizeBytes < place.offset;
  const from = isCut ? 0 : place.offset;
  if (sizeBytes === from) return { lines: [], place: { ...place, offset: from }, isCut };
  const file = await files.open(path, { create: false, readOnly: true });
  try {
    const chunk = await file.readAt(from, Math.min(MOST_BYTES, sizeBytes - from));
    const bytes = chunk.subarray(0, chunk.lastIndexOf(NEWLINE) + 1);
    const all = new TextDecoder().decode(bytes).split("\n").slice(0, -1).flatMap(parse);
    // Of a trail that was cut, what is left was told of.
    const lines = isCut ? all.filter(({ at }) => Date.parse(at) > place.lastAtMs) : all;
    const lastAtMs = all.reduce((last, { at }) => Math.max(last, Date.parse(at)), place.lastAtMs);
    return { lines, place: { offset: from + bytes.length, lastAtMs }, isCut };
  } finally {
    file.close();
  }
}

function parse(text: string): TrailLine[] {
  try {
    const line = parseTrailLine(JSON.parse(text));
    return line === undefined ? [] : [line];
  } catch {
    return [];
  }
}
