import type { Notification } from "../alert_channel.ts";
import type { AlertState, DeadLetter, OutboxEntry } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";
import { dropUnusedNotifications, enqueue } from "./outbox.ts";

/** Puts dead letters back into the outbox, before what waits there; the end of what is over meanwhile follows its trigger. */
export function retryDeadLetters(
  draft: AlertState,
  ids: readonly string[] | undefined,
  { nowMs, limits }: Pick<AlertContext, "nowMs" | "limits">,
): readonly DeadLetter[] {
  const chosen = take(draft, ids);
  const again = chosen.map(({ id, channel, key, kind, severity }): OutboxEntry => ({
    id,
    channel,
    key,
    kind,
    severity,
    createdMs: nowMs,
    dueMs: nowMs,
    attempts: 0,
  }));
  draft.outbox = [...again, ...draft.outbox];
  for (const { id, channel, key, kind } of again) {
    const incident = draft.incidents[key];
    if (kind !== "trigger" || incident === undefined) continue;
    delete incident.channels[channel]?.dead;
    const trigger = draft.notifications[id];
    const isEnded = draft.outbox.some((entry) =>
      entry.key === key && entry.channel === channel && entry.kind === "resolve"
    );
    if (incident.closedMs === undefined || trigger === undefined || isEnded) continue;
    draft.sequence++;
    const resolve = resolveOf(trigger, `${key}/${draft.sequence.toString(36)}`, incident.closedMs);
    enqueue(draft, resolve, { channels: [channel], nowMs, limits });
  }
  return chosen;
}

/** Forgets dead letters. */
export function dropDeadLetters(
  draft: AlertState,
  ids: readonly string[] | undefined,
): readonly DeadLetter[] {
  const chosen = take(draft, ids);
  dropUnusedNotifications(draft);
  return chosen;
}

function take(draft: AlertState, ids: readonly string[] | undefined): readonly DeadLetter[] {
  const isChosen = ({ id }: DeadLetter) => ids === undefined || ids.includes(id);
  const chosen = draft.deadLetters.filter(isChosen);
  draft.deadLetters = draft.deadLetters.filter((letter) => !isChosen(letter));
  return chosen;
}

function resolveOf(trigger: Notification, id: string, closedMs: number): Notification {
  const since = new Date(closedMs).toISOString();
  return {
    ...trigger,
    kind: "resolve",
    id,
    timestamp: since,
    alerts: trigger.alerts.map((alert) => ({ ...alert, state: "resolved", since })),
  };
}
