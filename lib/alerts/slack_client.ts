import { httpRequest } from "../io/http_request.ts";
import { loadPackage } from "../io/load_package.ts";
import type { Delivery } from "./alert_channel.ts";
import {
  deliveryOfStatus,
  failureReason,
  type HttpChannelOptions,
  notLoaded,
  type PostAnswer,
  retryAfter,
} from "./post_json.ts";
import { deliveryOfSlackError, NOT_SLACK } from "./slack_delivery.ts";

/** How Slack's Web API is reached. */
export interface SlackClientOptions extends HttpChannelOptions {
  /** Secret: a bot token (`xoxb-…`) with the scope `chat:write`. */
  readonly token: string;
  /** Where the Web API is. @default https://slack.com/api/ */
  readonly apiUrl?: string;
}

const MAX_ANSWER_BYTES = 1_048_576;

/** The first message of an incident: where it is, and its time stamp, which is its name. */
export interface SlackThread {
  readonly channel: string;
  readonly ts: string;
}

/** What was handed out as `thread`; `undefined` where it is none of ours. */
export function parseThread(text: string): SlackThread | undefined {
  const [, channel, ts] = /^([A-Z0-9]{1,40}):(\d{1,20}\.\d{1,10})$/.exec(text) ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}

/** As the outbox keeps it. */
export function formatThread({ channel, ts }: SlackThread): string {
  return `${channel}:${ts}`;
}

/** What became of one call. */
export interface SlackCall {
  readonly delivery: Delivery;
  /** Slack's name of what is wrong. */
  readonly error?: string;
}

/** The two methods that are used, without retries. */
export interface SlackClient {
  call(
    method: "chat.postMessage" | "chat.update",
    message: Readonly<Record<string, unknown>>,
  ): Promise<SlackCall>;
}

/** One client a sending, as its requests end with the sending's signal; or why the package cannot be had. */
export async function openSlackClient(
  { token, apiUrl, fetch, timeoutMs = 15_000 }: SlackClientOptions,
  signal: AbortSignal,
): Promise<SlackClient | Extract<Delivery, { outcome: "retry" }>> {
  signal.throwIfAborted();
  const slack = await loadPackage("slack").catch((error: unknown) => notLoaded("@slack/web-api", error));
  signal.throwIfAborted();
  if ("outcome" in slack) return slack;
  const secrets = [token];
  const answers: PostAnswer[] = [];
  const client = new slack.WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    // The outbox retries, and nobody else.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: SILENT,
    fetch: async (url, init) => {
      const { status, headers, bytes } = await httpRequest(String(url), {
        method: "POST",
        headers: init?.headers as Record<string, string>,
        body: String(init?.body),
        timeoutMs,
        maxBytes: MAX_ANSWER_BYTES,
        signal,
        ...(fetch && { fetch }),
      });
      answers.push({ status, text: "", ...retryAfter(headers) });
      return new Response(bytes.length === 0 ? null : bytes.slice(), { status, headers });
    },
  });
  return {
    async call(method, message) {
      answers.length = 0;
      try {
        const { channel, ts } = { ...await client.apiCall(method, { ...PLAIN, ...message }) } as Posted;
        const thread = typeof channel === "string" && typeof ts === "string"
          ? { thread: formatThread({ channel, ts }) }
          : {};
        return { delivery: { outcome: "accepted", ...thread } };
      } catch (error) {
        signal.throwIfAborted();
        const answer = answers.at(-1);
        if (answer !== undefined && answer.status !== 200) {
          const delivery = deliveryOfStatus(answer, { secrets });
          return { delivery: delivery.outcome === "accepted" ? NOT_SLACK : delivery };
        }
        if (error instanceof slack.WebAPIPlatformError) {
          const name = String(error.data.error);
          return { delivery: deliveryOfSlackError(name, { ...answer, secrets }), error: name };
        }
        const cause = error instanceof slack.WebAPIRequestError ? error.original : error;
        return { delivery: { outcome: "retry", reason: failureReason(cause, signal) } };
      }
    },
  };
}

/** What is wanted of an answer. */
interface Posted {
  readonly channel?: unknown;
  readonly ts?: unknown;
}

/** Nothing in a text becomes a link, a mention or a preview. */
const PLAIN = { parse: "none", link_names: false, unfurl_links: false, unfurl_media: false } as const;

const SILENT = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => "error" as never,
};
