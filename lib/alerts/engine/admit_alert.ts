import type { AlertRule } from "../alert_rule.ts";
import type { AlertEntry, AlertState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { fingerprintOf, groupOf } from "./names.ts";

/** How many alerts of each group are followed. */
export type GroupTally = Map<string, number>;

/** Overflowing is noted so seldom that the note itself is no burden. */
const NOTE_MS = 60_000;

/** Counts what is followed. */
export function tallyGroups(draft: AlertState, { rules }: Pick<AlertContext, "rules">): GroupTally {
  const tally: GroupTally = new Map();
  for (const { rule: name, subject, phase, clearSinceMs } of Object.values(draft.alerts)) {
    const rule = rules.get(name);
    if (rule === undefined || phase === "resolved" || clearSinceMs !== undefined) continue;
    const group = groupOf(rule, subject);
    tally.set(group, (tally.get(group) ?? 0) + 1);
  }
  return tally;
}

/**
 * The alert of that rule and subject, followed from now on; `undefined` where too many are: then it is counted, and followed as soon
 * as it is seen again and there is room.
 */
export function admitAlert(
  draft: AlertState,
  { rule, subject, context, tally }: {
    readonly rule: AlertRule;
    readonly subject: string;
    readonly context: AlertContext;
    readonly tally: GroupTally;
  },
): AlertEntry | undefined {
  const { limits, nowMs, origin } = context;
  const fingerprint = fingerprintOf(origin, rule.name, subject);
  const known = draft.alerts[fingerprint];
  if (known !== undefined && known.phase !== "resolved") return known;
  const group = groupOf(rule, subject);
  const count = tally.get(group) ?? 0;
  if (count >= limits.alertsOfIncident) {
    const crowd = draft.crowds[group];
    draft.crowds[group] = { count: crowd?.atMs === nowMs ? crowd.count + 1 : 1, atMs: nowMs };
    return undefined;
  }
  if (known === undefined && !makeRoom(draft, limits.alerts)) {
    noteOverflow(draft, nowMs);
    return undefined;
  }
  tally.set(group, count + 1);
  return draft.alerts[fingerprint] ??= {
    fingerprint,
    rule: rule.name,
    subject,
    phase: "pending",
    severity: "info",
    message: "",
    details: {},
    sinceMs: nowMs,
    fires: [],
  };
}

/** Notes that something was given up as there was too much of it. */
export function noteOverflow(draft: AlertState, nowMs: number): void {
  if (nowMs - (draft.overflowMs ?? -Infinity) >= NOTE_MS) draft.overflowMs = nowMs;
}

function makeRoom(draft: AlertState, limit: number): boolean {
  const fingerprints = Object.keys(draft.alerts);
  if (fingerprints.length < limit) return true;
  const past = fingerprints.find((fingerprint) => draft.alerts[fingerprint]!.phase === "resolved");
  if (past === undefined) return false;
  delete draft.alerts[past];
  return true;
}
