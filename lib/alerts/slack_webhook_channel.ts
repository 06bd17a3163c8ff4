import type { AlertChannel } from "./alert_channel.ts";
import { deliveryOfStatus, type HttpChannelOptions, postJson } from "./post_json.ts";
import type { Severity } from "./severity.ts";
import { deliveryOfSlackError } from "./slack_delivery.ts";
import { slackMessage } from "./slack_message.ts";

/** Which incoming webhook is used. */
export interface SlackWebhookChannelOptions extends HttpChannelOptions {
  /** Secret: the incoming webhook's URL. */
  readonly url: string;
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
}

const NOTE = "sent by an incoming webhook, which knows no threads: each message stands by itself";

/** Slack by an incoming webhook: for workspaces that install no app. No threads, and nothing is changed on a resolve. */
export function createSlackWebhookChannel(
  { url, minSeverity, ...options }: SlackWebhookChannelOptions,
): AlertChannel {
  return {
    name: "slack-webhook",
    minSeverity,
    async send(notification, { signal }) {
      const { text, blocks } = slackMessage(notification, { note: NOTE });
      const body = JSON.stringify({ text, blocks, unfurl_links: false, unfurl_media: false });
      const answer = await postJson(url, { ...options, body, signal });
      if ("outcome" in answer) return answer;
      const said = answer.text.trim();
      if (answer.status === 200) {
        return said === "ok" ? { outcome: "accepted" } : deliveryOfSlackError(said, { secrets: [url] });
      }
      return deliveryOfStatus(answer, {
        detail: /^[a-z_]{1,80}$/.test(said) ? said : "",
        secrets: [url],
      });
    },
  };
}
