import type { AlertRule } from "../alert_rule.ts";
import type { AlertEntry, AlertState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { fingerprintOf, groupOf } from "./names.ts";
import { isAboutAlerts } from "./own_checks.ts";

/** How much is followed: counted once for everything that is seen at a time. */
export interface Tally {
  /** Alerts of each group. */
  readonly groups: Map<string, number>;
  /** Alerts of all groups, past ones too. */
  alerts: number;
  /** Subjects that something was heard of. */
  heard: number;
}

/** Overflowing is noted so seldom that the note itself is no burden. */
const NOTE_MS = 60_000;

/** Counts what is followed. */
export function takeTally(draft: AlertState, { rules }: Pick<AlertContext, "rules">): Tally {
  const groups = new Map<string, number>();
  const alerts = Object.values(draft.alerts);
  for (const { rule: name, subject, phase, clearSinceMs } of alerts) {
    const rule = rules.get(name);
    if (rule === undefined || phase === "resolved" || clearSinceMs !== undefined) continue;
    const group = groupOf(rule, subject);
    groups.set(group, (groups.get(group) ?? 0) + 1);
  }
  return { groups, alerts: alerts.length, heard: Object.keys(draft.heard).length };
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
    readonly tally: Tally;
  },
): AlertEntry | undefined {
  const { limits, nowMs, origin } = context;
  const fingerprint = fingerprintOf(origin, rule.name, subject);
  const known = draft.alerts[fingerprint];
  if (known !== undefined && known.phase !== "resolved") return known;
  const group = groupOf(rule, subject);
  const count = tally.groups.get(group) ?? 0;
  if (count >= limits.alertsOfIncident) {
    const crowd = draft.crowds[group];
    draft.crowds[group] = { count: crowd?.atMs === nowMs ? crowd.count + 1 : 1, atMs: nowMs };
    return undefined;
  }
  if (known === undefined && !isAboutAlerts(rule) && !makeRoom(draft, tally, limits.alerts)) {
    noteOverflow(draft, nowMs);
    return undefined;
  }
  tally.groups.set(group, count + 1);
  if (known === undefined) tally.alerts++;
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

function makeRoom(draft: AlertState, tally: Tally, limit: number): boolean {
  if (tally.alerts < limit) return true;
  const past = Object.values(draft.alerts).find(({ phase }) => phase === "resolved");
  if (past === undefined) return false;
  delete draft.alerts[past.fingerprint];
  tally.alerts--;
  return true;
}
