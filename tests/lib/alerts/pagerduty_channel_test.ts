import assert from "node:assert/strict";
import { createPagerDutyChannel } from "../../../lib/alerts/pagerduty_channel.ts";
import { sendChangeEvent } from "../../../lib/alerts/pagerduty_events.ts";
import { SEVERITIES } from "../../../lib/alerts/severity.ts";
import { checkHttpAnswers } from "../../_fakes/http_channel_answers.ts";
import { notification } from "../../_fakes/notification.ts";
import { type PagerDutyServer, startPagerDutyServer } from "../../_fakes/pagerduty_server.ts";

const { signal } = new AbortController();

function channelOf({ url, routingKey }: Pick<PagerDutyServer, "url" | "routingKey">, parts = {}) {
  return createPagerDutyChannel({ url, routingKey, minSeverity: "info", ...parts });
}

Deno.test("createPagerDutyChannel() pages once for an incident, whatever is repeated, and ends it from any process", async () => {
  await using server = startPagerDutyServer();
  for (const kind of ["trigger", "trigger", "repeat", "acknowledge", "escalate", "resolve"] as const) {
    const delivery = await channelOf(server).send(notification({ kind }), { signal });
    assert.deepEqual(delivery, { outcome: "accepted" }, kind);
  }
  assert.deepEqual(server.pages.get("endpoint-down/main"), {
    status: "resolved",
    pages: 1,
    summary: "the endpoint main does not answer",
  });
  assert.deepEqual(server.incidents.of("endpoint-down/main"), [
    "trigger",
    "trigger",
    "trigger",
    "acknowledge",
    "trigger",
    "resolve",
  ]);
  // What began again is another page.
  await channelOf(server).send(notification(), { signal });
  assert.equal(server.pages.get("endpoint-down/main")?.pages, 2);
});

Deno.test("createPagerDutyChannel() sends all that an alert carries", async () => {
  await using server = startPagerDutyServer();
  await channelOf(server).send(notification(), { signal });
  assert.deepEqual(JSON.parse(server.requests[0]!.body), {
    routing_key: server.routingKey,
    event_action: "trigger",
    dedup_key: "endpoint-down/main",
    client: "pot",
    payload: {
      summary: "the endpoint main does not answer",
      source: "pot-prod@host-1",
      severity: "critical",
      timestamp: "2026-11-22T10:05:00.000Z",
      class: "endpoint-down",
      component: "main",
      custom_details: {
        state: "firing",
        since: "2026-11-22T10:00:00.000Z",
        fingerprint: "endpoint-down:main",
        runbook: "pot network test",
        details: { failure: "no answer in 10000 ms", attempts: "5" },
      },
    },
  });
  for (const severity of SEVERITIES) {
    assert.equal((await channelOf(server).send(notification({ severity }), { signal })).outcome, "accepted");
  }
  const sent = server.requests.map(({ body }) => JSON.parse(body).payload.severity);
  assert.deepEqual(sent, ["critical", ...SEVERITIES]);
});

Deno.test("createPagerDutyChannel() makes a change event of what is no incident", async () => {
  await using server = startPagerDutyServer();
  const told = notification({ kind: "message", severity: "critical", message: "daily summary", alerts: [] });
  assert.deepEqual(await channelOf(server).send(told, { signal }), { outcome: "accepted" });
  assert.deepEqual(server.changes, [{
    summary: "daily summary",
    source: "pot-prod@host-1",
    timestamp: "2026-11-22T10:05:00.000Z",
    custom_details: { failure: "no answer in 10000 ms", attempts: "5" },
  }]);
  assert.equal(server.pages.size, 0);
});

Deno.test("createPagerDutyChannel() says what each answer means", async () => {
  await using server = startPagerDutyServer();
  await checkHttpAnswers(server, (options) => channelOf(server, options));
  server.fault = () => ({ kind: "status", status: 200 });
  assert.deepEqual(await channelOf(server).send(notification(), { signal }), {
    outcome: "retry",
    reason: "HTTP status 200: the answer is not one of PagerDuty's",
  });
  server.fault = () => undefined;
  const wrong = { url: server.url, routingKey: "f".repeat(32) };
  assert.deepEqual(await channelOf(wrong).send(notification(), { signal }), {
    outcome: "refused",
    reason: "HTTP status 400: Event object is invalid; 'routing_key' is invalid",
  });
  server.fault = () => ({
    kind: "status",
    status: 400,
    body: JSON.stringify({ message: server.routingKey }),
  });
  assert.deepEqual(await channelOf(server).send(notification(), { signal }), {
    outcome: "refused",
    reason: "HTTP status 400: [secret]",
  });
});

Deno.test("createPagerDutyChannel() has an event once where the connection broke after it was taken", async () => {
  await using server = startPagerDutyServer();
  server.fault = () => ({ kind: "cut", isTaken: true });
  assert.equal((await channelOf(server).send(notification(), { signal })).outcome, "retry");
  server.fault = () => undefined;
  assert.equal((await channelOf(server).send(notification(), { signal })).outcome, "accepted");
  assert.equal(server.pages.get("endpoint-down/main")?.pages, 1);
});

Deno.test("sendChangeEvent() cuts and cleans what it is given", async () => {
  await using server = startPagerDutyServer();
  const { url, routingKey } = server;
  const change = {
    summary: `\u202e${"x".repeat(5_000)}\n`,
    source: " ",
    timestamp: "2026-11-22T10:05:00.000Z",
    details: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`name ${i}`, "y".repeat(100_000)])),
  };
  assert.deepEqual(await sendChangeEvent(change, { url, routingKey, signal }), { outcome: "accepted" });
  const [sent] = server.changes as unknown as { summary: string; source: string; custom_details: object }[];
  assert.equal(sent!.summary, `${"x".repeat(1_023)}…`);
  assert.deepEqual([sent!.source, Object.keys(sent!.custom_details).length], ["pot", 50]);
});
