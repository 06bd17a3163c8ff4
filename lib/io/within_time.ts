import { untilAborted } from "./until_aborted.ts";

/** How long something may run, and what stops it. */
export interface WithinTimeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** The error for when that time is over. */
  readonly whenLate: () => Error;
}

/**
 * Runs something that waits for others, and ends in time even where it does not heed the signal it is given.
 *
 * @throws what `whenLate` gives when the time is over; the signal's reason when that aborts; otherwise what `run` throws
 */
export async function withinTime<T>(
  run: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal, whenLate }: WithinTimeOptions,
): Promise<T> {
  const late = new AbortController();
  const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  const timer = setTimeout(() => late.abort(whenLate()), timeoutMs);
  try {
    return await untilAborted(() => run(either), either);
  } finally {
    clearTimeout(timer);
  }
}
