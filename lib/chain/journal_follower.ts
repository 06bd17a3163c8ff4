import type { FileLayer } from "../io/file_layer.ts";
import { openWriteAheadFile, type WriteAheadFile } from "../io/write_ahead_file.ts";
import { decodeJournalFrames } from "./decode_journal_frames.ts";
import { journalPath } from "./journal.ts";
import { createJournalState } from "./journal_state.ts";
import type { JournalView } from "./read_journal.ts";

/** A journal as it is now, and how busy it has been. */
export interface FollowedJournal extends JournalView {
  /** Transactions by the hour in which they were first signed, hours since the Unix epoch; of the last {@linkcode KEPT_HOURS}. */
  readonly signedByHour: ReadonlyMap<number, number>;
}

/** Looks into a journal again and again, reading only what is new, beside the sender that holds it. */
export interface JournalFollower extends Disposable {
  /** The journal as it is on disk now; `undefined` where there is none. */
  read(): Promise<FollowedJournal | undefined>;
}

/** Five weeks: the same hour of four weeks, and the day in question. */
export const KEPT_HOURS = 24 * 35;
const HOUR_MS = 3_600_000;

/** Which journal is followed. */
export interface JournalFollowerOptions {
  readonly folder: string;
  /** The signing account. */
  readonly address: string;
  readonly chainId: number;
  readonly files: FileLayer;
}

interface Followed extends Disposable {
  readonly file: WriteAheadFile;
  readonly state: ReturnType<typeof createJournalState>;
  readonly signedByHour: Map<number, number>;
}

/**
 * Follows the journal of an account on a chain. Nothing is opened before the first read; a journal that was replaced is read
 * from its start again.
 *
 * `read` throws a PotError when the file holds what this version cannot read.
 */
export function createJournalFollower(
  { folder, address, chainId, files }: JournalFollowerOptions,
): JournalFollower {
  const path = journalPath(folder, address);
  let followed: Followed | undefined;

  async function open(): Promise<Followed | undefined> {
    if (followed !== undefined && !(await followed.file.look()).isReplaced) return followed;
    followed?.[Symbol.dispose]();
    followed = undefined;
    if (await files.stat(path) === undefined) return undefined;
    const file = await openWriteAheadFile(path, { files, header: new Uint8Array() });
    return followed = {
      file,
      state: createJournalState(chainId),
      signedByHour: new Map(),
      [Symbol.dispose]: () => file.close(),
    };
  }

  async function read(): Promise<FollowedJournal | undefined> {
    const now = await open();
    if (now === undefined) return undefined;
    const { file, state, signedByHour } = now;
    for await (const { payload, offset } of file.frames(file.end)) {
      for (const frame of decodeJournalFrames(payload)) {
        state.apply(frame, { offset, lengthBytes: payload.length });
        if (frame.type !== "signed" || frame.kind !== "first" || frame.chainId !== chainId) continue;
        const hour = Math.floor(frame.signedAtMs / HOUR_MS);
        signedByHour.set(hour, (signedByHour.get(hour) ?? 0) + 1);
      }
    }
    const oldest = Math.floor(state.newestMs() / HOUR_MS) - KEPT_HOURS;
    for (const hour of signedByHour.keys()) if (hour < oldest) signedByHour.delete(hour);
    const { recent, events, totals } = state;
    return {
      live: state.live(),
      settled: [...recent],
      events: [...events],
      metrics: state.metrics(),
      spentOn: totals.spentOn,
      signedByHour,
    };
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    // One at a time: two that read on from the same place would count twice.
    read() {
      const reading = last.then(read, read);
      last = reading.catch(() => {});
      return reading;
    },
    [Symbol.dispose]: () => followed?.[Symbol.dispose](),
  };
}
