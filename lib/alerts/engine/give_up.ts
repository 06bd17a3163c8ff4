import type { AlertState, OutboxEntry } from "./alert_state.ts";
import type { AlertContext } from "./context.ts";

/** Why a message is given up. */
export interface GiveUpOptions {
  readonly reason: string;
  /** Whether the other side may have it all the same, as an attempt ended without an answer. */
  readonly mayHaveArrived: boolean;
  readonly nowMs: number;
  readonly limits: Pick<AlertContext["limits"], "deadLetters">;
}

/**
 * Moves a message to the dead-letter list. A channel whose trigger is dead hears no more of that incident, but for its end where the
 * trigger may have arrived: an incident that nothing ends would stay open over there for ever.
 */
export function giveUp(draft: AlertState, entry: OutboxEntry, options: GiveUpOptions): void {
  const { reason, mayHaveArrived, nowMs, limits } = options;
  const { id, channel, key, kind, severity, createdMs, attempts } = entry;
  draft.outbox = draft.outbox.filter((other) => other.id !== id || other.channel !== channel);
  draft.deadLetters.push({ id, channel, key, kind, severity, createdMs, deadMs: nowMs, attempts, reason });
  while (draft.deadLetters.length > limits.deadLetters) {
    draft.deadLetters.shift();
    draft.lostDeadLetters++;
  }
  if (kind !== "trigger") return;
  const told = draft.incidents[key]?.channels[channel];
  if (told !== undefined) told.dead = mayHaveArrived ? "unsure" : "refused";
  draft.outbox = draft.outbox.filter((other) =>
    other.key !== key || other.channel !== channel || (mayHaveArrived && other.kind === "resolve")
  );
}
