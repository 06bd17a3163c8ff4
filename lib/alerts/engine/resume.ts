import type { AlertState } from "./alert_state.ts";

/** A longer pause than this, and nobody listened: the daemon was down, or its host slept. */
const PAUSE_MS = 5 * 60_000;
/** News from so far ahead of now come from a clock that was wrong, and was set back since. */
const FAR_AHEAD_MS = 3_600_000;

/**
 * Takes a document up again; answers since when somebody listens to it, `-Infinity` where nobody ever stopped for long. After a
 * pause, what was about to fire has to hold anew: it may have been the same thing that ended the last process.
 */
export function resume(
  draft: AlertState,
  { nowMs, before }: {
    readonly nowMs: number;
    /** How this process has listened, where it has. */
    readonly before: { readonly sinceMs: number; readonly lastMs: number } | undefined;
  },
): number {
  const lastMs = Object.values(draft.heard).reduce(
    (newest, heardMs) => Math.max(newest, heardMs),
    before?.lastMs ?? -Infinity,
  );
  const isSetBack = lastMs > nowMs + FAR_AHEAD_MS;
  if (isSetBack) setBack(draft, nowMs);
  else if (nowMs - lastMs <= PAUSE_MS) return before?.sinceMs ?? -Infinity;
  for (const entry of Object.values(draft.alerts)) if (entry.phase === "pending") entry.sinceMs = nowMs;
  return nowMs;
}

/** With times ahead of now nothing would be missed, fire or be sent until then. A silence lasts as long as was asked for. */
function setBack(draft: AlertState, nowMs: number): void {
  draft.silences = draft.silences.map((silence) => {
    const aheadMs = Math.max(0, silence.fromMs - nowMs);
    return { ...silence, fromMs: silence.fromMs - aheadMs, untilMs: silence.untilMs - aheadMs };
  });
  // Patience begins anew.
  for (const incident of Object.values(draft.incidents)) delete incident.escalateAtMs;
  pullBack({ ...draft, silences: [] }, nowMs);
}

/** Every time in it that is ahead of now; of some fields all numbers are times. */
function pullBack(holder: object, nowMs: number, areTimes = false): void {
  for (const [name, value] of Object.entries(holder)) {
    if (typeof value === "number" && value > nowMs && (areTimes || name.endsWith("Ms"))) {
      Object.assign(holder, { [name]: nowMs });
    } else if (typeof value === "object" && value !== null) {
      pullBack(value, nowMs, ["heard", "seen", "fires"].includes(name));
    }
  }
}
