import type { AlertRule } from "../alert_rule.ts";
import { isAtLeast, type Severity } from "../severity.ts";
import { noteOverflow } from "./admit_alert.ts";
import type { AlertEntry, AlertState, Incident } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { groupOf, incidentKeyOf } from "./names.ts";
import { notificationOf, severityOfIncident } from "./notification_of.ts";
import { enqueue } from "./outbox.ts";
import { isAboutAlerts, isOwnCheck } from "./own_checks.ts";
import { findQuiet, type Quiet } from "./quiet.ts";
import { resolve } from "./step_alert.ts";
import { worstOf } from "./weigh.ts";

const REPEAT_MS = 4 * 3_600_000;
const CALM_REPEAT_MS = 24 * 3_600_000;
const ESCALATE_MS = 15 * 60_000;
/** After a pause everything is looked at within that time. */
const FIRST_LOOK_MS = 2 * 60_000;

/** Opens, tells and closes incidents, so that they fit the alerts as they are now. */
export function settleIncidents(draft: AlertState, context: AlertContext): void {
  const quietOf = findQuiet(draft, context);
  dropCovered(draft, { quietOf, context });
  const open = openByGroup(draft);
  const firing = Map.groupBy(
    Object.values(draft.alerts).filter(({ phase }) => phase === "firing"),
    ({ rule, subject }) => groupOf(context.rules.get(rule)!, subject),
  );
  for (const [group, members] of firing) {
    const loud = members.filter((entry) => !isEnding(entry, context) && quietOf(entry) === undefined);
    let incident = open.get(group);
    if (incident === undefined) {
      if (loud.length === 0) continue;
      const isExempt = loud.some(({ rule }) => isAboutAlerts(context.rules.get(rule)!));
      if (open.size >= context.limits.incidents && !isExempt) {
        noteOverflow(draft, context.nowMs);
        continue;
      }
      incident = openIncident(draft, group, context);
      open.set(group, incident);
    }
    for (const entry of members) entry.incident = incident.key;
    if (loud.length > 0) tell(draft, { incident, members, loud, quietOf, context });
  }
  for (const [group, incident] of open) {
    const crowd = draft.crowds[group];
    const isCrowded = crowd !== undefined && context.nowMs - crowd.atMs < context.limits.crowdMs;
    if (!firing.has(group) && !isCrowded) close(draft, { incident, quietOf, context });
  }
}

/** What happened while its cause was told is old news once that is over. */
function dropCovered(
  draft: AlertState,
  { quietOf, context: { rules, nowMs } }: Pick<TellOptions, "quietOf" | "context">,
): void {
  for (const entry of Object.values(draft.alerts)) {
    if (entry.phase !== "firing" || rules.get(entry.rule)?.occurrence === undefined) continue;
    if (quietOf(entry)?.kind === "inhibited") entry.isCovered = true;
    else if (entry.isCovered) resolve(entry, nowMs);
  }
}

/** Nobody need be told of what does not hold any more, and is only watched to see whether it stays so. */
function isEnding({ rule, clearSinceMs, flappingSinceMs }: AlertEntry, { rules }: AlertContext): boolean {
  return clearSinceMs !== undefined && flappingSinceMs === undefined &&
    rules.get(rule)?.occurrence === undefined;
}

/** Incidents that are not over, by their group. */
export function openByGroup({ incidents }: Pick<AlertState, "incidents">): Map<string, Incident> {
  const open = Object.values(incidents).filter(({ closedMs }) => closedMs === undefined);
  return new Map(open.map((incident) => [incident.group, incident]));
}

function openIncident(draft: AlertState, group: string, { origin, nowMs }: AlertContext): Incident {
  draft.sequence++;
  const key = incidentKeyOf(origin, group, { openedMs: nowMs, sequence: draft.sequence });
  return draft.incidents[key] = { key, group, openedMs: nowMs, escalations: 0, toldMs: nowMs, channels: {} };
}

interface TellOptions {
  readonly incident: Incident;
  readonly members: readonly AlertEntry[];
  readonly loud: readonly AlertEntry[];
  readonly quietOf: (entry: AlertEntry) => Quiet | undefined;
  readonly context: AlertContext;
}

function tell(draft: AlertState, options: TellOptions): void {
  const { incident, members, loud, quietOf, context } = options;
  const { nowMs, limits, rules } = context;
  const worst = severityOfIncident(loud);
  endAcknowledgement(incident, worst, context);
  const send = (kind: "trigger" | "repeat" | "escalate", channels: readonly string[]) => {
    if (channels.length === 0) return;
    const notification = notificationOf(draft, { incident, kind, members, quietOf, context });
    enqueue(draft, { ...notification, severity: worst }, { channels, nowMs, limits });
    for (const channel of channels) {
      const told = incident.channels[channel];
      if (told === undefined) incident.channels[channel] = { severity: worst };
      else told.severity = worst;
    }
    incident.toldMs = nowMs;
  };
  // Each channel that does not know yet, and each that knows of something less bad.
  const wanted = channelsFor(loud, context);
  send("trigger", wanted.filter((name) => incident.channels[name] === undefined));
  const reachable = () => hearing(draft, incident);
  send("repeat", reachable().filter((name) => !isAtLeast(incident.channels[name]!.severity, worst)));
  if (incident.acknowledged !== undefined) return;
  const loudRules = loud.map(({ rule }) => rules.get(rule)!);
  if (isToEscalate(incident, { worst, afterMs: leastOf(loudRules, escalateMsOf), context })) {
    const about = aboutChannels(loud, context);
    const told = reachable();
    const isNew = (name: string) => incident.channels[name] === undefined && !about.has(name);
    send(
      "trigger",
      context.channels.map(({ name }) => name).filter((name) =>
        context.escalateTo.includes(name) && isNew(name)
      ),
    );
    send("escalate", told);
    incident.toldMs = nowMs;
  } else if (nowMs - incident.toldMs >= leastOf(loudRules, repeatMsOf) && !isUnlooked(context)) {
    send("repeat", reachable());
    incident.toldMs = nowMs;
  }
}

/** Whether its time has come; sets the next one. */
function isToEscalate(
  incident: Incident,
  { worst, afterMs, context }: {
    readonly worst: Severity;
    readonly afterMs: number;
    readonly context: AlertContext;
  },
): boolean {
  const { nowMs, limits } = context;
  if (worst !== "critical") {
    delete incident.escalateAtMs;
    return false;
  }
  incident.escalateAtMs ??= nowMs + afterMs;
  if (nowMs < incident.escalateAtMs || incident.escalations >= limits.escalations) return false;
  if (isUnlooked(context)) return false;
  incident.escalations++;
  incident.escalateAtMs = nowMs + afterMs;
  return true;
}

/** It may be over since a pause in which nobody looked. */
function isUnlooked({ nowMs, startedMs }: AlertContext): boolean {
  return nowMs - startedMs < FIRST_LOOK_MS;
}

function escalateMsOf({ escalateAfterMs = ESCALATE_MS }: AlertRule): number {
  return escalateAfterMs;
}

function repeatMsOf({ repeatMs, severity }: AlertRule): number {
  if (repeatMs !== undefined) return repeatMs;
  const severities = typeof severity === "object" ? Object.values(severity) : [severity];
  return severities.some((each) => isAtLeast(each, "error")) ? REPEAT_MS : CALM_REPEAT_MS;
}

function leastOf(rules: readonly AlertRule[], of: (rule: AlertRule) => number): number {
  return Math.min(...rules.map(of));
}

function endAcknowledgement(incident: Incident, worst: Severity, { nowMs, limits }: AlertContext): void {
  const { acknowledged } = incident;
  if (acknowledged === undefined) return;
  const isOver = nowMs - acknowledged.atMs >= limits.acknowledgedMs;
  if (isOver || !isAtLeast(acknowledged.severity, worst)) delete incident.acknowledged;
}

/**
 * Channels whose minimum severity one of the alerts reaches, as far as its rule lets it. That a channel is broken is told to all others
 * where it is bad enough for none of them: nobody would ever hear of it.
 */
function channelsFor(loud: readonly AlertEntry[], { rules, channels }: AlertContext): readonly string[] {
  const ofEntry = (entry: AlertEntry) => {
    const rule = rules.get(entry.rule)!;
    const allowed = channels.filter(({ name }) =>
      (rule.channels?.includes(name) ?? true) && !(isOwnCheck(rule) && entry.subject === name)
    );
    const reached = allowed.filter(({ minSeverity }) => isAtLeast(entry.severity, minSeverity));
    const isForAll = reached.length === 0 && isOwnCheck(rule) && isAtLeast(entry.severity, "error");
    return isForAll ? allowed : reached;
  };
  const wanted = new Set(loud.flatMap(ofEntry));
  return channels.filter((channel) => wanted.has(channel)).map(({ name }) => name);
}

/** Channels that the incident says do not work. */
function aboutChannels(loud: readonly AlertEntry[], { rules }: AlertContext): ReadonlySet<string> {
  return new Set(loud.filter(({ rule }) => isOwnCheck(rules.get(rule)!)).map(({ subject }) => subject));
}

/** Channels that were told and where nothing about it waits but what a newer message may stand for. */
export function hearing(draft: AlertState, { key, channels }: Incident): readonly string[] {
  const waiting = draft.outbox.filter((entry) => entry.key === key && entry.kind === "trigger");
  return Object.keys(channels).filter((name) =>
    channels[name]!.dead === undefined && !waiting.some(({ channel }) => channel === name)
  );
}

function close(
  draft: AlertState,
  { incident, quietOf, context }: Pick<TellOptions, "incident" | "quietOf" | "context">,
): void {
  const { nowMs, limits } = context;
  incident.closedMs = nowMs;
  delete draft.crowds[incident.group];
  const channels = Object.keys(incident.channels).filter((name) =>
    incident.channels[name]!.dead !== "refused"
  );
  const members = Object.values(draft.alerts).filter(({ incident: key, phase }) =>
    key === incident.key && phase === "resolved"
  );
  if (members.length === 0) members.push(forgotten(incident));
  const notification = notificationOf(draft, { incident, kind: "resolve", members, quietOf, context });
  enqueue(draft, { ...notification, severity: worstTold(incident) }, { channels, nowMs, limits });
}

/** The worst that any channel was told. */
export function worstTold({ channels }: Incident): Severity {
  return worstOf(Object.values(channels).map(({ severity }) => severity));
}

/** Stands for alerts that are not kept any more. */
function forgotten({ group, key, openedMs }: Incident): AlertEntry {
  const [rule = ""] = group.split(" ");
  return {
    fingerprint: key,
    rule,
    subject: group.slice(rule.length + 1),
    phase: "resolved",
    severity: "info",
    message: "it is over",
    details: {},
    sinceMs: openedMs,
    fires: [],
  };
}
