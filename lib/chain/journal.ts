import { join } from "node:path";
import type { PeriodSpend } from "../core/budget.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import { PotError } from "../core/errors.ts";
import type { FileLayer, FileLock } from "../io/file_layer.ts";
import { LockHeldError } from "../io/lock_held_error.ts";
import { openWriteAheadFile, type WriteAheadFile } from "../io/write_ahead_file.ts";
import { decodeJournalFrames } from "./decode_journal_frames.ts";
import {
  encodeJournalFrames,
  type EventFrame,
  type JournalEntry,
  type JournalFrame,
  type SignedFrame,
  type StateFrame,
} from "./journal_entry.ts";
import {
  createJournalState,
  type FramePlace,
  type JournalState,
  type SettledTransaction,
} from "./journal_state.ts";
import type { TransactionMetrics } from "./journal_totals.ts";

/** What became of a transaction, in full. */
export type SettledFacts = Pick<JournalEntry, "mined" | "failure">;

/** News of one transaction. */
export type TransactionNews = Pick<StateFrame, "state" | "mined" | "failure"> & {
  readonly entry: JournalEntry;
};

/**
 * Every transaction of one signing key, durable. One sender at a time holds it, across processes.
 *
 * What a caller is told is on disk: `sign`, `note` and `tell` resolve only after the fsync. Calls that come while one is under way
 * share the next one. What is settled leaves memory but for a few words, so that it does not grow with what was sent.
 */
export interface TransactionJournal extends AsyncDisposable {
  readonly address: `0x${string}`;
  readonly chainId: number;
  /** Of this chain, in nonce order: all whose outcome may still change. */
  live(): readonly JournalEntry[];
  /** The live transaction of that key. */
  find(key: string): JournalEntry | undefined;
  /** The settled one of that key, when it has no live one. */
  settled(key: string): SettledTransaction | undefined;
  /** Those settled last, oldest first; enough of them to notice that finality was broken. */
  recentlySettled(): readonly SettledTransaction[];
  /** What became of a settled one, from disk. */
  recall(settled: SettledTransaction): Promise<SettledFacts>;
  /** One above every nonce ever signed on this chain; 0 when there is none. */
  nextNonce(): number;
  /** The newest time that stands in the journal, in milliseconds; 0 for an empty one. */
  newestMs(): number;
  /** What was signed on a UTC day and in its month. */
  spentOn(day: string): PeriodSpend;
  metrics(): TransactionMetrics;
  /** Events that are kept, oldest first, the newest few hundred. */
  events(): readonly EventFrame[];

  /** Writes nonces and signed bytes, all in one append. */
  sign(signed: readonly Omit<SignedFrame, "type" | "chainId">[]): Promise<readonly JournalEntry[]>;
  /** Writes what was learned; nothing for what is known already. */
  note(news: readonly TransactionNews[], atMs: number): Promise<void>;
  /** Writes an event, unless one of that name and subject is kept already; answers whether it was news. */
  tell(event: Omit<EventFrame, "type" | "chainId">): Promise<boolean>;

  /** Lets another sender have it until `hold`; what is asked of it meanwhile is as old as that. Only while nothing is being written. */
  rest(): void;
  /**
   * Takes it back, with what others wrote meanwhile. Nothing happens where it is held.
   *
   * @throws {PotError} when another sender has it, which its cause says
   */
  hold(): Promise<void>;
}

export interface OpenJournalOptions {
  readonly folder: string;
  /** The signing account, EIP-55. */
  readonly address: `0x${string}`;
  readonly chainId: number;
  readonly files: FileLayer;
}

/** Frames of one append: 2 000 signed transactions of the largest metadata stay below half of what a frame may hold. */
const MAX_FRAMES = 2_000;

/** Names the file's format and the account in its first frame. */
export const JOURNAL_FORMAT = "pot-journal/2";

/** The journal's file. */
export function journalPath(folder: string, address: string): string {
  return join(folder, `journal-${address.toLowerCase()}`);
}

/**
 * Opens (or starts) the journal `journal-<address>` in `folder` and takes its lock, `journal-<address>.lock`.
 *
 * @throws PotError when another sender holds the lock, or when the file holds what this version cannot read.
 */
export async function openJournal(
  { folder, address, chainId, files }: OpenJournalOptions,
): Promise<TransactionJournal> {
  await files.makeFolder(folder);
  const path = journalPath(folder, address);
  let lock: FileLock | undefined = await takeLock(`${path}.lock`, address, files);
  let opened = await openFile(path, { address, chainId, files }).catch((error) => {
    lock?.release();
    throw error;
  });
  let holding: Promise<void> | undefined;
  /** Memory has all of the file up to where it was read. */
  let isSound = true;
  let isClosed = false;

  function write(frames: readonly JournalFrame[]): Promise<void> {
    if (lock === undefined) throw new Error("A journal that is not held cannot be written");
    return opened.write(frames);
  }

  /** Reads what others wrote since; a file that was put in place of ours, or that would not take our writes, from its start. */
  async function catchUp(): Promise<void> {
    const { isReplaced, sizeBytes } = await opened.file.look();
    const goesOn = isSound && !isReplaced && sizeBytes >= opened.file.end && !opened.isBroken();
    isSound = false;
    if (goesOn) {
      await opened.read();
    } else {
      const again = await openFile(path, { address, chainId, files });
      opened.file.close();
      opened = again;
    }
    isSound = true;
  }

  async function takeBack(): Promise<void> {
    const taken = await takeLock(`${path}.lock`, address, files);
    try {
      await catchUp();
      lock = taken;
    } catch (error) {
      taken.release();
      throw error;
    }
  }

  return {
    address,
    chainId,
    live: () => opened.state.live(),
    find: (key) => opened.state.entries.get(key),
    settled: (key) => opened.state.entries.has(key) ? undefined : opened.state.settled.get(key)?.transaction,
    recentlySettled: () => opened.state.recent,
    async recall({ key }) {
      const place = opened.state.settled.get(key)?.place ?? never(key);
      return await recallFrom(opened.file, { place, key, chainId });
    },
    nextNonce: () => opened.state.highestNonce() + 1,
    newestMs: () => opened.state.newestMs(),
    spentOn: (day) => opened.state.totals.spentOn(day),
    metrics: () => opened.state.metrics(),
    events: () => opened.state.events,
    async sign(signed) {
      await write(signed.map((form) => ({ type: "signed", chainId, ...form })));
      return signed.map(({ key }) => opened.state.entries.get(key) ?? never(key));
    },
    async note(news, atMs) {
      const frames = news.flatMap((item) => {
        const now = opened.state.entries.get(item.entry.key);
        if (now === undefined || now.nonce !== item.entry.nonce) return [];
        return toStateFrame(now, item, { chainId, atMs }) ?? [];
      });
      if (frames.length > 0) await write(frames);
    },
    async tell(event) {
      const { events } = opened.state;
      if (events.some(({ name, subject }) => name === event.name && subject === event.subject)) return false;
      await write([{ type: "event", chainId, ...event }]);
      return true;
    },
    rest() {
      lock?.release();
      lock = undefined;
    },
    async hold() {
      if (lock !== undefined || isClosed) return;
      await (holding ??= takeBack().finally(() => holding = undefined));
    },
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await holding?.catch(() => {});
      await opened.idle();
      opened.file.close();
      lock?.release();
    },
  };
}

/** The file with what memory keeps of it. Hold the lock. */
async function openFile(
  path: string,
  { address, chainId, files }: Pick<OpenJournalOptions, "address" | "chainId" | "files">,
) {
  const header = new TextEncoder().encode(`${JOURNAL_FORMAT} ${address.toLowerCase()}\n`);
  const file = await openWriteAheadFile(path, { files, header });
  const state = createJournalState(chainId);

  /** Applies what was not applied yet. */
  async function read(): Promise<void> {
    for await (const { payload, offset } of file.frames(file.end)) {
      const place = { offset, lengthBytes: payload.length };
      for (const frame of decodeJournalFrames(payload)) state.apply(frame, place);
    }
  }

  try {
    if (!equalBytes(file.header, header)) throw foreignJournal(path);
    await read();
    return { file, state, read, ...createAppender(file, state) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** One append at a time; what comes meanwhile goes together into the next one. */
function createAppender(file: WriteAheadFile, state: JournalState) {
  let isBroken = false;
  interface Waiting {
    readonly frames: readonly JournalFrame[];
    readonly done: PromiseWithResolvers<void>;
  }
  const waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  function takeNext(): readonly Waiting[] {
    let frames = 0;
    let count = 0;
    while (count < waiting.length && (count === 0 || frames + waiting[count]!.frames.length <= MAX_FRAMES)) {
      frames += waiting[count++]!.frames.length;
    }
    return waiting.splice(0, count);
  }

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const taken = takeNext();
      const frames = taken.flatMap((item) => item.frames);
      try {
        const payload = encodeJournalFrames(frames);
        const { offset } = await file.append(payload);
        for (const frame of frames) state.apply(frame, { offset, lengthBytes: payload.length });
        for (const { done } of taken) done.resolve();
      } catch (error) {
        // A failed append is the business of those who waited for it; this handle takes no other.
        isBroken = true;
        for (const { done } of taken) done.reject(error);
      }
    }
    flushing = undefined;
  }

  return {
    write(frames: readonly JournalFrame[]): Promise<void> {
      const done = Promise.withResolvers<void>();
      waiting.push({ frames, done });
      flushing ??= Promise.resolve().then(flush);
      return done.promise;
    },
    idle: () => flushing ?? Promise.resolve(),
    isBroken: () => isBroken,
  };
}

/** The frame that a piece of news makes; none for what is known already. */
function toStateFrame(
  now: JournalEntry,
  { state, mined, failure }: TransactionNews,
  { chainId, atMs }: { readonly chainId: number; readonly atMs: number },
): StateFrame | undefined {
  const isSamePlace = now.mined?.blockHash === mined?.blockHash &&
    now.mined?.isReverted === mined?.isReverted;
  if (now.state === state && isSamePlace) return undefined;
  const { key, nonce } = now;
  return {
    type: "state",
    key,
    chainId,
    nonce,
    state,
    atMs,
    ...(mined && { mined }),
    ...(failure !== undefined && { failure }),
  };
}

/** A settled transaction's facts from the frame that settled it. */
async function recallFrom(
  file: WriteAheadFile,
  { place, key, chainId }: { readonly place: FramePlace; readonly key: string; readonly chainId: number },
): Promise<SettledFacts> {
  const frames = decodeJournalFrames(await file.readAt(place.offset, place.lengthBytes));
  const isOurs = (frame: JournalFrame): frame is StateFrame =>
    frame.type === "state" && frame.key === key && frame.chainId === chainId;
  const { mined, failure } = frames.filter(isOurs).at(-1) ?? never(key);
  return { ...(mined && { mined }), ...(failure !== undefined && { failure }) };
}

async function takeLock(path: string, address: string, files: FileLayer): Promise<FileLock> {
  try {
    return await files.lock(path, { failIfHeld: true });
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause;
    throw new PotError("Cannot send as another process is sending with the same key", {
      facts: [`account: ${address}`, `lock: ${path}`],
      hint: "wait until it is done, or stop it; the daemon of pot up sends now and then too",
      cause,
    });
  }
}

function foreignJournal(path: string): PotError {
  return new PotError("Cannot open the transaction journal as the file is of another account or format", {
    facts: [`file: ${path}`],
    hint: "move the file away, or restore the right one from a backup",
  });
}

function never(key: string): never {
  throw new Error(`Nothing is known of ${key} in the journal`);
}
