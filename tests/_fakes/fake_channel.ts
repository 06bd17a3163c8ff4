import type { AlertChannel, Delivery, Notification } from "../../lib/alerts/alert_channel.ts";
import type { Severity } from "../../lib/alerts/severity.ts";

/** One message that arrived. */
export interface Arrived {
  readonly notification: Notification;
  readonly thread: string | undefined;
  readonly atMs: number;
}

/** A channel that keeps what it takes, and answers as it is told to. */
export interface FakeChannel extends AlertChannel {
  readonly arrived: Arrived[];
  /** Every attempt, taken or not. */
  attempts: number;
  /** What it answers, before it takes anything; `undefined`: it takes it. A throw goes through. */
  answer: (notification: Notification) => Delivery | undefined | Promise<Delivery | undefined>;
  /** Called once it has taken something and before it says so; a throw is that of a process killed there. */
  afterTaking: () => void;
}

export function createFakeChannel(
  name: string,
  { minSeverity = "info", now = () => 0 }: {
    readonly minSeverity?: Severity;
    readonly now?: () => number;
  } = {},
): FakeChannel {
  const channel: FakeChannel = {
    name,
    minSeverity,
    arrived: [],
    attempts: 0,
    answer: () => undefined,
    afterTaking: () => {},
    async send(notification, { thread, signal }) {
      signal.throwIfAborted();
      channel.attempts++;
      const answer = await channel.answer(notification);
      if (answer !== undefined) return answer;
      channel.arrived.push({ notification, thread, atMs: now() });
      channel.afterTaking();
      return { outcome: "accepted", thread: `${name} ${notification.key}` };
    },
  };
  return channel;
}
