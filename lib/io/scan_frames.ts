import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileHandle } from "./file_layer.ts";
import { findMagic, FRAME_HEAD_BYTES, isIntact, payloadLength } from "./write_ahead_frame.ts";

/** One intact frame of a write-ahead file. */
export interface WriteAheadFrame {
  readonly payload: Uint8Array;
  /** Offset of the payload's first byte. */
  readonly offset: number;
  /** Offset just past the frame, where the next one starts. */
  readonly end: number;
}

export interface ScanFramesOptions {
  /** For the error. */
  readonly path: string;
  /** Where a frame starts, or the end of the file. */
  readonly from: number;
}

const WINDOW_BYTES = 256 * 1024;
/** About a second of hashing. */
const MAX_HASHED_BYTES = 256 * 1024 * 1024;

/**
 * The intact frames from an offset on, up to the size the file has now. A broken frame with none intact after it is a
 * torn tail, left by a writer that died: the scan ends there. A broken one that others follow was whole once.
 *
 * @throws {CorruptFileError} for a broken frame with an intact one after it
 */
export async function* scanFrames(
  file: Pick<FileHandle, "readAt" | "stat">,
  { path, from }: ScanFramesOptions,
): AsyncGenerator<WriteAheadFrame, void> {
  const { sizeBytes } = await file.stat();
  const window = createWindow(file, sizeBytes);
  for (let offset = from; offset < sizeBytes;) {
    let frame = await frameAt(window, offset);
    if (frame === undefined) {
      if (!await hasFrameAfter(window, offset)) return;
      // A writer may have replaced a torn tail by frames of its own between the two looks.
      window.forget();
      frame = await frameAt(window, offset);
      if (frame === undefined) {
        throw new CorruptFileError({
          path,
          where: `byte ${offset}`,
          found: "a broken frame that intact ones follow",
        });
      }
    }
    yield frame;
    offset = frame.end;
  }
}

/**
 * Whether an intact frame, or too many things that look like the start of one to look at them all, stand behind `offset`. A
 * tail that was torn off holds one start at most: only somebody who means it writes thousands.
 */
async function hasFrameAfter(window: Window, offset: number): Promise<boolean> {
  let leftBytes = MAX_HASHED_BYTES;
  for (let from = offset + 1; from < window.sizeBytes;) {
    const bytes = await window.bytes(from, Math.min(WINDOW_BYTES, window.sizeBytes - from));
    for (let at = findMagic(bytes, 0); at >= 0; at = findMagic(bytes, at + 1)) {
      const start = from + at;
      const length = payloadLength(await window.bytes(start, FRAME_HEAD_BYTES)) ?? 0;
      if (start + length <= window.sizeBytes) leftBytes -= length;
      if (leftBytes < 0 || await frameAt(window, start) !== undefined) return true;
    }
    // The next window starts early enough for a head that this one cut in two.
    from += Math.max(1, bytes.length - FRAME_HEAD_BYTES);
  }
  return false;
}

async function frameAt(window: Window, start: number): Promise<WriteAheadFrame | undefined> {
  const length = payloadLength(await window.bytes(start, FRAME_HEAD_BYTES));
  if (length === undefined) return undefined;
  const end = start + FRAME_HEAD_BYTES + length;
  if (end > window.sizeBytes) return undefined;
  const frame = await window.bytes(start, end - start);
  if (frame.length < end - start || !isIntact(frame)) return undefined;
  return { payload: frame.subarray(FRAME_HEAD_BYTES), offset: start + FRAME_HEAD_BYTES, end };
}

/** Reads ahead, so that many small frames cost one read. What it gave out stays valid: no buffer is used twice. */
interface Window {
  readonly sizeBytes: number;
  bytes(offset: number, lengthBytes: number): Promise<Uint8Array>;
  forget(): void;
}

function createWindow(file: Pick<FileHandle, "readAt">, sizeBytes: number): Window {
  let start = 0;
  let held: Uint8Array = new Uint8Array();
  return {
    sizeBytes,
    async bytes(offset, lengthBytes) {
      const wanted = Math.min(lengthBytes, Math.max(0, sizeBytes - offset));
      if (offset < start || offset + wanted > start + held.length) {
        held = await file.readAt(offset, Math.min(Math.max(wanted, WINDOW_BYTES), sizeBytes - offset));
        start = offset;
      }
      return held.subarray(offset - start, offset - start + wanted);
    },
    forget() {
      held = new Uint8Array();
    },
  };
}
