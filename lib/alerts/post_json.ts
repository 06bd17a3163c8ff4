import { PotError } from "../core/errors.ts";
import { redactText } from "../core/redact.ts";
import { type HttpFetch, httpRequest } from "../io/http_request.ts";
import type { Delivery } from "./alert_channel.ts";
import { cutText, oneLine } from "./plain_text.ts";

/** How a channel over HTTP sends. */
export interface HttpChannelOptions {
  /** What sends requests. @default globalThis.fetch */
  readonly fetch?: HttpFetch;
  /** For one exchange. @default 15_000 */
  readonly timeoutMs?: number;
}

/** What the other side said. */
export interface PostAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs?: number;
}

const MAX_ANSWER_BYTES = 65_536;

/**
 * Sends one JSON document and takes the answer, or says why there is none. One try; no redirect is followed.
 *
 * @throws the signal's reason, when it aborts
 */
export async function postJson(
  url: string,
  { fetch, timeoutMs = 15_000, signal, body, headers = {} }: HttpChannelOptions & {
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<PostAnswer | Extract<Delivery, { outcome: "retry" }>> {
  try {
    const answer = await httpRequest(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      signal,
      ...(fetch && { fetch }),
    });
    return {
      status: answer.status,
      text: new TextDecoder().decode(answer.bytes),
      ...retryAfter(answer.headers),
    };
  } catch (error) {
    return { outcome: "retry", reason: failureReason(error, signal) };
  }
}

/**
 * Why an exchange failed, as one line without secrets.
 *
 * @throws the signal's reason, when that was it
 */
export function failureReason(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  return reasonOf(error);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const facts = error instanceof PotError ? error.facts : [];
  const reason = facts.find((fact) => fact.startsWith("reason: "))?.slice("reason: ".length);
  return shownReason(reason ?? error.message);
}

/** A line of somebody else's words, cut short and without secrets. */
export function shownReason(text: string, secrets: readonly string[] = []): string {
  return cutText(redactText(oneLine(text), secrets), 300) || "no reason given";
}

/** A package that is loaded at its first use was not to be had: no registry was reached, or a permission is missing. */
export function notLoaded(name: string, error: unknown): Extract<Delivery, { outcome: "retry" }> {
  return { outcome: "retry", reason: `the package ${name} could not be loaded: ${reasonOf(error)}` };
}

/** What an HTTP status means for a notification. `detail` is what the other side said, where it is worth showing. */
export function deliveryOfStatus(
  { status, retryAfterMs }: PostAnswer,
  { detail = "", secrets = [] }: { readonly detail?: string; readonly secrets?: readonly string[] } = {},
): Delivery {
  if (status >= 200 && status < 300) return { outcome: "accepted" };
  const words = shownReason(detail, secrets);
  const reason = `HTTP status ${status}${
    status >= 300 && status < 400 ? ", a redirect, which is not followed" : detail === "" ? "" : `: ${words}`
  }`;
  // Too slow, too early, too many; or an error of the server's own.
  const mayWorkLater = status === 408 || status === 425 || status === 429 || status >= 500;
  if (!mayWorkLater) return { outcome: "refused", reason };
  return { outcome: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Whoever asks for more is asked again after an hour all the same. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** The header's pause: seconds, or a date, which counts from the answer's own `Date`. */
export function retryAfter(headers: Headers): { readonly retryAfterMs?: number } {
  const text = headers.get("retry-after") ?? "";
  const ms = /^\d+(?:\.\d+)?$/.test(text)
    ? Math.ceil(Number(text) * 1_000)
    : Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return ms > 0 ? { retryAfterMs: Math.min(ms, LONGEST_RETRY_AFTER_MS) } : {};
}
