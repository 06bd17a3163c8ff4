import type { AlertState, ChannelState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";

const MINUTE_MS = 60_000;

/** How many messages a channel may be sent right now: a bucket that a minute fills. */
export function tokensAt(
  state: Pick<AlertState, "channels">,
  channel: string,
  { rates, limits, nowMs }: Pick<AlertContext, "rates" | "limits" | "nowMs">,
): number {
  const perMinute = rates[channel] ?? limits.ratePerMinute;
  const known = state.channels[channel];
  if (known === undefined) return perMinute;
  const filled = Math.max(0, nowMs - known.tokensMs) / MINUTE_MS * perMinute;
  return Math.min(perMinute, known.tokens + filled);
}

/** The channel's state in a draft, with one message of its budget taken. */
export function takeToken(
  draft: AlertState,
  channel: string,
  context: Pick<AlertContext, "rates" | "limits" | "nowMs">,
): ChannelState {
  const tokens = Math.max(0, tokensAt(draft, channel, context) - 1);
  const state = draft.channels[channel] ??= { failures: 0, notBeforeMs: 0, tokens, tokensMs: context.nowMs };
  state.tokens = tokens;
  state.tokensMs = context.nowMs;
  return state;
}
