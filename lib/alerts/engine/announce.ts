import type { Announcement } from "../alerts.ts";
import { isAtLeast, parseSeverity } from "../severity.ts";
import type { AlertState } from "./alert_state.ts";
import { cleanDetails, cleanMessage } from "./clean_text.ts";
import type { AlertContext } from "./context.ts";
import { digestOf } from "./names.ts";
import { enqueue } from "./outbox.ts";
import { isNew } from "./take_seen.ts";

/** Puts a message about no incident into the outbox, for each channel that it is bad enough for; the same id once. */
export function announce(draft: AlertState, announcement: Announcement, context: AlertContext): void {
  const { id, message, details } = announcement;
  const { channels, origin, source, redact, nowMs, limits } = context;
  if (!isNew(draft, `message ${id}`, context)) return;
  const severity = parseSeverity(announcement.severity);
  const key = `message-${digestOf(origin, id)}`;
  enqueue(draft, {
    kind: "message",
    key,
    id: key,
    timestamp: new Date(nowMs).toISOString(),
    severity,
    message: cleanMessage(message, redact),
    details: cleanDetails(details, redact),
    source,
    alerts: [],
  }, {
    channels: channels.filter(({ minSeverity }) => isAtLeast(severity, minSeverity)).map(({ name }) => name),
    nowMs,
    limits,
  });
}
