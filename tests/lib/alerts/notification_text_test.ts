import assert from "node:assert/strict";
import { alertLine, notificationText } from "../../../lib/alerts/notification_text.ts";
import { notification } from "../../_fakes/notification.ts";

const [alert] = notification().alerts;

Deno.test("notificationText() says since when the oldest alert is there, and how many there are", () => {
  const alerts = ["2026-11-22T10:00:00.000Z", "2026-11-20T00:00:00.000Z", "2026-11-22T09:00:00.000Z"].map((
    since,
  ) => ({
    ...alert!,
    since,
  }));
  const { since, alertCount, fingerprint } = notificationText(notification({ alerts }));
  assert.deepEqual([since, alertCount, fingerprint], [alerts[1]!.since, 3, "endpoint-down:main"]);
  const many = notificationText(notification({ alerts: Array(500).fill(alert) }), { alerts: 7 });
  assert.deepEqual([many.alerts.length, many.alertCount], [7, 500]);
  const none = notificationText(notification({ alerts: [], kind: "message" }));
  assert.deepEqual([none.since, none.fingerprint, none.state], [
    "2026-11-22T10:05:00.000Z",
    "endpoint-down/main",
    "message",
  ]);
});

Deno.test("notificationText() has a label for each kind of news, and no runbook once all is well", () => {
  const labels = (["trigger", "repeat", "escalate", "acknowledge", "resolve", "message"] as const).map(
    (kind) => {
      const { label, runbook } = notificationText(notification({ kind, severity: "error" }));
      return [label, runbook !== undefined];
    },
  );
  assert.deepEqual(labels, [
    ["ERROR", true],
    ["STILL ERROR", true],
    ["ESCALATED, ERROR", true],
    ["ACKNOWLEDGED", true],
    ["RESOLVED", false],
    ["ERROR", true],
  ]);
});

Deno.test("notificationText() leaves details out by number and says so", () => {
  const details = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`name ${i}`, `value ${i}`]));
  const shown = notificationText(notification({ details }), { details: 2 });
  assert.deepEqual(shown.details, [
    ["name 0", "value 0"],
    ["name 1", "value 1"],
    ["more", "28 details that are not shown"],
  ]);
});

Deno.test("alertLine() is one line about one alert", () => {
  assert.equal(
    alertLine(alert!),
    "endpoint-down (main): the endpoint main does not answer, firing since 2026-11-22T10:00:00.000Z",
  );
  assert.match(alertLine({ ...alert!, subject: "" }), /^endpoint-down: /);
});
