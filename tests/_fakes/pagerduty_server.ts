import {
  type AlertServer,
  createIncidentRecord,
  type IncidentEvent,
  type IncidentRecord,
  startAlertServer,
} from "./alert_server.ts";

/** An incident of the service, by its deduplication key. */
export interface PagerDutyIncident {
  readonly status: "triggered" | "acknowledged" | "resolved";
  /** How often it was opened: each time somebody is paged. */
  readonly pages: number;
  /** The summary of the last trigger. */
  readonly summary: string;
}

/** PagerDuty's Events API v2. */
export interface PagerDutyServer extends AlertServer {
  readonly routingKey: string;
  /** By deduplication key. */
  readonly pages: ReadonlyMap<string, PagerDutyIncident>;
  /** Triggers, acknowledgements and resolves that were accepted; repeats and escalations are triggers there. */
  readonly incidents: IncidentRecord;
  /** Payloads of the change events that were accepted. */
  readonly changes: readonly Readonly<Record<string, unknown>>[];
  /** What it found wrong with requests, in order. */
  readonly refusals: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Starts one; it stops when it is disposed. */
export function startPagerDutyServer(): PagerDutyServer {
  const routingKey = "0123456789abcdef0123456789abcdef";
  const pages = new Map<string, PagerDutyIncident>();
  const incidents = createIncidentRecord();
  const changes: Fields[] = [];
  const refusals: string[] = [];

  function take(event: Fields): void {
    const key = String(event.dedup_key);
    const action = event.event_action as IncidentEvent & ("trigger" | "acknowledge" | "resolve");
    const now = pages.get(key);
    const isOpen = now !== undefined && now.status !== "resolved";
    incidents.add(key, action);
    if (action === "trigger") {
      const { summary } = event.payload as { readonly summary: string };
      const opened = { status: "triggered", pages: (now?.pages ?? 0) + 1, summary } as const;
      pages.set(key, isOpen ? { ...now, summary } : opened);
    } else if (isOpen) {
      pages.set(key, { ...now, status: action === "resolve" ? "resolved" : "acknowledged" });
    }
  }

  const server = startAlertServer(({ method, path, headers, body }) => {
    const isChange = path === "/v2/change/enqueue";
    if (method !== "POST" || (!isChange && path !== "/v2/enqueue")) return new Response("", { status: 404 });
    const refuse = (errors: readonly string[], status = 400) => {
      refusals.push(...errors);
      return Response.json({ status: "invalid event", message: "Event object is invalid", errors }, {
        status,
      });
    };
    if (new TextEncoder().encode(body).length > 512 * 1_024) return refuse(["Payload is too large"], 413);
    if (headers.get("content-type") !== "application/json") return refuse(["Content type is not JSON"]);
    let event: Fields;
    try {
      event = JSON.parse(body);
    } catch {
      return refuse(["JSON parse error"]);
    }
    const errors = isChange ? findChangeErrors(event, routingKey) : findErrors(event, routingKey);
    if (errors.length > 0) return refuse(errors);
    if (isChange) {
      changes.push(event.payload as Fields);
      return Response.json({ status: "success", message: "Change event processed" }, { status: 202 });
    }
    take(event);
    const answer = { status: "success", message: "Event processed", dedup_key: event.dedup_key };
    return Response.json(answer, { status: 202 });
  });
  return Object.assign(server, { routingKey, pages, incidents, changes, refusals });
}

function findErrors(event: Fields, routingKey: string): readonly string[] {
  const { event_action: action, dedup_key: key, payload } = event;
  const isKey = typeof key === "string" && key.length > 0 && key.length <= 255;
  const actions: readonly unknown[] = ["trigger", "acknowledge", "resolve"];
  return [
    ...keyErrors(event, routingKey),
    ...unknownFields(event, ["routing_key", "event_action", "dedup_key", "payload", "client"]),
    ...(actions.includes(action) ? [] : ["'event_action' is invalid"]),
    ...(isKey ? [] : ["'dedup_key' is missing or longer than 255 characters"]),
    ...(action === "trigger" ? payloadErrors(payload, true) : []),
  ];
}

function findChangeErrors(event: Fields, routingKey: string): readonly string[] {
  return [
    ...keyErrors(event, routingKey),
    ...unknownFields(event, ["routing_key", "payload", "links"]),
    ...payloadErrors(event.payload, false),
  ];
}

function keyErrors({ routing_key: key }: Fields, routingKey: string): readonly string[] {
  if (typeof key !== "string" || key.length !== 32) {
    return ["Length of 'routing_key' is incorrect (should be 32 characters)"];
  }
  return key === routingKey ? [] : ["'routing_key' is invalid"];
}

function payloadErrors(payload: unknown, isAlert: boolean): readonly string[] {
  if (typeof payload !== "object" || payload === null) return ["'payload' is missing or blank"];
  const { summary, source, severity, timestamp, custom_details: details, ...rest } = payload as Fields;
  const severities: readonly unknown[] = ["critical", "error", "warning", "info"];
  const isText = (value: unknown, limit: number) =>
    typeof value === "string" && value.trim() !== "" && value.length <= limit && value.isWellFormed();
  return [
    ...(isText(summary, 1_024) ? [] : ["'payload.summary' is missing, blank or too long"]),
    ...(isText(source, 1_024) || (!isAlert && source === undefined)
      ? []
      : ["'payload.source' is missing or blank"]),
    ...(isAlert && !severities.includes(severity) ? ["'payload.severity' is invalid (must be one of…)"] : []),
    ...(timestamp === undefined || !Number.isNaN(Date.parse(String(timestamp)))
      ? []
      : ["'payload.timestamp' is no ISO 8601 time"]),
    ...(details === undefined || typeof details === "object"
      ? []
      : ["'payload.custom_details' is no object"]),
    ...unknownFields(rest, isAlert ? ["class", "component", "group"] : []),
  ];
}

function unknownFields(fields: Fields, known: readonly string[]): readonly string[] {
  return Object.keys(fields).filter((name) => !known.includes(name)).map((name) => `'${name}' is unknown`);
}
