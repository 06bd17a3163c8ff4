import type { Delivery } from "./alert_channel.ts";
import { cutText, oneLine, plainText } from "./plain_text.ts";
import { deliveryOfStatus, type HttpChannelOptions, postJson } from "./post_json.ts";

/** How PagerDuty is reached. */
export interface PagerDutyOptions extends HttpChannelOptions {
  /** Secret: the integration key of a service's "Events API V2" integration, 32 characters. */
  readonly routingKey: string;
  /** Where the Events API is, without `/v2`. @default https://events.pagerduty.com */
  readonly url?: string;
}

/** Something that was changed on purpose, such as a deployment. */
export interface ChangeEvent {
  /** One line, cut to 1 024 characters. */
  readonly summary: string;
  /** Who tells. */
  readonly source: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  /** Facts by name, the first fifty. */
  readonly details?: Readonly<Record<string, string>>;
}

/** Characters that PagerDuty takes of a summary. */
export const SUMMARY_LIMIT = 1_024;

/**
 * Tells PagerDuty of a change (a change event): it pages nobody, and stands beside later incidents of the service.
 *
 * @throws the signal's reason, when it aborts
 */
export async function sendChangeEvent(
  { summary, source, timestamp, details = {} }: ChangeEvent,
  options: PagerDutyOptions & { readonly signal: AbortSignal },
): Promise<Delivery> {
  const entries = Object.entries(details).slice(0, 50).map(([name, value]) => [
    cutText(oneLine(name), 80) || "(no name)",
    cutText(plainText(value), 2_000),
  ]);
  const payload = {
    summary: cutText(oneLine(summary), SUMMARY_LIMIT) || "(no text)",
    source: cutText(oneLine(source), 200) || "pot",
    timestamp,
    custom_details: Object.fromEntries(entries),
  };
  return await postEvent("/v2/change/enqueue", { payload }, options);
}

/** Sends one event: 202 is taken, 400 never will be, 429 and 5xx may be later. */
export async function postEvent(
  path: "/v2/enqueue" | "/v2/change/enqueue",
  event: Readonly<Record<string, unknown>>,
  { routingKey, url = "https://events.pagerduty.com", signal, ...options }: PagerDutyOptions & {
    readonly signal: AbortSignal;
  },
): Promise<Delivery> {
  const body = JSON.stringify({ routing_key: routingKey, ...event });
  const answer = await postJson(`${url.replace(/\/+$/, "")}${path}`, { ...options, body, signal });
  if ("outcome" in answer) return answer;
  const delivery = deliveryOfStatus(answer, { detail: errorWords(answer.text), secrets: [routingKey] });
  if (delivery.outcome !== "accepted" || answer.status === 202) return delivery;
  return { outcome: "retry", reason: `HTTP status ${answer.status}: the answer is not one of PagerDuty's` };
}

/** `{"status":"invalid event","message":"…","errors":["…"]}`. */
function errorWords(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { readonly message?: unknown; readonly errors?: unknown };
    const all = Array.isArray(errors) ? errors : [];
    return [message, ...all].filter((words) => typeof words === "string").join("; ");
  } catch {
    return "";
  }
}
