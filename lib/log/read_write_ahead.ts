import { join } from "node:path";
import { CorruptFileError } from "../io/corrupt_file_error.ts";
import type { FileHandle, FileLayer } from "../io/file_layer.ts";
import { scanFrames } from "../io/scan_frames.ts";
import { decodeBundle } from "./entry_bundle.ts";
import type { WriteAheadPlace } from "./log_index.ts";
import { parseWriteAheadHeader } from "./write_ahead_header.ts";
import { toHex } from "../core/hex.ts";

/** One entry of a write-ahead file. */
export interface WriteAheadEntry {
  readonly position: number;
  readonly bytes: Uint8Array;
  readonly place: WriteAheadPlace;
}

/** A write-ahead file as it was at one moment; the file itself, even where its name is another's by now. */
export interface WriteAheadSnapshot extends Disposable {
  /** As an index names it. */
  readonly identity: string;
  /** Position of its first entry. */
  readonly base: number;
  readonly sizeBytes: number;
  /** Whether the name still is this file's. */
  isCurrent(): Promise<boolean>;
  /**
   * Its entries in order; ends at a torn tail.
   *
   * @throws {CorruptFileError} for damage, naming the offset
   */
  entries(): AsyncGenerator<WriteAheadEntry, void>;
}

/**
 * Opens the write-ahead file of a log to look at it alone; `undefined` where there is none.
 *
 * @throws {CorruptFileError} when its header is damaged
 */
export async function openWriteAheadSnapshot(
  folder: string,
  files: FileLayer,
): Promise<WriteAheadSnapshot | undefined> {
  const path = join(folder, "write-ahead");
  if (await files.stat(path) === undefined) return undefined;
  const file = await files.open(path, { create: false, readOnly: true });
  try {
    const { sizeBytes, identity } = await file.stat();
    const { header, start } = await readHeader(file, path);
    return {
      identity: `${identity}:${toHex(await file.readAt(HEADER_CHECKSUM_AT, CHECKSUM_BYTES))}`,
      base: parseWriteAheadHeader({ path, header }),
      sizeBytes,
      isCurrent: async () => (await files.stat(path))?.identity === identity,
      entries: () => entriesOf(upTo(file, sizeBytes, identity), { path, start, header }),
      [Symbol.dispose]: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Behind magic and length (write_ahead_frame.ts). */
const HEADER_CHECKSUM_AT = 8;
const CHECKSUM_BYTES = 8;

/** The file as it was: what others append from now on is not in it. */
function upTo(file: FileHandle, sizeBytes: number, identity: string): Pick<FileHandle, "readAt" | "stat"> {
  return {
    readAt: (offset, lengthBytes) =>
      file.readAt(offset, Math.max(0, Math.min(lengthBytes, sizeBytes - offset))),
    stat: () => Promise.resolve({ sizeBytes, identity }),
  };
}

async function readHeader(file: FileHandle, path: string) {
  for await (const { payload, end } of scanFrames(file, { path, from: 0 })) {
    return { header: payload.slice(), start: end };
  }
  throw new CorruptFileError({ path, where: "byte 0", found: "no intact header" });
}

interface FrameSource {
  readonly path: string;
  readonly start: number;
  readonly header: Uint8Array;
}

async function* entriesOf(
  file: Pick<FileHandle, "readAt" | "stat">,
  { path, start, header }: FrameSource,
): AsyncGenerator<WriteAheadEntry, void> {
  let position = parseWriteAheadHeader({ path, header });
  let frame = start;
  for await (const { payload, offset, end } of scanFrames(file, { path, from: start })) {
    const entries = decodeBundle(payload);
    if (entries === undefined || entries.length === 0) {
      throw new CorruptFileError({
        path,
        where: `byte ${offset}`,
        found: "no entry bundle in an intact frame",
      });
    }
    for (const entry of entries) {
      const place = { frame, offset: offset + entry.offset, lengthBytes: entry.bytes.length };
      yield { position, bytes: entry.bytes, place };
      position++;
    }
    frame = end;
  }
}
