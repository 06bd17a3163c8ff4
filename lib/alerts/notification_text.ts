import type { Notification, NotifiedAlert } from "./alert_channel.ts";
import { cutText, oneLine, plainText } from "./plain_text.ts";
import type { Severity } from "./severity.ts";

/** What every channel shows of a notification: plain text, of bounded length, not escaped yet. */
export interface NotificationText {
  /** What kind of news it is, in capitals: `CRITICAL`, `RESOLVED`. */
  readonly label: string;
  /** One line. */
  readonly message: string;
  readonly severity: Severity;
  /** Of the incident as a whole. */
  readonly state: NotifiedAlert["state"] | "message";
  /** RFC 3339: since when the oldest of its alerts. */
  readonly since: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Of the first of its alerts; the incident's key where there is none. */
  readonly fingerprint: string;
  readonly key: string;
  readonly source: string;
  /** Names of one line, values of one or several. */
  readonly details: readonly (readonly [name: string, value: string])[];
  /** Texts of one line. */
  readonly alerts: readonly NotifiedAlert[];
  /** How many there are, shown or not. */
  readonly alertCount: number;
  /** One line. */
  readonly runbook?: string;
}

/** How much of a notification is kept. */
export interface NotificationTextLimits {
  /** @default 20 */
  readonly details?: number;
  /** @default 20 */
  readonly alerts?: number;
  /** UTF-16 code units of the message and of each detail. @default 2_000 */
  readonly text?: number;
}

/** Reads a notification, of whatever length and content, as text that can be shown. */
export function notificationText(
  notification: Notification,
  { details: maxDetails = 20, alerts: maxAlerts = 20, text: maxText = 2_000 }: NotificationTextLimits = {},
): NotificationText {
  const { alerts, key, kind, severity, timestamp, runbook } = notification;
  const line = (text: string, limit = maxText, otherwise = "(no text)") =>
    cutText(oneLine(text), limit) || otherwise;
  const entries = Object.entries(notification.details);
  const details = entries.slice(0, maxDetails).map(([name, value]) =>
    [line(name, 80, "(no name)"), cutText(plainText(value).trim(), maxText) || "(empty)"] as const
  );
  const left = entries.length - details.length;
  return {
    label: labelOf(notification),
    message: line(notification.message),
    severity,
    state: stateOf(notification),
    since: line(oldest(alerts) ?? timestamp, 40),
    timestamp: line(timestamp, 40),
    fingerprint: line(alerts[0]?.fingerprint ?? key, 200),
    key: line(key, 200),
    source: line(notification.source, 200, "pot"),
    details: left === 0 ? details : [...details, ["more", `${left} details that are not shown`]],
    alerts: alerts.slice(0, maxAlerts).map((alert) => ({
      fingerprint: line(alert.fingerprint, 200),
      rule: line(alert.rule, 80),
      subject: line(alert.subject, 80, ""),
      state: alert.state,
      severity: alert.severity,
      message: line(alert.message, 300),
      since: line(alert.since, 40),
    })),
    alertCount: alerts.length,
    ...(runbook === undefined || kind === "resolve" ? {} : { runbook: line(runbook, 600) }),
  };
}

function labelOf({ kind, severity }: Notification): string {
  switch (kind) {
    case "resolve":
      return "RESOLVED";
    case "acknowledge":
      return "ACKNOWLEDGED";
    case "repeat":
      return `STILL ${severity.toUpperCase()}`;
    case "escalate":
      return `ESCALATED, ${severity.toUpperCase()}`;
    default:
      return severity.toUpperCase();
  }
}

function stateOf({ kind, alerts }: Notification): NotificationText["state"] {
  if (kind === "resolve") return "resolved";
  if (kind === "acknowledge") return "acknowledged";
  return alerts[0]?.state ?? (kind === "message" ? "message" : "firing");
}

/** RFC 3339 in UTC sorts as text. */
function oldest(alerts: readonly NotifiedAlert[]): string | undefined {
  let since: string | undefined;
  for (const alert of alerts) if (since === undefined || alert.since < since) since = alert.since;
  return since;
}

/** One alert as a line, such as `endpoint (main): no answer, firing since 2026-01-31T12:00:00.000Z`. */
export function alertLine({ rule, subject, message, state, since }: NotifiedAlert): string {
  return `${rule}${subject === "" ? "" : ` (${subject})`}: ${message}, ${state} since ${since}`;
}
