import assert from "node:assert/strict";
import { createWebhookChannel } from "../../../lib/alerts/webhook_channel.ts";
import { checkHttpAnswers } from "../../_fakes/http_channel_answers.ts";
import { notification } from "../../_fakes/notification.ts";
import { startWebhookServer, type WebhookServer } from "../../_fakes/webhook_server.ts";

const { signal } = new AbortController();
const NOW = Date.parse("2026-11-22T12:00:00.000Z");

function channelOf(
  server: WebhookServer,
  { now = () => NOW, ...parts }: { readonly now?: () => number; readonly timeoutMs?: number } = {},
) {
  const { hookUrl: url, secret } = server;
  return createWebhookChannel({ url, secret, minSeverity: "info", clock: { now }, ...parts });
}

Deno.test("createWebhookChannel() sends what docs/formats.md says, signed at that moment", async () => {
  await using server = startWebhookServer({ now: () => NOW + 290_000 });
  assert.deepEqual(await channelOf(server).send(notification(), { signal }), { outcome: "accepted" });
  assert.deepEqual(server.bodies, [{
    schema: "pot-alert/1",
    id: "id-trigger",
    kind: "trigger",
    key: "endpoint-down/main",
    timestamp: "2026-11-22T10:05:00.000Z",
    severity: "critical",
    message: "the endpoint main does not answer",
    details: { failure: "no answer in 10000 ms", attempts: "5" },
    source: "pot-prod@host-1",
    fingerprint: "endpoint-down:main",
    state: "firing",
    since: "2026-11-22T10:00:00.000Z",
    runbook: "pot network test",
    alerts: notification().alerts,
    alertCount: 1,
  }]);
  const { headers } = server.requests[0]!;
  assert.equal(headers.get("pot-id"), "id-trigger");
  assert.equal(headers.get("pot-timestamp"), String(NOW / 1_000));
});

Deno.test("createWebhookChannel() lets a receiver know what it has seen, and refuse what is old or not signed by us", async () => {
  await using server = startWebhookServer({ now: () => NOW });
  const channel = channelOf(server);
  await channel.send(notification(), { signal });
  await channel.send(notification(), { signal });
  await channel.send(notification({ kind: "resolve" }), { signal });
  assert.deepEqual(server.duplicates, ["id-trigger"]);
  assert.deepEqual(server.incidents.of("endpoint-down/main"), ["trigger", "resolve"]);
  const late = channelOf(server, { now: () => NOW - 301_000 });
  assert.deepEqual(await late.send(notification(), { signal }), {
    outcome: "refused",
    reason: "HTTP status 403",
  });
  const { hookUrl: url } = server;
  const forged = createWebhookChannel({
    url,
    secret: "another",
    minSeverity: "info",
    clock: { now: () => NOW },
  });
  assert.deepEqual(await forged.send(notification(), { signal }), {
    outcome: "refused",
    reason: "HTTP status 403",
  });
  assert.deepEqual(server.refusals, ["timestamp outside the window", "bad signature"]);
});

Deno.test("createWebhookChannel() says what each answer means", async () => {
  await using server = startWebhookServer({ now: () => NOW });
  await checkHttpAnswers(server, (options) => channelOf(server, options));
});

Deno.test("createWebhookChannel() sends any id as a header", async () => {
  await using server = startWebhookServer({ now: () => NOW });
  for (const id of ["é\r\nx: y", "\ud800", "a/b:c 1"]) {
    assert.equal((await channelOf(server).send(notification({ id }), { signal })).outcome, "accepted", id);
  }
  assert.deepEqual(server.requests.map(({ headers }) => headers.get("pot-id")), [
    "%C3%A9%0D%0Ax:%20y",
    "%EF%BF%BD",
    "a/b:c%201",
  ]);
});
