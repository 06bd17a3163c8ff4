import { join } from "node:path";
import { addSignatures } from "../core/add_signatures.ts";
import { PotError } from "../core/errors.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { createAppendQueue } from "./append_queue.ts";
import { type BufferedIndex, bufferIndex } from "./buffered_index.ts";
import { createCheckpointFile } from "./checkpoint_file.ts";
import { commitBatch } from "./commit_batch.ts";
import { createLogReader } from "./log_reader.ts";
import type { AppendResult, Log, LogDraft, SignHead } from "./log.ts";
import { makeLogIndex, openLogIndex } from "./log_index.ts";
import { createLogState, type EventIdentity } from "./log_state.ts";
import { makeCheckpoint } from "./make_checkpoint.ts";
import { createTurns } from "./take_turns.ts";
import { createTileStore } from "./tile_store.ts";

/** What a file log is made of. */
export interface OpenFileLogOptions {
  /** Holds everything but the index. */
  readonly files: FileLayer;
  /** The first line of this log's checkpoints. */
  readonly origin: string;
  /** C2SP verifier keys of everyone who signed for this log, newest first; a function where they may change. */
  readonly verifierKeys: readonly string[] | (() => Promise<readonly string[]>);
  /** The signed checkpoint note over that head, with this log's origin. */
  readonly sign: SignHead;
  /** Run and event key of a record from its bytes, for the index. */
  readonly eventKeyOf: (recordBytes: Uint8Array) => EventIdentity;
  /**
   * Where the index goes; `:memory:` keeps it to this process, which then sees what others append only when it
   * appends or makes a checkpoint itself. @default index.sqlite in the log's folder
   */
  readonly indexPath?: string;
  /** Size of the write-ahead file from which on a checkpoint starts a new one. @default 4 MiB */
  readonly writeAheadLimitBytes?: number;
}

/** One commit holds at most this many records (16 MiB when each is as large as can be). */
const MAX_BATCH = 256;

/**
 * Opens the log in a folder, making it where there is none. Any number of processes may have it open.
 *
 * In the folder: `write-ahead` (the durable append), `checkpoint` and `tile/` (C2SP tlog-tiles, derived when a checkpoint
 * is made), `index.sqlite` (derived, may be deleted while nothing runs), `log.lock`. Readers take no lock.
 *
 * @throws {CorruptFileError} for damaged files
 * @throws {PotError} for a log of another origin, or one whose write-ahead file is gone
 */
export async function openFileLog(folder: string, options: OpenFileLogOptions): Promise<Log> {
  const { files, origin, verifierKeys, eventKeyOf, writeAheadLimitBytes = 4 * 1024 * 1024 } = options;
  await files.makeFolder(folder);
  const store = createTileStore(folder, files);
  const checkpointFile = createCheckpointFile(folder, { files, origin });
  const turns = createTurns();

  const locked = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const listening = signal ? { signal } : {};
    return turns.run(async () => {
      using _lock = await files.lock(join(folder, "log.lock"), listening);
      return await work();
    }, listening);
  };

  const stateOver = (index: BufferedIndex) =>
    createLogState(folder, { files, index, store, checkpointFile, eventKeyOf });
  const state = await openState(options.indexPath ?? join(folder, "index.sqlite"), stateOver, locked);

  const whileHeld = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    locked(async () => {
      try {
        return await work();
      } catch (error) {
        state.forget();
        throw error;
      }
    }, signal);

  const queue = createAppendQueue<LogDraft, AppendResult>({
    commit: (take, signal) => whileHeld(() => commitBatch(state, take()), signal),
    maxBatch: MAX_BATCH,
  });
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new PotError("Cannot use the log as it was closed");
  };

  return {
    origin,
    verifierKeys: typeof verifierKeys === "function" ? verifierKeys : () => Promise.resolve(verifierKeys),
    ...createLogReader(folder, { files, index: state.index, store, checkpointFile }),

    async append(draft, appendOptions) {
      assertOpen();
      return await queue.push(draft, appendOptions);
    },

    async checkpoint({ signal, sign } = {}) {
      assertOpen();
      const work = () =>
        makeCheckpoint({
          state,
          store,
          checkpointFile,
          sign: sign ?? options.sign,
          isReplacing: sign !== undefined,
          writeAheadLimitBytes,
        });
      return await whileHeld(work, signal);
    },

    async addSignatures(note) {
      assertOpen();
      return await locked(async () => {
        const published = await checkpointFile.read();
        if (published === undefined) return undefined;
        const merged = addSignatures(published.note, note);
        if (merged === undefined) return undefined;
        return merged === published.note ? published : await checkpointFile.write(merged, published);
      });
    },

    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await queue.drain();
      // Behind whatever still holds the turn.
      await turns.run(() => Promise.resolve());
      state[Symbol.dispose]();
      state.index[Symbol.dispose]();
    },
  };
}

type StateOver = (index: BufferedIndex) => ReturnType<typeof createLogState>;
type Locked = <T>(work: () => Promise<T>) => Promise<T>;

/** Takes the lock only when the index is absent, damaged or behind, so that a reader does not wait for a writer. */
async function openState(
  location: string,
  stateOver: StateOver,
  locked: Locked,
): Promise<ReturnType<StateOver>> {
  const found = openLogIndex(location);
  let index = found && bufferIndex(found);
  try {
    if (index !== undefined) {
      const state = stateOver(index);
      if (await state.isCaughtUp()) return state;
    }
    return await locked(async () => {
      index ??= bufferIndex(openLogIndex(location) ?? makeLogIndex(location));
      const state = stateOver(index);
      try {
        await state.catchUp();
      } catch (error) {
        state.forget();
        throw error;
      }
      return state;
    });
  } catch (error) {
    index?.[Symbol.dispose]();
    throw error;
  }
}
