import type { Observation } from "../../core/observation.ts";
import type { AlertState } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";

/** What the alerts have to say of themselves: checks `channel`, `dead-letters`, `outbox` and `alerts`. */
export function ownObservations(
  draft: AlertState,
  { channels, limits, nowMs: atMs }: AlertContext,
): readonly Observation[] {
  const names = new Set([
    ...channels.map(({ name }) => name),
    ...Object.keys(draft.channels),
    ...draft.deadLetters.map(({ channel }) => channel),
  ]);
  const isFull = draft.overflowMs !== undefined && atMs - draft.overflowMs < limits.calmMs;
  const seen: Observation[] = [{
    check: "alerts",
    status: isFull ? "failed" : "ok",
    reason: isFull ? "more is wrong at once than is followed one by one" : "there is room",
    atMs,
  }];
  for (const subject of names) {
    const isConfigured = channels.some(({ name }) => name === subject);
    const count = draft.deadLetters.filter(({ channel }) => channel === subject).length;
    const waiting = draft.outbox.filter(({ channel }) => channel === subject);
    const ageMs = Math.max(0, ...waiting.map(({ createdMs }) => atMs - createdMs));
    seen.push(
      ...(isConfigured ? channelSeen(draft, subject, { limits, atMs }) : [{
        check: "channel",
        subject,
        status: "ok" as const,
        reason: "it is not configured any more",
        atMs,
      }]),
      {
        check: "dead-letters",
        subject,
        status: count > 0 ? "degraded" : "ok",
        reason: count > 0 ? `${count} could not be delivered` : "none",
        values: { count },
        atMs,
      },
      {
        check: "outbox",
        subject,
        status: "ok",
        reason: `${waiting.length} wait, the oldest for ${Math.round(ageMs / 60_000)} min`,
        values: { ageMs, count: waiting.length },
        atMs,
      },
    );
  }
  return seen;
}

/** Nothing while it fails but has not for long: it is neither well nor broken. */
function channelSeen(
  draft: AlertState,
  subject: string,
  { limits, atMs }: { readonly limits: AlertContext["limits"]; readonly atMs: number },
): readonly Observation[] {
  const state = draft.channels[subject];
  const failingMs = state?.failingSinceMs === undefined ? 0 : atMs - state.failingSinceMs;
  const isBroken = state?.refusedMs !== undefined || failingMs >= limits.channelBrokenMs;
  if (failingMs > 0 && !isBroken) return [];
  return [{
    check: "channel",
    subject,
    status: isBroken ? "failed" : "ok",
    reason: isBroken ? state?.reason ?? "it takes nothing" : "it takes what it is sent",
    values: { failingMs },
    atMs,
  }];
}
