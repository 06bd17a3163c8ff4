import type { Notification } from "../alert_channel.ts";
import type { Severity } from "../severity.ts";

/** The format of the document; a program that knows only older ones refuses it. */
export const STATE_VERSION = 1;

/**
 * Everything that is known of alerts and of what is to be told, as one document: whatever changes in it becomes durable at once or
 * not at all. Reducers change a draft of it in place, which nobody else holds.
 */
export interface AlertState {
  /** By fingerprint. */
  alerts: Record<string, AlertEntry>;
  /** By key; closed ones as long as something about them waits. */
  incidents: Record<string, Incident>;
  /** What waits to be sent, the oldest first. */
  outbox: OutboxEntry[];
  /** The content of what waits or is dead, by id. */
  notifications: Record<string, Notification>;
  /** What could not be delivered, the oldest first. */
  deadLetters: DeadLetter[];
  /** By name. */
  channels: Record<string, ChannelState>;
  silences: Silence[];
  /** When something was last heard of `check subject`. */
  heard: Record<string, number>;
  /** When an occurrence or announcement was last handed in, by its id. */
  seen: Record<string, number>;
  /** How many alerts of a group were not followed, and when the last one was seen. */
  crowds: Record<string, { count: number; atMs: number }>;
  /** When an alert or an incident was last given up, as there were too many. */
  overflowMs?: number;
  /** Dead letters that were given up, as there were too many. */
  lostDeadLetters: number;
  /** Makes keys and ids unique. */
  sequence: number;
}

/** One alert: a rule and a subject. */
export interface AlertEntry {
  readonly fingerprint: string;
  readonly rule: string;
  readonly subject: string;
  phase: "pending" | "firing" | "resolved";
  severity: Severity;
  message: string;
  details: Record<string, string>;
  /** When its condition began to hold. */
  sinceMs: number;
  /** While it is firing: since when its condition does not hold any more. */
  clearSinceMs?: number;
  resolvedMs?: number;
  /** It is firing as nothing is known. */
  isMissing?: true;
  /** Of an occurrence: the rule that stands for it fired when it happened, so it is never told, also not after that one's end. */
  isCovered?: true;
  /** What was seen when its condition did not hold any more. */
  well?: string;
  /** When it began to fire lately. */
  fires: number[];
  flappingSinceMs?: number;
  /** Key of the incident that it is, or was last, part of. */
  incident?: string;
}

/** What is told as one: alerts of one cause. */
export interface Incident {
  readonly key: string;
  readonly group: string;
  readonly openedMs: number;
  closedMs?: number;
  acknowledged?: Acknowledgement;
  escalations: number;
  /** While it is critical and nobody acknowledged it: when it is escalated. */
  escalateAtMs?: number;
  /** When it was last told or told again. */
  toldMs: number;
  /** Who was told, by channel. */
  channels: Record<string, ToldChannel>;
}

/** Who took care of an incident. */
export interface Acknowledgement {
  /** Who. */
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** What they do about it. */
  readonly note?: string;
  /** A worse one ends it. */
  readonly severity: Severity;
}

/** How far a channel knows of an incident. */
export interface ToldChannel {
  /** The worst that it was told. */
  severity: Severity;
  /** What the other side calls the conversation. */
  thread?: string;
  /** Its trigger is a dead letter: `refused` for certain, `unsure` where the other side may have it all the same. */
  dead?: "refused" | "unsure";
}

/** One message to one channel. */
export interface OutboxEntry {
  /** Of the notification. */
  readonly id: string;
  readonly channel: string;
  readonly key: string;
  readonly kind: Notification["kind"];
  readonly severity: Severity;
  readonly createdMs: number;
  /** Not to be tried before. */
  dueMs: number;
  attempts: number;
  /** Why the last attempt failed. */
  reason?: string;
}

/** A message that could not be delivered. */
export interface DeadLetter {
  /** Of the notification. */
  readonly id: string;
  /** The channel's name. */
  readonly channel: string;
  /** The incident's key. */
  readonly key: string;
  /** Why it was to be sent. */
  readonly kind: Notification["kind"];
  /** How bad it is. */
  readonly severity: Severity;
  /** When it was put into the outbox. */
  readonly createdMs: number;
  /** When it was given up. */
  readonly deadMs: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** Why. */
  readonly reason: string;
}

/** How well a channel takes what it is sent. */
export interface ChannelState {
  /** In a row. */
  failures: number;
  /** When the first of them was. */
  failingSinceMs?: number;
  /** When it refused something, unless it has accepted something since. */
  refusedMs?: number;
  /** Nothing is sent before. */
  notBeforeMs: number;
  /** Messages that may be sent at once, as of `tokensMs`. */
  tokens: number;
  /** When `tokens` was counted. */
  tokensMs: number;
  /** Why. */
  reason?: string;
}

/** What is not told for a while. */
export interface Silence {
  /** Of the notification. */
  readonly id: string;
  /** Pattern of rules or causes. */
  readonly rule?: string;
  /** Pattern of subjects. */
  readonly subject?: string;
  /** Stable name of rule and subject. */
  readonly fingerprint?: string;
  /** Why. */
  readonly reason: string;
  /** Who. */
  readonly by: string;
  /** Milliseconds since the Unix epoch. */
  readonly fromMs: number;
  /** Milliseconds since the Unix epoch; it always ends. */
  readonly untilMs: number;
}

/** Before anything was seen. */
export function emptyState(): AlertState {
  return {
    alerts: {},
    incidents: {},
    outbox: [],
    notifications: {},
    deadLetters: [],
    channels: {},
    silences: [],
    heard: {},
    seen: {},
    crowds: {},
    lostDeadLetters: 0,
    sequence: 0,
  };
}
