import { dirname, join } from "node:path";
import type { StoredHash } from "../chain/chain_client.ts";
import type { PinnedBlock } from "../chain/pin_block.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { FileLayer, FileLock } from "../io/file_layer.ts";
import { LockHeldError } from "../io/lock_held_error.ts";
import { openWriteAheadFile, type WriteAheadFile } from "../io/write_ahead_file.ts";
import {
  type AnchorFrame,
  decodeRebuildFrame,
  encodeRebuildFrame,
  type EvidenceEvent,
  isFrameOf,
  type RebuildFrame,
} from "./rebuild_frames.ts";

/** What is read already. */
export interface RebuildState {
  /** The block of the newest run. */
  readonly pin: PinnedBlock | undefined;
  /** All events up to and with this block are here; -1 for none. */
  readonly scannedTo: bigint;
  readonly rangeBlocks: number | undefined;
  /** Below this id, everything that had an event is here; 1 for none. */
  readonly nextId: bigint;
  /** Events of each kind. */
  readonly hashCount: bigint;
  readonly anchorCount: bigint;
  /** Anchors of which the facts are here: the first so many. */
  readonly factCount: bigint;
  /** The files of an earlier run may be written already. */
  readonly isWriting: boolean;
}

/**
 * What a rebuild has read so far of one contract, in a file of checksummed frames, so that whatever interrupts it, nothing is asked for
 * again that was answered. Read back as streams: it never is in memory as a whole.
 */
export interface RebuildProgress extends Disposable {
  readonly state: RebuildState;
  /** Durable when it resolves. One at a time. */
  append(frame: RebuildFrame): Promise<void>;
  /** Events in the order of the chain. */
  events(): AsyncIterable<EvidenceEvent>;
  /** What is stored, by id, ascending; ids without an event are left out. */
  hashes(): AsyncIterable<{ readonly id: bigint; readonly stored: StoredHash | null }>;
  /** What is known of each anchor, in the order of their events. */
  facts(): AsyncIterable<AnchorFrame>;
  /** Deletes the file: what it holds has been written elsewhere. */
  remove(): Promise<void>;
}

export interface OpenRebuildProgressOptions {
  readonly files: FileLayer;
  readonly chainId: string;
  readonly contract: `0x${string}`;
}

/**
 * Opens (or starts) the progress at `path`; the folder must exist. Hold {@linkcode lockRebuild}.
 *
 * @throws {PotError} when the file is of another contract.
 */
export async function openRebuildProgress(
  path: string,
  { files, chainId, contract }: OpenRebuildProgressOptions,
): Promise<RebuildProgress> {
  const header = new TextEncoder().encode(`pot-rebuild/1 ${chainId} ${contract.toLowerCase()}\n`);
  const opened = await openWriteAheadFile(path, { files, header });
  try {
    if (!equalBytes(opened.header, header)) {
      throw new PotError("Cannot go on with the rebuild as its progress is of another contract", {
        facts: [`file: ${path}`],
        hint: "delete the file, and start again",
      });
    }
    let state: RebuildState = {
      pin: undefined,
      scannedTo: -1n,
      rangeBlocks: undefined,
      nextId: 1n,
      hashCount: 0n,
      anchorCount: 0n,
      factCount: 0n,
      isWriting: false,
    };
    for await (const { payload } of opened.frames()) state = advance(state, decodeRebuildFrame(payload));

    const frames = <Type extends RebuildFrame["type"]>(type: Type) => framesOf(opened, type);
    return {
      get state() {
        return state;
      },
      async append(frame) {
        await opened.append(encodeRebuildFrame(frame));
        state = advance(state, frame);
      },
      async *events() {
        for await (const { events } of frames("range")) yield* events;
      },
      async *hashes() {
        for await (const { first, hashes } of frames("hashes")) {
          for (const [i, stored] of hashes.entries()) yield { id: first + BigInt(i), stored };
        }
      },
      facts: () => frames("anchor"),
      async remove() {
        await files.remove(path);
        await files.syncFolder(dirname(path));
      },
      [Symbol.dispose]: () => opened.close(),
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Those of one type; the others are not even parsed, which is most of the work. */
async function* framesOf<Type extends RebuildFrame["type"]>(
  file: WriteAheadFile,
  type: Type,
): AsyncGenerator<Extract<RebuildFrame, { readonly type: Type }>, void> {
  for await (const { payload } of file.frames()) {
    if (isFrameOf(payload, type)) {
      yield decodeRebuildFrame(payload) as Extract<RebuildFrame, { readonly type: Type }>;
    }
  }
}

function advance(state: RebuildState, frame: RebuildFrame): RebuildState {
  switch (frame.type) {
    case "pin": {
      const { number, hash, timestamp } = frame;
      return { ...state, pin: { number, hash, timestamp } };
    }
    case "range": {
      const anchors = BigInt(frame.events.filter(({ kind }) => kind === "anchor").length);
      return {
        ...state,
        scannedTo: frame.toBlock,
        rangeBlocks: frame.rangeBlocks,
        anchorCount: state.anchorCount + anchors,
        hashCount: state.hashCount + BigInt(frame.events.length) - anchors,
      };
    }
    case "hashes":
      return { ...state, nextId: frame.first + BigInt(frame.hashes.length) };
    case "anchor":
      return { ...state, factCount: state.factCount + 1n };
    case "writing":
      return { ...state, isWriting: true };
  }
}

/**
 * Takes the lock of a folder with progresses, which must exist.
 *
 * @throws {PotError} when another rebuild holds it.
 */
export async function lockRebuild(folder: string, files: FileLayer): Promise<FileLock> {
  const path = join(folder, "rebuild.lock");
  try {
    return await files.lock(path, { failIfHeld: true });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    throw new PotError("Cannot rebuild as another process is rebuilding into this folder", {
      facts: [`lock: ${path}`],
      hint: "wait until it is done, or stop it",
      cause,
    });
  }
}
