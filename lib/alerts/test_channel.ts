import type { AlertChannel, Delivery, Notification } from "./alert_channel.ts";
import { isAtLeast, type Severity } from "./severity.ts";

/** What is sent as a test. */
export interface ChannelTestOptions {
  readonly severity: Severity;
  readonly source: string;
  /** The incident's: the same on every channel. */
  readonly key: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  /** Do not resolve it. */
  readonly isKept: boolean;
  readonly signal: AbortSignal;
}

/** What a channel answered. */
export interface ChannelTest {
  readonly name: string;
  /** That severity is not for this channel: nothing was sent. */
  readonly isBelow: boolean;
  readonly trigger?: Delivery;
  /** Absent where the trigger was not taken, or the incident is kept. */
  readonly resolve?: Delivery;
}

/**
 * Sends a test through one channel as any alert is: a trigger, and then the resolve that ends it.
 *
 * @throws the signal's reason, when it aborts
 */
export async function testChannel(
  channel: AlertChannel,
  { severity, isKept, signal, ...parts }: ChannelTestOptions,
): Promise<ChannelTest> {
  const { name, minSeverity } = channel;
  if (!isAtLeast(severity, minSeverity)) return { name, isBelow: true };
  const trigger = await channel.send(testNotification("trigger", { severity, ...parts }), { signal });
  if (trigger.outcome !== "accepted" || isKept) return { name, isBelow: false, trigger };
  const { thread } = trigger;
  const resolve = await channel.send(testNotification("resolve", { severity, ...parts }), {
    ...(thread === undefined ? {} : { thread }),
    signal,
  });
  return { name, isBelow: false, trigger, resolve };
}

function testNotification(
  kind: "trigger" | "resolve",
  { severity, source, key, timestamp }: Omit<ChannelTestOptions, "isKept" | "signal">,
): Notification {
  const message = "a test of this channel, sent by hand: nothing is wrong";
  return {
    kind,
    key,
    id: `${key}/${kind}`,
    timestamp,
    severity,
    message,
    details: { "sent with": "pot alerts test" },
    source,
    alerts: [{
      fingerprint: key,
      rule: "test",
      subject: "",
      state: kind === "resolve" ? "resolved" : "firing",
      severity,
      message,
      since: timestamp,
    }],
    runbook: "nothing to do; if you do not know why this was sent, ask who runs this installation",
  };
}
