import type { Clock } from "../core/clock.ts";

/** Decides which of many like refusals are noted, so that whoever causes them cannot fill the disk. */
export interface RefusalLimit {
  /** How many refusals of that kind a line should stand for now; `undefined` where none is to be written yet. */
  count(kind: string): number | undefined;
}

/** So many of a kind are noted one by one. */
const ONE_BY_ONE = 10;
const WINDOW_MS = 10 * 60_000;
/** Kinds that are told apart at a time; whoever invents more of them, as by many addresses, is counted with the others who do. */
const MOST_KINDS = 1_000;
const OTHERS = "";

/**
 * Of each kind, ten within ten minutes are noted one by one, then the 16th, 32nd, 64th and so on, each with the number of
 * those since the line before it: a million tries take 27 lines.
 */
export function createRefusalLimit(clock: Pick<Clock, "now">): RefusalLimit {
  const kinds = new Map<string, { readonly sinceMs: number; seen: number; noted: number }>();

  /** The oldest stands first: a kind is put behind the others when its time begins. */
  function makesRoom(nowMs: number): boolean {
    if (kinds.size < MOST_KINDS) return true;
    const [oldest, { sinceMs }] = kinds.entries().next().value!;
    if (nowMs - sinceMs < WINDOW_MS) return false;
    return kinds.delete(oldest);
  }

  return {
    count(given) {
      const nowMs = clock.now();
      const kind = kinds.has(given) || makesRoom(nowMs) ? given : OTHERS;
      let state = kinds.get(kind);
      if (state === undefined || nowMs - state.sinceMs >= WINDOW_MS) {
        // What was left unnoted in the last window comes with the first line of this one.
        const left = state === undefined ? 0 : state.seen - state.noted;
        state = { sinceMs: nowMs, seen: left, noted: 0 };
        kinds.delete(kind);
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
