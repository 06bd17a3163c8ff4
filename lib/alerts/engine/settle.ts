import type { AlertState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { settleIncidents } from "./incidents.ts";
import { matchPattern } from "./match_pattern.ts";
import { dropUnusedNotifications } from "./outbox.ts";
import { passTime, resolve } from "./step_alert.ts";

/** Brings a draft to rest at this moment: time passes for each alert, incidents follow, and what nothing needs any more goes. */
export function settle(draft: AlertState, context: AlertContext): void {
  const { rules, limits, nowMs } = context;
  for (const entry of Object.values(draft.alerts)) {
    const rule = rules.get(entry.rule);
    if (rule !== undefined && matchPattern(rule.subject ?? "*", entry.subject)) {
      passTime(entry, { rule, limits, nowMs });
    } else if (entry.phase !== "resolved") {
      entry.well = "its rule is not in use any more";
      resolve(entry, nowMs);
    }
  }
  draft.silences = draft.silences.filter(({ untilMs }) => untilMs > nowMs);
  settleIncidents(draft, context);
  dropPast(draft, context);
  dropUnusedNotifications(draft);
}

function dropPast(draft: AlertState, { limits, nowMs }: AlertContext): void {
  for (const [fingerprint, { phase, fires, resolvedMs = 0 }] of Object.entries(draft.alerts)) {
    if (phase !== "resolved") continue;
    if (fires.length === 0 || nowMs - resolvedMs >= limits.flapWindowMs) delete draft.alerts[fingerprint];
  }
  const waiting = new Set([...draft.outbox, ...draft.deadLetters].map(({ key }) => key));
  for (const [key, { closedMs }] of Object.entries(draft.incidents)) {
    if (closedMs !== undefined && !waiting.has(key)) delete draft.incidents[key];
  }
  for (const [group, { atMs }] of Object.entries(draft.crowds)) {
    if (nowMs - atMs >= limits.flapWindowMs) delete draft.crowds[group];
  }
}
