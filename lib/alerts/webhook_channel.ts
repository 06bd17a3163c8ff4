import { toHex } from "../core/hex.ts";
import type { Clock } from "../core/clock.ts";
import type { AlertChannel, Notification, NotifiedAlert } from "./alert_channel.ts";
import { notificationText } from "./notification_text.ts";
import { deliveryOfStatus, type HttpChannelOptions, postJson } from "./post_json.ts";
import type { Severity } from "./severity.ts";

/** Which receiver is told, and how it knows us. */
export interface WebhookChannelOptions extends HttpChannelOptions {
  /** Secret: where notifications are posted to. */
  readonly url: string;
  /** Secret: what the receiver checks signatures with. */
  readonly secret: string;
  /** What is less bad than this is not for it. */
  readonly minSeverity: Severity;
  /** For the time that is signed. */
  readonly clock: Pick<Clock, "now">;
}

/** The version of what is posted. */
export const ALERT_SCHEMA = "pot-alert/1";

/** What is posted; docs/formats.md has its JSON Schema. */
export interface WebhookBody {
  /** `pot-alert/1`. */
  readonly schema: typeof ALERT_SCHEMA;
  /** The same for every attempt: whoever has seen it ignores it. */
  readonly id: string;
  /** Why it is sent. */
  readonly kind: Notification["kind"];
  /** The incident's. */
  readonly key: string;
  /** RFC 3339, UTC: since when this is told. */
  readonly timestamp: string;
  /** How bad the incident is. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Facts by name. */
  readonly details: Readonly<Record<string, string>>;
  /** Who tells. */
  readonly source: string;
  /** Of the first alert; the incident's key where there is none. */
  readonly fingerprint: string;
  /** Of the incident as a whole. */
  readonly state: NotifiedAlert["state"] | "message";
  /** RFC 3339, UTC: of the oldest alert. */
  readonly since: string;
  /** What to try first. */
  readonly runbook?: string;
  /** The alerts that it is about, at most 100. */
  readonly alerts: readonly NotifiedAlert[];
  /** How many there are, in the list or not. */
  readonly alertCount: number;
}

/**
 * Any receiver over HTTPS: one JSON document by POST, signed with HMAC-SHA256 over `<timestamp>.<body>`, where the timestamp is
 * the moment of this attempt in Unix seconds (headers `Pot-Timestamp`, `Pot-Signature`). `Pot-Id` is the body's `id`,
 * with percent-encoding for what no header takes: the same for every attempt.
 */
export function createWebhookChannel(
  { url, secret, minSeverity, clock, ...options }: WebhookChannelOptions,
): AlertChannel {
  return {
    name: "webhook",
    minSeverity,
    async send(notification, { signal }) {
      const body = JSON.stringify(webhookBody(notification));
      const timestamp = String(Math.floor(clock.now() / 1_000));
      const headers = {
        "pot-id": encodeURI(notification.id.toWellFormed()),
        "pot-timestamp": timestamp,
        "pot-signature": `sha256=${await hmacSha256(secret, `${timestamp}.${body}`)}`,
      };
      const answer = await postJson(url, { ...options, body, headers, signal });
      // What the receiver says in its body is nobody's business here: it could be anything.
      return "outcome" in answer ? answer : deliveryOfStatus(answer);
    },
  };
}

function webhookBody(notification: Notification): WebhookBody {
  const { details, ...shown } = notificationText(notification, { details: 50, alerts: 100 });
  const { key, timestamp, severity, message, source, fingerprint, state, since, runbook } = shown;
  return {
    schema: ALERT_SCHEMA,
    id: notification.id,
    kind: notification.kind,
    key,
    timestamp,
    severity,
    message,
    details: Object.fromEntries(details),
    source,
    fingerprint,
    state,
    since,
    ...(runbook === undefined ? {} : { runbook }),
    alerts: shown.alerts,
    alertCount: shown.alertCount,
  };
}

async function hmacSha256(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
}
