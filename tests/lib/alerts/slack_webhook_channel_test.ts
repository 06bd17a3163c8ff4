import assert from "node:assert/strict";
import { createSlackWebhookChannel } from "../../../lib/alerts/slack_webhook_channel.ts";
import { checkHttpAnswers } from "../../_fakes/http_channel_answers.ts";
import { notification } from "../../_fakes/notification.ts";
import { startSlackServer } from "../../_fakes/slack_server.ts";

const { signal } = new AbortController();

Deno.test("createSlackWebhookChannel() posts each notification by itself, and says that it can do no more", async () => {
  await using server = startSlackServer();
  const channel = createSlackWebhookChannel({ url: server.webhookUrl, minSeverity: "info" });
  for (const kind of ["trigger", "resolve"] as const) {
    assert.deepEqual(await channel.send(notification({ kind }), { signal }), { outcome: "accepted" });
  }
  assert.deepEqual(server.incidents.of("endpoint-down/main"), ["trigger", "resolve"]);
  for (const { threadTs, versions } of server.messages) {
    assert.equal(threadTs, undefined);
    assert.match(versions[0]!.blockTexts.at(-1)!, /no threads/);
  }
  assert.deepEqual([server.mentions, server.refusals], [[], []]);
});

Deno.test("createSlackWebhookChannel() says what each answer means", async () => {
  await using server = startSlackServer();
  const channelOf = (options: { readonly timeoutMs?: number }) =>
    createSlackWebhookChannel({ url: server.webhookUrl, minSeverity: "info", ...options });
  await checkHttpAnswers(server, channelOf);
  const cases = [
    [400, "invalid_payload", { outcome: "refused", reason: "HTTP status 400: invalid_payload" }],
    [404, "no_service", { outcome: "refused", reason: "HTTP status 404: no_service" }],
    [410, "channel_is_archived", { outcome: "refused", reason: "HTTP status 410: channel_is_archived" }],
    [500, "rollup_error", { outcome: "retry", reason: "HTTP status 500: rollup_error" }],
    [404, `<html>${server.webhookUrl}</html>`, { outcome: "refused", reason: "HTTP status 404" }],
    [200, "<html>sign in</html>", { outcome: "retry", reason: "the answer is not one of Slack's" }],
  ] as const;
  for (const [status, body, delivery] of cases) {
    server.fault = () => ({ kind: "status", status, body });
    assert.deepEqual(await channelOf({}).send(notification(), { signal }), delivery);
  }
});
