import type { AcknowledgeOptions } from "../alerts_admin.ts";
import type { AlertState, Incident } from "./alert_state.ts";
import { cleanMessage } from "./clean_text.ts";
import type { AlertContext } from "./context.ts";
import { hearing, worstTold } from "./incidents.ts";
import { notificationOf, severityOfIncident } from "./notification_of.ts";
import { enqueue } from "./outbox.ts";
import { findQuiet } from "./quiet.ts";

/** Notes who takes care of an incident, and tells the channels that know of it. */
export function acknowledge(
  draft: AlertState,
  target: string,
  { by, note, context }: AcknowledgeOptions & { readonly context: AlertContext },
): string | undefined {
  const { redact, nowMs, limits } = context;
  const incident = findOpen(draft, target);
  if (incident === undefined) return undefined;
  const firing = Object.values(draft.alerts).filter(({ incident: key, phase }) =>
    key === incident.key && phase === "firing"
  );
  if (firing.length === 0) return undefined;
  incident.acknowledged = {
    by: cleanMessage(by, redact),
    atMs: nowMs,
    ...(note === undefined ? {} : { note: cleanMessage(note, redact) }),
    severity: severityOfIncident(firing),
  };
  incident.escalations = 0;
  delete incident.escalateAtMs;
  const channels = hearing(draft, incident);
  if (channels.length === 0) return incident.key;
  const quietOf = findQuiet(draft, context);
  const notification = notificationOf(draft, {
    incident,
    kind: "acknowledge",
    members: firing,
    quietOf,
    context,
  });
  enqueue(draft, { ...notification, severity: worstTold(incident) }, { channels, nowMs, limits });
  return incident.key;
}

function findOpen(draft: AlertState, target: string): Incident | undefined {
  const key = draft.alerts[target]?.incident ?? target;
  const found = draft.incidents[key];
  return found?.closedMs === undefined ? found : undefined;
}
