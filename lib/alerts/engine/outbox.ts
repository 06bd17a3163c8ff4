import type { Notification } from "../alert_channel.ts";
import { SEVERITIES } from "../severity.ts";
import type { AlertState, OutboxEntry } from "./alert_state.ts";
import { tokensAt } from "./channel_state.ts";
import type { AlertContext } from "./context.ts";
import { giveUp } from "./give_up.ts";

/** What says how things are now, so that a later one stands for an earlier one that still waits. */
const SUPERSEDED: Readonly<Record<Notification["kind"], readonly Notification["kind"][]>> = {
  trigger: [],
  repeat: ["repeat"],
  escalate: ["repeat", "escalate"],
  acknowledge: ["repeat", "escalate", "acknowledge"],
  resolve: ["repeat", "escalate", "acknowledge"],
  message: [],
};

/** Puts one notification into the outbox for these channels; takes out what it stands for. */
export function enqueue(
  draft: AlertState,
  notification: Notification,
  { channels, nowMs, limits }: {
    readonly channels: readonly string[];
    readonly nowMs: number;
    readonly limits: AlertContext["limits"];
  },
): void {
  if (channels.length === 0) return;
  const { id, key, kind, severity } = notification;
  draft.notifications[id] = notification;
  const stale = SUPERSEDED[kind];
  draft.outbox = draft.outbox.filter((entry) =>
    entry.key !== key || !channels.includes(entry.channel) || !stale.includes(entry.kind)
  );
  for (const channel of channels) {
    draft.outbox.push({ id, channel, key, kind, severity, createdMs: nowMs, dueMs: nowMs, attempts: 0 });
    const waiting = draft.outbox.filter((entry) => entry.channel === channel);
    if (waiting.length <= limits.outboxOfChannel) continue;
    const victim = waiting.find((entry) => entry.kind === "repeat") ??
      waiting.find((entry) => entry.kind === "message") ?? waiting[0]!;
    const reason = "too many messages waited for this channel";
    giveUp(draft, victim, { reason, mayHaveArrived: victim.attempts > 0, nowMs, limits });
  }
}

/**
 * What to send to a channel next: the worst that is due, then the oldest. Of one incident always the oldest message, so that none
 * overtakes another. Nothing while the channel rests, or its minute's budget is used.
 */
export function nextDue(
  state: AlertState,
  channel: string,
  { tried, context }: { readonly tried: ReadonlySet<string>; readonly context: AlertContext },
): OutboxEntry | undefined {
  const { nowMs } = context;
  if ((state.channels[channel]?.notBeforeMs ?? 0) > nowMs || tokensAt(state, channel, context) < 1) {
    return undefined;
  }
  const ahead = new Set<string>();
  let best: OutboxEntry | undefined;
  for (const entry of state.outbox) {
    if (entry.channel !== channel || ahead.has(entry.key)) continue;
    ahead.add(entry.key);
    if (tried.has(entry.id) || entry.dueMs > nowMs) continue;
    if (best === undefined || rank(entry) > rank(best)) best = entry;
  }
  return best;
}

function rank({ severity }: OutboxEntry): number {
  return SEVERITIES.indexOf(severity);
}

/** Forgets contents that nothing waits for. */
export function dropUnusedNotifications(draft: AlertState): void {
  const used = new Set([...draft.outbox, ...draft.deadLetters].map(({ id }) => id));
  for (const id of Object.keys(draft.notifications)) if (!used.has(id)) delete draft.notifications[id];
}
