import type { AlertChannel, Notification } from "./alert_channel.ts";
import { alertLine, notificationText } from "./notification_text.ts";
import { type PagerDutyOptions, postEvent, sendChangeEvent, SUMMARY_LIMIT } from "./pagerduty_events.ts";
import { cutText } from "./plain_text.ts";
import type { Severity } from "./severity.ts";

/** Which service of PagerDuty is told. */
export interface PagerDutyChannelOptions extends PagerDutyOptions {
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
}

/**
 * PagerDuty by its Events API v2. An incident's key is the deduplication key there, so that nothing pages twice, and a resolve
 * ends the incident from any process. What is no incident becomes a change event, which pages nobody.
 */
export function createPagerDutyChannel(options: PagerDutyChannelOptions): AlertChannel {
  return {
    name: "pagerduty",
    minSeverity: options.minSeverity,
    async send(notification, { signal }) {
      if (notification.kind !== "message") {
        return await postEvent("/v2/enqueue", alertEvent(notification), { ...options, signal });
      }
      const { message, source, timestamp, details } = notification;
      return await sendChangeEvent({ summary: message, source, timestamp, details }, { ...options, signal });
    },
  };
}

function alertEvent(notification: Notification): Readonly<Record<string, unknown>> {
  const { kind, key } = notification;
  if (kind === "acknowledge" || kind === "resolve") return { event_action: kind, dedup_key: key };
  const shown = notificationText(notification);
  const { message, source, severity, timestamp, details, alerts, alertCount } = shown;
  const { state, since, fingerprint, runbook } = shown;
  const [first] = alerts;
  return {
    event_action: "trigger",
    dedup_key: key,
    client: "pot",
    payload: {
      summary: cutText(message, SUMMARY_LIMIT),
      source,
      severity,
      timestamp,
      ...(first === undefined ? {} : { class: first.rule }),
      ...(first === undefined || first.subject === "" ? {} : { component: first.subject }),
      custom_details: {
        state,
        since,
        fingerprint,
        ...(runbook === undefined ? {} : { runbook }),
        ...(alertCount < 2 ? {} : { alerts: alerts.map(alertLine), alert_count: alertCount }),
        details: Object.fromEntries(details),
      },
    },
  };
}
