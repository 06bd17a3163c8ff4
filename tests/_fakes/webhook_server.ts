import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebhookBody } from "../../lib/alerts/webhook_channel.ts";
import {
  type AlertServer,
  createIncidentRecord,
  type IncidentRecord,
  startAlertServer,
} from "./alert_server.ts";

/** A receiver of the generic webhook that checks what it is sent. */
export interface WebhookServer extends AlertServer {
  /** With a path, which is secret too. */
  readonly hookUrl: string;
  readonly secret: string;
  /** What was accepted, each id once. */
  readonly bodies: readonly WebhookBody[];
  /** Each id once. */
  readonly incidents: IncidentRecord;
  /** Ids that arrived more than once, once for each time. */
  readonly duplicates: readonly string[];
  /** Why requests were refused, in order. */
  readonly refusals: readonly string[];
}

export interface WebhookServerOptions {
  /** What time it is there. @default the machine's */
  readonly now?: () => number;
  /** How old or new a timestamp may be. @default 300 */
  readonly windowSeconds?: number;
}

/** Starts one; it stops when it is disposed. */
export function startWebhookServer(
  { now = Date.now, windowSeconds = 300 }: WebhookServerOptions = {},
): WebhookServer {
  const secret = "a webhook's shared secret";
  const path = "/hooks/pathsecret";
  const bodies: WebhookBody[] = [];
  const incidents = createIncidentRecord();
  const duplicates: string[] = [];
  const refusals: string[] = [];
  const server = startAlertServer(({ method, path: asked, headers, body }) => {
    const refuse = (status: number, reason: string) => {
      refusals.push(reason);
      return new Response(reason, { status });
    };
    if (method !== "POST" || asked !== path) return refuse(404, "not found");
    if (body.length > 1_048_576) return refuse(413, "too large");
    const timestamp = headers.get("pot-timestamp") ?? "";
    const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    const expected = new TextEncoder().encode(`sha256=${signature}`);
    const given = new TextEncoder().encode(headers.get("pot-signature") ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return refuse(403, "bad signature");
    }
    const isInTime = Math.abs(now() / 1_000 - Number(timestamp)) <= windowSeconds;
    if (!/^\d{1,12}$/.test(timestamp) || !isInTime) return refuse(403, "timestamp outside the window");
    if (headers.get("content-type") !== "application/json") return refuse(415, "not JSON");
    const message: WebhookBody = JSON.parse(body);
    const id = headers.get("pot-id") ?? "";
    if (id === "" || message.schema !== "pot-alert/1") return refuse(400, "not of this format");
    if (bodies.some((known) => known.id === message.id)) {
      duplicates.push(message.id);
      return new Response("known");
    }
    bodies.push(message);
    incidents.add(message.key, message.kind);
    return new Response("thanks");
  });
  return Object.assign(server, {
    hookUrl: `${server.url}${path}`,
    secret,
    bodies,
    incidents,
    duplicates,
    refusals,
  });
}
