import type { Notification, NotifiedAlert } from "../alert_channel.ts";
import { SEVERITIES, type Severity } from "../severity.ts";
import type { AlertEntry, AlertState, Incident } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import type { Quiet } from "./quiet.ts";
import { worstOf } from "./weigh.ts";

/** Alerts that one notification lists; it says how many more there are. */
const LISTED = 20;
const LISTED_TEXT = 200;

/** The state that people are shown. */
export function shownState(
  { phase, flappingSinceMs }: AlertEntry,
  { quiet, incident }: { readonly quiet: Quiet | undefined; readonly incident: Incident | undefined },
): NotifiedAlert["state"] | "pending" {
  if (phase !== "firing") return phase;
  if (quiet !== undefined) return "silenced";
  if (incident?.acknowledged !== undefined) return "acknowledged";
  return flappingSinceMs === undefined ? "firing" : "flapping";
}

/** What is told of an incident: its worst alert in words, then the others. */
export function notificationOf(
  draft: AlertState,
  { incident, kind, members, quietOf, context }: {
    readonly incident: Incident;
    readonly kind: Exclude<Notification["kind"], "message">;
    /** Its alerts: those that fire, or where it is over those that did. At least one. */
    readonly members: readonly AlertEntry[];
    readonly quietOf: (entry: AlertEntry) => Quiet | undefined;
    readonly context: AlertContext;
  },
): Notification {
  const { rules, source, nowMs } = context;
  const sorted = members.toSorted((a, b) => rank(b, quietOf) - rank(a, quietOf) || a.sinceMs - b.sinceMs);
  const worst = sorted[0]!;
  const crowd = draft.crowds[incident.group]?.count ?? 0;
  const others = sorted.length - 1 + crowd;
  const about = worst.subject === "" ? worst.rule : `${worst.rule} (${worst.subject})`;
  const flapping = worst.flappingSinceMs === undefined ? "" : "flapping: ";
  const text = kind === "resolve" ? worst.well ?? worst.message : worst.message;
  const runbook = rules.get(worst.rule)?.runbook;
  const note = incident.acknowledged;
  draft.sequence++;
  return {
    kind,
    key: incident.key,
    id: `${incident.key}/${draft.sequence.toString(36)}`,
    timestamp: new Date(nowMs).toISOString(),
    severity: severityOfIncident(sorted),
    message: `${about}: ${flapping}${text}${others === 0 ? "" : ` (and ${others} more)`}`,
    details: {
      ...worst.details,
      ...(kind === "resolve" ? { before: worst.message } : {}),
      ...(kind === "acknowledge" && note !== undefined
        ? { "acknowledged by": note.by, ...(note.note === undefined ? {} : { note: note.note }) }
        : {}),
      ...(crowd === 0 ? {} : { "not listed": `at least ${crowd} more alerts` }),
    },
    source,
    alerts: sorted.slice(0, LISTED).map((entry) => ({
      fingerprint: entry.fingerprint,
      rule: entry.rule,
      subject: entry.subject,
      state: notPending(shownState(entry, { quiet: quietOf(entry), incident })),
      severity: entry.severity,
      message: (entry.phase === "resolved" ? entry.well ?? entry.message : entry.message).slice(
        0,
        LISTED_TEXT,
      )
        .toWellFormed(),
      since: new Date(entry.phase === "resolved" ? entry.resolvedMs ?? nowMs : entry.sinceMs).toISOString(),
    })),
    ...(runbook === undefined ? {} : { runbook }),
  };
}

/** The worst of those alerts. */
export function severityOfIncident(members: readonly AlertEntry[]): Severity {
  return worstOf(members.map(({ severity }) => severity));
}

/** What is told aloud goes before what is quiet. */
function rank(entry: AlertEntry, quietOf: (entry: AlertEntry) => Quiet | undefined): number {
  const isLoud = entry.phase !== "firing" || quietOf(entry) === undefined;
  return SEVERITIES.indexOf(entry.severity) + (isLoud ? SEVERITIES.length : 0);
}

function notPending(state: NotifiedAlert["state"] | "pending"): NotifiedAlert["state"] {
  return state === "pending" ? "firing" : state;
}
