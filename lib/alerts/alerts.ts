import type { Observation, Occurrence } from "../core/observation.ts";
import type { Severity } from "./severity.ts";

/**
 * Alerts of one installation: rules over observations, their state, and the outbox. What is handed in is durable, with all
 * that it leads to, when the promise resolves; nothing is sent before that.
 */
export interface Alerts {
  /** Weighs what was seen, and notices what was not: call it after each look, and at least every minute. */
  observe(seen: Seen, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Puts a message that is about no incident into the outbox, such as a daily summary: for every channel whose minimum severity it
   * reaches. The same id again is told once.
   */
  announce(announcement: Announcement, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Sends what is due, each notification at most once in this call; resolves when all were tried. */
  deliver(options: { readonly signal: AbortSignal }): Promise<DeliverySummary>;
}

/** A message about no incident. */
export interface Announcement {
  /** Tells it from every other, such as `digest 2026-11-22`. */
  readonly id: string;
  /** Channels of a higher minimum severity do not get it. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Facts by name, without secrets. */
  readonly details: Readonly<Record<string, string>>;
}

/** What was seen since the last time. */
export interface Seen {
  /** What was looked at, ok or not. @default nothing */
  readonly observations?: readonly Observation[];
  /** What happened once. @default nothing */
  readonly occurrences?: readonly Occurrence[];
}

/** What became of one round of sending. */
export interface DeliverySummary {
  /** Taken by the other side in this round. */
  readonly accepted: number;
  /** Kept in the outbox for later. */
  readonly waiting: number;
  /** In the dead-letter list by now. */
  readonly dead: number;
}
