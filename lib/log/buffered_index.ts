import type { IndexMark, IndexRow, LogIndex } from "./log_index.ts";

/** An index that keeps the newest entries in memory for a moment, as one large transaction costs less than many small ones. */
export interface BufferedIndex extends LogIndex {
  /** As `add`, for entries that may reach the database a little later. This process finds them at once. */
  addLater(rows: readonly IndexRow[], mark: IndexMark): void;
  /** Puts what waits into the database. */
  flush(): void;
}

/** This many entries wait at most: about 10 ms of work. */
const MOST_WAITING = 1_024;
/** So long do other processes wait at most before they see a new entry. */
const LONGEST_WAIT_MS = 20;

/**
 * Wraps an index. Nothing is lost with what waits: it is durable in the log, and whoever opens the log next indexes it.
 * Writing it needs no lock, as `add` leaves alone what another process has indexed by then.
 */
export function bufferIndex(index: LogIndex): BufferedIndex {
  let waiting: IndexRow[] = [];
  let waitingMark: IndexMark | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const byId = new Map<string, IndexRow>();
  const byEventKey = new Map<string, IndexRow>();
  const lastOfRun = new Map<string, IndexRow>();

  function drop(): void {
    clearTimeout(timer);
    timer = undefined;
    waiting = [];
    waitingMark = undefined;
    for (const map of [byId, byEventKey, lastOfRun]) map.clear();
  }

  function flush(): void {
    if (waitingMark !== undefined) index.add(waiting, waitingMark);
    drop();
  }

  function flushIfPossible(): void {
    try {
      flush();
    } catch {
      // Locked or unwritable just now. The entries wait on, and the next commit tries again and reports it.
      timer = undefined;
    }
  }

  /** Where the index stands with what waits, unless another process has come as far or has cleared it. */
  function mark(): IndexMark {
    const stored = index.mark();
    if (waitingMark === undefined) return stored;
    if (stored.size < waitingMark.size && stored.size >= waiting[0]!.position) return waitingMark;
    drop();
    return stored;
  }

  return {
    mark,
    addLater(rows, newMark) {
      for (const row of rows) {
        waiting.push(row);
        byId.set(row.id.toHex(), row);
        byEventKey.set(row.eventKey.toHex(), row);
        lastOfRun.set(row.runId, row);
      }
      waitingMark = newMark;
      if (waiting.length >= MOST_WAITING) flush();
      else timer ??= setTimeout(flushIfPossible, LONGEST_WAIT_MS);
    },
    flush,
    add(rows, newMark) {
      flush();
      index.add(rows, newMark);
    },
    clear() {
      drop();
      index.clear();
    },
    findId: (id) => byId.get(id.toHex())?.position ?? index.findId(id),
    findEvent: (eventKey) => byEventKey.get(eventKey.toHex()) ?? index.findEvent(eventKey),
    lastOfRun: (runId) => lastOfRun.get(runId)?.id ?? index.lastOfRun(runId),
    at: (position) => waiting[position - (waiting[0]?.position ?? 0)] ?? index.at(position),
    runs() {
      flush();
      return index.runs();
    },
    runPositions(runId) {
      flush();
      return index.runPositions(runId);
    },
    [Symbol.dispose]() {
      flushIfPossible();
      drop();
      index[Symbol.dispose]();
    },
  };
}
