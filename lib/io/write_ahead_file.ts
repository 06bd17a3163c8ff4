import { PotError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { writeFileAtomically } from "./atomic_write.ts";
import { CorruptFileError } from "./corrupt_file_error.ts";
import type { FileHandle, FileLayer } from "./file_layer.ts";
import { scanFrames, type WriteAheadFrame } from "./scan_frames.ts";
import { encodeFrame, FRAME_HEAD_BYTES, isIntact, payloadLength } from "./write_ahead_frame.ts";

export type { WriteAheadFrame } from "./scan_frames.ts";

/** Where an appended payload stands. */
export interface AppendedFrame {
  /** Offset of the payload's first byte. */
  readonly offset: number;
  /** Offset just past the frame. */
  readonly end: number;
}

/** What is at a write-ahead file's path. */
export interface WriteAheadStatus {
  /** Whether the name now belongs to another file (or to none): then open it again. */
  readonly isReplaced: boolean;
  /** Of what has the name now, a torn tail included; 0 for none. */
  readonly sizeBytes: number;
}

/**
 * An append-only file of checksummed frames, of which the first is a header. Other processes may append to it too:
 * whoever appends holds a lock of the caller's choice while doing so.
 *
 * A broken frame at the very end is the torn tail of a writer that died: readers ignore it, the next writer cuts it off.
 * A broken frame that intact ones follow is damage: it is reported and never cut.
 */
export interface WriteAheadFile extends Disposable {
  readonly path: string;
  /** The first frame's payload. */
  readonly header: Uint8Array;
  /** Tells this file from every other that had, has or will have the name, as long as their headers differ. */
  readonly identity: string;
  /** Where the first frame after the header starts. */
  readonly start: number;
  /** Where the next frame goes, as far as this handle has seen: past the last frame that `frames` or `append` met. */
  readonly end: number;
  /**
   * The intact frames after the header, or after the end of a frame that the caller knows to be intact. It moves `end`,
   * so a handle that also appends reads under the same lock.
   *
   * @throws {CorruptFileError} for damage, naming file and offset
   */
  frames(from?: number): AsyncIterable<WriteAheadFrame>;
  /**
   * Appends one frame; durable when it resolves. After a failed write or sync nothing is known of what reached the
   * disk, so this handle refuses every later append: open the file again.
   */
  append(payload: Uint8Array): Promise<AppendedFrame>;
  /** Bytes of the file, unchecked; fewer at its end. */
  readAt(offset: number, lengthBytes: number): Promise<Uint8Array>;
  /** Makes durable what other writers appended, who may have died before their own sync. */
  sync(): Promise<void>;
  /** What is at the path now. */
  look(): Promise<WriteAheadStatus>;
  close(): void;
}

export interface OpenWriteAheadFileOptions {
  readonly files: FileLayer;
  /** The header of a new file; one that exists keeps its own. */
  readonly header: Uint8Array;
}

/**
 * Opens the file, creating it atomically with the header when it is absent. Where that may happen, hold the lock:
 * of two that create it at once, the later one wins.
 *
 * @throws {CorruptFileError} when the first frame is broken
 */
export async function openWriteAheadFile(
  path: string,
  { files, header }: OpenWriteAheadFileOptions,
): Promise<WriteAheadFile> {
  if (await files.stat(path) === undefined) await replaceWriteAheadFile(path, { files, header });
  const file = await files.open(path, { create: false });
  try {
    const { sizeBytes, identity } = await file.stat();
    const first = await readHeader(file, path, sizeBytes);
    return createWriteAheadFile({ files, path, file, fileIdentity: identity, first });
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Puts a new file with only that header in the place of the old one, atomically and durably. Hold the lock. */
export async function replaceWriteAheadFile(
  path: string,
  { files, header }: Pick<OpenWriteAheadFileOptions, "files" | "header">,
): Promise<void> {
  await writeFileAtomically(files, path, encodeFrame(header));
}

async function readHeader(file: FileHandle, path: string, sizeBytes: number): Promise<Uint8Array> {
  const length = payloadLength(await file.readAt(0, FRAME_HEAD_BYTES));
  if (length !== undefined && FRAME_HEAD_BYTES + length <= sizeBytes) {
    const frame = await file.readAt(0, FRAME_HEAD_BYTES + length);
    if (isIntact(frame)) return frame;
  }
  throw new CorruptFileError({ path, where: "byte 0", found: "no intact header" });
}

interface OpenedFile {
  readonly files: FileLayer;
  readonly path: string;
  readonly file: FileHandle;
  readonly fileIdentity: string;
  /** The header's frame. */
  readonly first: Uint8Array;
}

function createWriteAheadFile(
  { files, path, file, fileIdentity, first }: OpenedFile,
): WriteAheadFile {
  let end = first.length;
  let isAppending = false;
  let failure: unknown;

  async function* frames(from: number): AsyncGenerator<WriteAheadFrame, void> {
    end = Math.max(end, from);
    for await (const frame of scanFrames(file, { path, from })) {
      end = Math.max(end, frame.end);
      yield frame;
    }
  }

  async function cutTornTail(): Promise<void> {
    const { sizeBytes } = await file.stat();
    if (sizeBytes < end) {
      throw new CorruptFileError({
        path,
        where: `byte ${sizeBytes}`,
        found: `the end of a file that reached byte ${end}`,
      });
    }
    if (sizeBytes === end) return;
    for await (const frame of frames(end)) void frame;
    if (sizeBytes > end) await file.truncate(end);
  }

  async function write(frame: Uint8Array): Promise<AppendedFrame> {
    await cutTornTail();
    const start = end;
    try {
      await file.writeAt(start, frame);
      await file.sync();
    } catch (error) {
      failure = error;
      // So that no other process takes for durable what this one reports as failed.
      await file.truncate(start).catch(() => {});
      throw appendError(path, "the disk did not take it", error);
    }
    end = start + frame.length;
    return { offset: start + FRAME_HEAD_BYTES, end };
  }

  return {
    path,
    header: first.subarray(FRAME_HEAD_BYTES),
    // Inode numbers are used again, as soon as the file that is replaced is closed: the header's checksum is not.
    identity: `${fileIdentity}:${toHex(first.subarray(FRAME_HEAD_BYTES - 8, FRAME_HEAD_BYTES))}`,
    start: first.length,
    get end() {
      return end;
    },
    frames: (from = first.length) => frames(from),
    async append(payload) {
      if (failure !== undefined) throw appendError(path, "an earlier write failed", failure);
      if (isAppending) throw new PotError(`Cannot append to ${path} as another append is under way`);
      isAppending = true;
      try {
        return await write(encodeFrame(payload));
      } finally {
        isAppending = false;
      }
    },
    readAt: (offset, lengthBytes) => file.readAt(offset, lengthBytes),
    sync: () => file.sync(),
    async look() {
      const stat = await files.stat(path);
      return { isReplaced: stat?.identity !== fileIdentity, sizeBytes: stat?.sizeBytes ?? 0 };
    },
    close: () => file.close(),
    [Symbol.dispose]: () => file.close(),
  };
}

function appendError(path: string, why: string, cause: unknown): PotError {
  return new PotError(`Cannot append to ${path} as ${why}`, {
    facts: [`file: ${path}`, ...(cause instanceof Error ? [`reason: ${cause.message}`] : [])],
    hint: "check free space and the disk's health, then start again",
    cause,
  });
}
