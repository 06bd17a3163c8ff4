import type { AlertChannel, Delivery, Notification } from "./alert_channel.ts";
import type { Severity } from "./severity.ts";
import {
  formatThread,
  openSlackClient,
  parseThread,
  type SlackClient,
  type SlackClientOptions,
  type SlackThread,
} from "./slack_client.ts";
import { slackMessage } from "./slack_message.ts";

/** Which channel of Slack is written to. */
export interface SlackChannelOptions extends SlackClientOptions {
  /** Id or name of the channel; the app must be a member. */
  readonly channel: string;
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
}

/** Errors that say that the first message of a thread is no longer there, or takes no replies or changes. */
const THREAD_IS_GONE: ReadonlySet<string> = new Set([
  "thread_not_found",
  "message_not_found",
  "channel_not_found",
  "not_in_channel",
  "is_archived",
  "invalid_thread_ts",
  "cannot_reply_to_message",
  "restricted_action_thread_locked",
]);

/** Errors for which a first message simply stays as it is. */
const CANNOT_UPDATE: ReadonlySet<string> = new Set([
  ...THREAD_IS_GONE,
  "cant_update_message",
  "edit_window_closed",
]);

/**
 * Slack by its Web API, with a thread for each incident: what is sent later under a key answers the first message, and a
 * resolve also changes that message. Where the first message is gone, what comes next begins a thread of its own.
 */
export function createSlackChannel(options: SlackChannelOptions): AlertChannel {
  const { channel, minSeverity } = options;
  return {
    name: "slack",
    minSeverity,
    async send(notification, { thread, signal }) {
      const client = await openSlackClient(options, signal);
      if ("outcome" in client) return client;
      const root = thread === undefined ? undefined : parseThread(thread);
      if (root !== undefined) {
        const reply = await answerThread(client, notification, root);
        if (reply !== "gone") return reply;
      }
      const posted = await client.call("chat.postMessage", { channel, ...slackMessage(notification) });
      return posted.delivery;
    },
  };
}

async function answerThread(
  client: SlackClient,
  notification: Notification,
  root: SlackThread,
): Promise<Delivery | "gone"> {
  const { channel, ts } = root;
  const message = slackMessage(notification);
  // First what may be done twice: a retry of the whole then doubles nothing.
  if (notification.kind === "resolve") {
    const updated = await client.call("chat.update", { channel, ts, ...message });
    const isDone = updated.delivery.outcome === "accepted" || CANNOT_UPDATE.has(updated.error ?? "");
    if (!isDone) return updated.delivery;
  }
  const posted = await client.call("chat.postMessage", {
    channel,
    thread_ts: ts,
    ...message,
    // Whoever follows the channel alone sees that nobody took care.
    ...(notification.kind === "escalate" ? { reply_broadcast: true } : {}),
  });
  if (THREAD_IS_GONE.has(posted.error ?? "")) return "gone";
  return posted.delivery.outcome === "accepted"
    ? { outcome: "accepted", thread: formatThread(root) }
    : posted.delivery;
}
