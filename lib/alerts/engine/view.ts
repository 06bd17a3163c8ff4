import type { NotifiedAlert } from "../alert_channel.ts";
import { SEVERITIES, type Severity } from "../severity.ts";
import type { Acknowledgement, AlertState, ChannelState, DeadLetter, Silence } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { shownState } from "./notification_of.ts";
import { activeSilences, findQuiet } from "./quiet.ts";

/** Alerts as a person, a page or a program looks at them. */
export interface AlertsView {
  /** By state (firing, flapping, acknowledged, silenced, pending, resolved), the worst of each first, then the newest. */
  readonly alerts: readonly AlertView[];
  /** Those that are open. */
  readonly incidents: readonly IncidentView[];
  /** Those in force now. */
  readonly silences: readonly Silence[];
  /** Messages that wait to be sent. */
  readonly waiting: number;
  /** When the oldest of them was put there, in milliseconds since the Unix epoch. */
  readonly oldestWaitingMs?: number;
  /** By name: how each does. */
  readonly channels: readonly ChannelView[];
  /** What could not be delivered. */
  readonly deadLetters: readonly (DeadLetter & { readonly message: string })[];
  /** Dead letters that were given up, as there were too many. */
  readonly lostDeadLetters: number;
}

/** One alert. */
export interface AlertView {
  /** Stable name of rule and subject. */
  readonly fingerprint: string;
  /** Its name. */
  readonly rule: string;
  /** Pattern of subjects. */
  readonly subject: string;
  /** As people are shown it. */
  readonly state: NotifiedAlert["state"] | "pending";
  /** How bad it is. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Facts by name. */
  readonly details: Readonly<Record<string, string>>;
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Fires as nothing is known. */
  readonly isMissing: boolean;
  /** Why it is not told, where it is not: the rule that stands for it, or a silence's reason. */
  readonly quietBecause?: string;
  /** Key of its incident, while that is open. */
  readonly incident?: string;
  /** The first step to try. */
  readonly runbook?: string;
}

/** One open incident. */
export interface IncidentView {
  /** The incident's key. */
  readonly key: string;
  /** Its cause, and its subject where each is an incident. */
  readonly group: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  /** Who takes care of it. */
  readonly acknowledged?: Acknowledgement;
  /** How often it was escalated. */
  readonly escalations: number;
  /** Channels that it was told to, or is on its way to. */
  readonly channels: readonly string[];
}

/** One channel: of those that are configured, where that is known, else of all that were used. */
export interface ChannelView extends Pick<ChannelState, "failures"> {
  /** Its name. */
  readonly name: string;
  /** Messages that wait for it. */
  readonly waiting: number;
  /** Since when it has taken nothing. */
  readonly failingSinceMs?: number;
  /** When it refused something, unless it has accepted something since. */
  readonly refusedMs?: number;
  /** Nothing is sent to it before. */
  readonly notBeforeMs?: number;
  /** Why. */
  readonly reason?: string;
}

const ORDER: readonly AlertView["state"][] = [
  "firing",
  "flapping",
  "acknowledged",
  "silenced",
  "pending",
  "resolved",
];

/** Looks at a document; changes nothing. */
export function viewOf(state: AlertState, context: AlertContext): AlertsView {
  const open = Object.values(state.incidents).filter(({ closedMs }) => closedMs === undefined);
  const oldestWaitingMs = state.outbox.reduce(
    (oldest, { createdMs }) => Math.min(oldest, createdMs),
    Infinity,
  );
  return {
    alerts: alertsOf(state, context),
    incidents: open.map(({ key, group, openedMs, acknowledged, escalations, channels }) => ({
      key,
      group,
      since: new Date(openedMs).toISOString(),
      escalations,
      channels: Object.keys(channels),
      ...(acknowledged === undefined ? {} : { acknowledged }),
    })),
    silences: activeSilences(state, context),
    waiting: state.outbox.length,
    ...(state.outbox.length === 0 ? {} : { oldestWaitingMs }),
    channels: channelsOf(state, context),
    deadLetters: state.deadLetters.map((letter) => ({
      ...letter,
      message: state.notifications[letter.id]?.message ?? "",
    })),
    lostDeadLetters: state.lostDeadLetters,
  };
}

function alertsOf(state: AlertState, context: AlertContext): readonly AlertView[] {
  const quietOf = findQuiet(state, context);
  const views = Object.values(state.alerts).map((entry): AlertView => {
    const quiet = entry.phase === "firing" ? quietOf(entry) : undefined;
    const incident = entry.incident === undefined ? undefined : state.incidents[entry.incident];
    const isOpen = incident !== undefined && incident.closedMs === undefined;
    const runbook = context.rules.get(entry.rule)?.runbook;
    const { fingerprint, rule, subject, severity, details, phase, message, well, resolvedMs, sinceMs } =
      entry;
    return {
      fingerprint,
      rule,
      subject,
      state: shownState(entry, { quiet, incident: isOpen ? incident : undefined }),
      severity,
      message: phase === "resolved" ? well ?? message : message,
      details,
      since: new Date(phase === "resolved" ? resolvedMs ?? sinceMs : sinceMs).toISOString(),
      isMissing: entry.isMissing === true,
      ...(quiet === undefined
        ? {}
        : { quietBecause: quiet.kind === "inhibited" ? quiet.by : quiet.silence.reason }),
      ...(isOpen && phase === "firing" ? { incident: incident.key } : {}),
      ...(runbook === undefined ? {} : { runbook }),
    };
  });
  return views.sort((a, b) =>
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    (a.since < b.since ? 1 : a.since > b.since ? -1 : 0)
  );
}

function channelsOf(state: AlertState, { channels, nowMs }: AlertContext): readonly ChannelView[] {
  const names = channels.length === 0 ? Object.keys(state.channels) : channels.map(({ name }) => name);
  return names.map((name) => {
    const { failures = 0, failingSinceMs, refusedMs, notBeforeMs = 0, reason } = state.channels[name] ?? {};
    return {
      name,
      failures,
      waiting: state.outbox.filter(({ channel }) => channel === name).length,
      ...(failingSinceMs === undefined ? {} : { failingSinceMs }),
      ...(refusedMs === undefined ? {} : { refusedMs }),
      ...(notBeforeMs > nowMs ? { notBeforeMs } : {}),
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
