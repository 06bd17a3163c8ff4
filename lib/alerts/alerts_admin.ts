import type { AlertRule } from "./alert_rule.ts";
import type { DeadLetter, Silence } from "./engine/alert_state.ts";
import { acknowledge } from "./engine/acknowledge.ts";
import type { AlertContext } from "./engine/context.ts";
import { dropDeadLetters, retryDeadLetters } from "./engine/dead_letters.ts";
import { addSilence } from "./engine/silences.ts";
import type { StateKeeper } from "./engine/state_keeper.ts";
import { type AlertsView, viewOf } from "./engine/view.ts";

/** What a person looks at and does, beside a running daemon as well. */
export interface AlertsAdmin {
  /** Everything that is known now. */
  view(options?: { readonly signal?: AbortSignal }): Promise<AlertsView>;
  /** The rules in use. */
  rules(): readonly AlertRule[];
  /**
   * Says that somebody takes care of the incident with that key, or that the alert with that fingerprint is part of: it is neither
   * repeated nor escalated for a day, or until it gets worse. Answers its key; `undefined` where no such incident is open.
   */
  acknowledge(target: string, options: AcknowledgeOptions): Promise<string | undefined>;
  /**
   * Keeps alerts from being told until then. What was told already is still resolved where it was told.
   *
   * @throws {UsageError} where it names neither rule, subject nor fingerprint, gives no reason, or ends in the past or in over 90 days
   */
  silence(silence: NewSilence): Promise<Silence>;
  /** Ends a silence before its time; false where there is none with that id. */
  expireSilence(id: string): Promise<boolean>;
  /** Puts dead letters back into the outbox: those with these ids, or all. Answers them. */
  retryDeadLetters(ids?: readonly string[]): Promise<readonly DeadLetter[]>;
  /** Forgets dead letters: those with these ids, or all. Answers them. */
  dropDeadLetters(ids?: readonly string[]): Promise<readonly DeadLetter[]>;
}

/** Who takes care. */
export interface AcknowledgeOptions {
  /** Who. */
  readonly by: string;
  /** What they do about it. */
  readonly note?: string;
}

/** What is to be silent; of the three, at least one. */
export interface NewSilence {
  /** Pattern of rules or causes. */
  readonly rule?: string;
  /** Pattern of subjects. */
  readonly subject?: string;
  /** Stable name of rule and subject. */
  readonly fingerprint?: string;
  /** From now on, in milliseconds. */
  readonly forMs: number;
  /** Why. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
}

/** The admin's side of alerts. */
export function createAlertsAdmin(
  { keeper, contextNow }: { readonly keeper: StateKeeper; readonly contextNow: () => AlertContext },
): AlertsAdmin {
  return {
    view: async (options) => viewOf(await keeper.read(options), contextNow()),
    rules: () => [...contextNow().rules.values()],
    acknowledge: (target, options) =>
      keeper.update((draft) => acknowledge(draft, target, { ...options, context: contextNow() })),
    silence: (silence) => keeper.update((draft) => addSilence(draft, silence, contextNow())),
    expireSilence: (id) =>
      keeper.update((draft) => {
        const before = draft.silences.length;
        draft.silences = draft.silences.filter((silence) => silence.id !== id);
        return draft.silences.length < before;
      }),
    retryDeadLetters: (ids) => keeper.update((draft) => retryDeadLetters(draft, ids, contextNow())),
    dropDeadLetters: (ids) => keeper.update((draft) => dropDeadLetters(draft, ids)),
  };
}
