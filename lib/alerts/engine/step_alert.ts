import type { AlertRule } from "../alert_rule.ts";
import type { AlertEntry } from "./alert_state.ts";
import type { AlertLimits } from "./limits.ts";

const OCCURRENCE_CLEAR_MS = 3_600_000;

/** What a step needs to know. */
export interface StepOptions {
  readonly rule: AlertRule;
  readonly limits: AlertLimits;
  readonly nowMs: number;
}

/** Its condition holds. `isSudden`: nobody waits whether it lasts. */
export function raise(entry: AlertEntry, options: StepOptions & { readonly isSudden?: boolean }): void {
  const { nowMs, isSudden = false } = options;
  if (entry.phase === "resolved") {
    entry.phase = "pending";
    entry.sinceMs = nowMs;
    delete entry.resolvedMs;
  }
  delete entry.clearSinceMs;
  delete entry.well;
  if (isSudden && entry.phase === "pending") fire(entry, options);
  else passTime(entry, options);
}

/** Its condition does not hold. */
export function clear(entry: AlertEntry, options: StepOptions): void {
  if (entry.phase === "pending") {
    entry.phase = "resolved";
    entry.resolvedMs = options.nowMs;
  } else if (entry.phase === "firing") {
    entry.clearSinceMs ??= options.nowMs;
    passTime(entry, options);
  }
}

/** What time alone does: what held long enough fires, what has been well for long enough is resolved. */
export function passTime(entry: AlertEntry, options: StepOptions): void {
  const { rule, limits, nowMs } = options;
  if (entry.phase === "pending" && nowMs - entry.sinceMs >= (rule.forMs ?? 0)) fire(entry, options);
  if (entry.phase !== "firing" || entry.clearSinceMs === undefined) return;
  const clearMs = rule.clearForMs ?? (rule.occurrence === undefined ? 0 : OCCURRENCE_CLEAR_MS);
  const waitMs = entry.flappingSinceMs === undefined ? clearMs : Math.max(clearMs, limits.calmMs);
  if (nowMs - entry.clearSinceMs >= waitMs) resolve(entry, nowMs);
}

/** Ends it whatever was seen. */
export function resolve(entry: AlertEntry, nowMs: number): void {
  entry.phase = "resolved";
  entry.resolvedMs = nowMs;
  delete entry.clearSinceMs;
  delete entry.isMissing;
  if (entry.flappingSinceMs === undefined) return;
  delete entry.flappingSinceMs;
  entry.fires = [];
}

function fire(entry: AlertEntry, { limits, nowMs }: StepOptions): void {
  entry.phase = "firing";
  entry.fires = [...entry.fires.filter((atMs) => nowMs - atMs < limits.flapWindowMs), nowMs];
  if (entry.fires.length >= limits.flapCount) entry.flappingSinceMs ??= nowMs;
}
