import type { Severity } from "./severity.ts";

/** What a channel is told about. */
export interface Notification {
  /** Why it is sent. `message` is about no incident: a test, a digest, a deployment. */
  readonly kind: "trigger" | "repeat" | "escalate" | "acknowledge" | "resolve" | "message";
  /**
   * The incident's key: the same in all that is sent about it, on every channel and across restarts; printable ASCII, at
   * most 128 characters. Of a `message` its own.
   */
  readonly key: string;
  /** The same for every attempt to send this one notification. */
  readonly id: string;
  /** RFC 3339, UTC: when this state of affairs began to be told. */
  readonly timestamp: string;
  /** How bad the incident is. */
  readonly severity: Severity;
  /** One line; from rules and observations, so of any length and content. A channel cuts and escapes it. */
  readonly message: string;
  /** Facts by name; of any length and content too. */
  readonly details: Readonly<Record<string, string>>;
  /** Who tells: the installation's name and host. */
  readonly source: string;
  /** Which alerts it is about, where it groups several; at least one but for a `message`. */
  readonly alerts: readonly NotifiedAlert[];
  /** The first step to try, from docs/operations.md. */
  readonly runbook?: string;
}

/** One alert of an incident. */
export interface NotifiedAlert {
  /** Stable name of rule and subject. */
  readonly fingerprint: string;
  /** The rule's name. */
  readonly rule: string;
  /** What it is about, where the rule looks at several things; else empty. */
  readonly subject: string;
  /** How it stands. */
  readonly state: "firing" | "acknowledged" | "silenced" | "resolved" | "flapping";
  /** How bad it is. */
  readonly severity: Severity;
  /** One line; of any length and content too. */
  readonly message: string;
  /** RFC 3339, UTC: since when. */
  readonly since: string;
}

/** What became of one attempt. */
export type Delivery =
  /**
   * The other side has it. `thread` is handed in with all that is sent later under the same key. `note` says what went wrong all
   * the same, such as one of several recipients that does not exist.
   */
  | { readonly outcome: "accepted"; readonly thread?: string; readonly note?: string }
  /** It may work later; not before `retryAfterMs`, where the other side said so. */
  | { readonly outcome: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  /** It will never work like this: wrong key, refused content. */
  | { readonly outcome: "refused"; readonly reason: string };

/**
 * Where alerts are sent to. An implementation MUST:
 * - try once and not retry: the outbox does;
 * - never throw but for the signal's reason, and never let a secret or a URL's path into `reason`;
 * - cut and escape what it is given to what the other side takes, so that no content can make it `refused`;
 * - send a resolve so that the other side knows which incident it ends, also in another process than the trigger's.
 */
export interface AlertChannel {
  /** `slack`, `pagerduty`, `email`, `webhook`; unique among those in use. */
  readonly name: string;
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
  /** Tries to hand one over; as said above, it throws nothing but the signal's reason. */
  send(
    notification: Notification,
    options: { readonly thread?: string; readonly signal: AbortSignal },
  ): Promise<Delivery>;
}
