import type { Clock } from "../core/clock.ts";

/** Decides which of many like refusals are noted, so that whoever causes them cannot fill the disk. */
export interface RefusalLimit {
  /** How many refusals of that kind a line should stand for now; `undefined` where none is to be written yet. */
  count(kind: string): number | undefined;
}

/** So many of a kind are noted one by one. */
const ONE_BY_ONE = 10;
const WINDOW_MS = 10 * 60_000;
/** Kinds that are remembered; whoever invents more of them starts over with the oldest. */
const MOST_KINDS = 1_000;

/**
 * Of each kind, ten within ten minutes are noted one by one, then the 16th, 32nd, 64th and so on, each with the number of
 * those since the line before it: a million tries take 27 lines.
 */
export function createRefusalLimit(clock: Pick<Clock, "now">): RefusalLimit {
  const kinds = new Map<string, { readonly sinceMs: number; seen: number; noted: number }>();
  return {
    count(kind) {
      const nowMs = clock.now();
      let state = kinds.get(kind);
      if (state === undefined || nowMs - state.sinceMs >= WINDOW_MS) {
        // What was left unnoted in the last window comes with the first line of this one.
        const left = state === undefined ? 0 : state.seen - state.noted;
        state = { sinceMs: nowMs, seen: left, noted: 0 };
        kinds.delete(kind);
        if (kinds.size >= MOST_KINDS) kinds.delete(kinds.keys().next().value!);
        kinds.set(kind, state);
        state.seen++;
        state.noted = state.seen;
        return state.seen;
      }
      state.seen++;
      const isPower = (state.seen & (state.seen - 1)) === 0;
      if (state.seen > ONE_BY_ONE && !isPower) return undefined;
      const count = state.seen - state.noted;
      state.noted = state.seen;
      return count;
    },
  };
}
