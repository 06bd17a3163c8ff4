import type { Delivery } from "../alert_channel.ts";
import type { AlertState, OutboxEntry } from "./alert_state.ts";
import { backoffMs } from "./backoff.ts";
import { takeToken } from "./channel_state.ts";
import { cleanMessage } from "./clean_text.ts";
import type { AlertContext } from "./context.ts";
import { giveUp } from "./give_up.ts";

/** Notes what became of one attempt; of a message that was taken out of the outbox meanwhile, only how the channel is. */
export function settleAttempt(
  draft: AlertState,
  { id, channel, key }: Pick<OutboxEntry, "id" | "channel" | "key">,
  { delivery, context }: { readonly delivery: Delivery; readonly context: AlertContext },
): void {
  const { limits, nowMs, redact } = context;
  const state = takeToken(draft, channel, context);
  const entry = draft.outbox.find((waiting) => waiting.id === id && waiting.channel === channel);
  if (delivery.outcome === "accepted") {
    state.failures = 0;
    delete state.failingSinceMs;
    delete state.refusedMs;
    delete state.reason;
    const told = draft.incidents[key]?.channels[channel];
    if (told !== undefined && delivery.thread !== undefined) told.thread = delivery.thread;
    draft.outbox = draft.outbox.filter((waiting) => waiting !== entry);
    return;
  }
  const reason = cleanMessage(delivery.reason, redact);
  state.reason = reason;
  if (delivery.outcome === "refused") {
    state.refusedMs = nowMs;
    if (entry === undefined) return;
    entry.attempts++;
    giveUp(draft, entry, { reason, mayHaveArrived: false, nowMs, limits });
    return;
  }
  state.failures++;
  state.failingSinceMs ??= nowMs;
  const askedMs = Math.min(delivery.retryAfterMs ?? 0, limits.maxRetryAfterMs);
  const restMs = state.failures >= limits.circuitFailures ? backoffMs(state.failures, context) : 0;
  state.notBeforeMs = nowMs + Math.max(askedMs, restMs);
  if (entry === undefined) return;
  entry.attempts++;
  entry.reason = reason;
  entry.dueMs = nowMs + Math.max(askedMs, backoffMs(entry.attempts, context));
  const isOld = nowMs - entry.createdMs > limits.messageAgeMs || entry.attempts >= limits.attempts;
  if (isOld && entry.kind !== "resolve") {
    giveUp(draft, entry, { reason, mayHaveArrived: true, nowMs, limits });
  }
}
