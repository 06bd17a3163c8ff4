import type { Notification } from "../../lib/alerts/alert_channel.ts";

/** A notification of one endpoint that does not answer, with anything else in place of its parts. */
export function notification(parts: Partial<Notification> = {}): Notification {
  const since = "2026-11-22T10:00:00.000Z";
  return {
    kind: "trigger",
    key: "endpoint-down/main",
    id: `id-${parts.kind ?? "trigger"}`,
    timestamp: "2026-11-22T10:05:00.000Z",
    severity: "critical",
    message: "the endpoint main does not answer",
    details: { failure: "no answer in 10000 ms", attempts: "5" },
    source: "pot-prod@host-1",
    alerts: [{
      fingerprint: "endpoint-down:main",
      rule: "endpoint-down",
      subject: "main",
      state: parts.kind === "resolve" ? "resolved" : "firing",
      severity: "critical",
      message: "the endpoint main does not answer",
      since,
    }],
    runbook: "pot network test",
    ...parts,
  };
}
