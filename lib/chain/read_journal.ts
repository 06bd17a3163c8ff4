import type { FileLayer } from "../io/file_layer.ts";
import { openWriteAheadFile } from "../io/write_ahead_file.ts";
import { decodeJournalFrames } from "./decode_journal_frames.ts";
import { journalPath } from "./journal.ts";
import type { EventFrame, JournalEntry } from "./journal_entry.ts";
import { createJournalState, type SettledTransaction } from "./journal_state.ts";
import type { TransactionMetrics } from "./journal_totals.ts";
import type { PeriodSpend } from "../core/budget.ts";

/** A journal as it is on disk at one moment. */
export interface JournalView {
  /** In nonce order: all whose outcome may still change. */
  readonly live: readonly JournalEntry[];
  /** Those settled last, oldest first. */
  readonly settled: readonly SettledTransaction[];
  readonly events: readonly EventFrame[];
  readonly metrics: TransactionMetrics;
  /** What was signed on a UTC day and in its month. */
  spentOn(day: string): PeriodSpend;
}

/**
 * Looks into a journal without holding it, so beside the sender that does; `undefined` where there is none.
 *
 * @throws PotError when the file holds what this version cannot read.
 */
export async function readJournal(
  { folder, address, chainId, files }: {
    readonly folder: string;
    readonly address: string;
    readonly chainId: number;
    readonly files: FileLayer;
  },
): Promise<JournalView | undefined> {
  const path = journalPath(folder, address);
  if (await files.stat(path) === undefined) return undefined;
  using file = await openWriteAheadFile(path, { files, header: new Uint8Array() });
  const state = createJournalState(chainId);
  for await (const { payload, offset } of file.frames()) {
    for (const frame of decodeJournalFrames(payload)) {
      state.apply(frame, { offset, lengthBytes: payload.length });
    }
  }
  const { recent: settled, events, totals } = state;
  return { live: state.live(), settled, events, metrics: state.metrics(), spentOn: totals.spentOn };
}
