import assert from "node:assert/strict";
import { createSlackChannel } from "../../../lib/alerts/slack_channel.ts";
import type { Delivery } from "../../../lib/alerts/alert_channel.ts";
import type { AlertFault } from "../../_fakes/alert_server.ts";
import { notification } from "../../_fakes/notification.ts";
import { type SlackServer, startSlackServer } from "../../_fakes/slack_server.ts";

const { signal } = new AbortController();

function channelOf(
  server: SlackServer,
  parts: { token?: string; channel?: string; timeoutMs?: number } = {},
) {
  return createSlackChannel({
    token: server.token,
    channel: server.channel.name,
    apiUrl: server.apiUrl,
    minSeverity: "info",
    ...parts,
  });
}

Deno.test("createSlackChannel() keeps an incident in one thread, and changes its first message on the resolve", async () => {
  await using server = startSlackServer();
  const first = await channelOf(server).send(notification(), { signal });
  const { thread } = first as { readonly thread: string };
  assert.deepEqual(first, { outcome: "accepted", thread: `${server.channel.id}:${server.messages[0]!.ts}` });
  // Another process goes on.
  const channel = channelOf(server);
  for (const kind of ["repeat", "acknowledge", "escalate", "resolve"] as const) {
    const delivery = await channel.send(notification({ kind }), { thread, signal });
    assert.deepEqual(delivery, { outcome: "accepted", thread }, kind);
  }
  const [root, ...replies] = server.messages;
  assert.deepEqual(replies.map(({ threadTs }) => threadTs), Array(4).fill(root!.ts));
  assert.deepEqual(replies.map(({ isBroadcast }) => isBroadcast), [false, false, true, false]);
  assert.deepEqual(root!.versions.map(({ text }) => text), [
    "🔴 CRITICAL: the endpoint main does not answer",
    "✅ RESOLVED: the endpoint main does not answer",
  ]);
  assert.deepEqual(server.incidents.of("endpoint-down/main"), [
    "trigger",
    "repeat",
    "acknowledge",
    "escalate",
    "resolve",
  ]);
  assert.deepEqual([server.mentions, server.warnings, server.refusals], [[], [], []]);
});

Deno.test("createSlackChannel() shows all that an alert carries", async () => {
  await using server = startSlackServer();
  await channelOf(server).send(notification(), { signal });
  assert.deepEqual(server.messages[0]!.versions[0]!.blockTexts, [
    "🔴 *CRITICAL*\nthe endpoint main does not answer",
    "*failure*: no answer in 10000 ms\n*attempts*: 5",
    "*Try first*: pot network test",
    "endpoint-down/main · critical, firing since 2026-11-22T10:00:00.000Z · told 2026-11-22T10:05:00.000Z · " +
    "pot-prod@host-1 · endpoint-down:main",
  ]);
  const body = new URLSearchParams(server.requests[0]!.body);
  assert.deepEqual(
    ["parse", "link_names", "unfurl_links", "unfurl_media"].map((name) => body.get(name)),
    ["none", "false", "false", "false"],
  );
  assert.equal(server.requests[0]!.body.includes(server.token), false);
});

Deno.test("createSlackChannel() posts anew where the first message is gone, and a resolve without a thread too", async () => {
  await using server = startSlackServer();
  const channel = channelOf(server);
  const first = await channel.send(notification(), { signal });
  const { thread } = first as { readonly thread: string };
  server.remove(thread.split(":")[1]!);
  for (const lost of [thread, "not a thread", undefined]) {
    const delivery = await channel.send(notification({ kind: "resolve" }), {
      ...(lost === undefined ? {} : { thread: lost }),
      signal,
    });
    assert.equal(delivery.outcome, "accepted");
    assert.notEqual((delivery as { readonly thread: string }).thread, thread);
  }
  assert.equal(server.incidents.count("endpoint-down/main", "resolve"), 3);
  assert.ok(server.messages.every(({ threadTs }) => threadTs === undefined));
});

Deno.test("createSlackChannel() doubles no change where the reply to a resolve has to be tried again", async () => {
  await using server = startSlackServer();
  const channel = channelOf(server);
  const { thread } = await channel.send(notification(), { signal }) as { readonly thread: string };
  server.fault = ({ path }) => path.endsWith("postMessage") ? { kind: "status", status: 503 } : undefined;
  const options = { thread, signal };
  const first = await channel.send(notification({ kind: "resolve" }), options);
  assert.deepEqual(first, { outcome: "retry", reason: "HTTP status 503" });
  server.fault = () => undefined;
  assert.equal((await channel.send(notification({ kind: "resolve" }), options)).outcome, "accepted");
  assert.equal(server.messages.length, 2);
  assert.equal(server.incidents.count("endpoint-down/main", "resolve"), 1);
});

Deno.test("createSlackChannel() posts no resolve before the first message says so, unless that can never be", async () => {
  await using server = startSlackServer();
  const channel = channelOf(server);
  const { thread } = await channel.send(notification(), { signal }) as { readonly thread: string };
  server.fault = ({ path }) => path.endsWith("update") ? { kind: "status", status: 500 } : undefined;
  const options = { thread, signal };
  const first = await channel.send(notification({ kind: "resolve" }), options);
  assert.deepEqual(first, { outcome: "retry", reason: "HTTP status 500" });
  assert.equal(server.messages.length, 1);
  const body = '{"ok":false,"error":"edit_window_closed"}';
  server.fault = ({ path }) => path.endsWith("update") ? { kind: "status", status: 200, body } : undefined;
  assert.deepEqual(await channel.send(notification({ kind: "resolve" }), options), {
    outcome: "accepted",
    thread,
  });
  assert.equal(server.incidents.count("endpoint-down/main", "resolve"), 1);
});

Deno.test("createSlackChannel() says what each answer means", async () => {
  await using server = startSlackServer();
  const slackError = (error: string): AlertFault => ({
    kind: "status",
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ok: false, error }),
  });
  const cases: readonly (readonly [fault: AlertFault, delivery: Delivery])[] = [
    [{ kind: "status", status: 400 }, { outcome: "refused", reason: "HTTP status 400" }],
    [{ kind: "status", status: 403 }, { outcome: "refused", reason: "HTTP status 403" }],
    [{ kind: "status", status: 302, headers: { location: "https://elsewhere.example/" } }, {
      outcome: "refused",
      reason: "HTTP status 302, a redirect, which is not followed",
    }],
    [{
      kind: "status",
      status: 429,
      headers: { "retry-after": "30" },
      body: '{"ok":false,"error":"ratelimited"}',
    }, {
      outcome: "retry",
      reason: "HTTP status 429",
      retryAfterMs: 30_000,
    }],
    [{ kind: "status", status: 429 }, { outcome: "retry", reason: "HTTP status 429" }],
    [{ kind: "status", status: 500 }, { outcome: "retry", reason: "HTTP status 500" }],
    [{ kind: "status", status: 204 }, { outcome: "retry", reason: "the answer is not one of Slack's" }],
    [{ kind: "status", status: 200, body: "<html>sign in to this network</html>" }, {
      outcome: "retry",
      reason: "the answer is not one of Slack's",
    }],
    [slackError("msg_too_long"), { outcome: "refused", reason: "msg_too_long" }],
    [slackError("token_revoked"), { outcome: "refused", reason: "token_revoked: the token was revoked" }],
    [slackError("internal_error"), { outcome: "retry", reason: "internal_error" }],
    [slackError("ratelimited"), { outcome: "retry", reason: "ratelimited" }],
    [slackError("something_new"), { outcome: "refused", reason: "something_new" }],
  ];
  const startedAt = performance.now();
  for (const [fault, delivery] of cases) {
    server.fault = () => fault;
    assert.deepEqual(
      await channelOf(server).send(notification(), { signal }),
      delivery,
      JSON.stringify(fault),
    );
  }
  // Whoever says when to come back is not waited for in here.
  assert.ok(performance.now() - startedAt < 10_000);
  server.fault = () => undefined;
  const wrongToken = channelOf(server, { token: "xoxb-wrong" });
  assert.deepEqual(await wrongToken.send(notification(), { signal }), {
    outcome: "refused",
    reason: "invalid_auth: the token is wrong",
  });
  assert.deepEqual(await channelOf(server, { channel: "nowhere" }).send(notification(), { signal }), {
    outcome: "refused",
    reason: "channel_not_found: there is no such channel, or it is private and the app is not in it",
  });
  server.isMember = false;
  assert.deepEqual(await channelOf(server).send(notification(), { signal }), {
    outcome: "refused",
    reason: "not_in_channel: invite the app into the channel",
  });
  assert.equal(server.messages.length, 0);
  // One request each: nothing is tried twice in here.
  assert.equal(server.requests.length, cases.length + 3);
});

Deno.test("createSlackChannel() gives up on silence and cut connections without a secret, and at once when told to stop", async () => {
  await using server = startSlackServer();
  server.fault = () => ({ kind: "hang" });
  assert.deepEqual(await channelOf(server, { timeoutMs: 60 }).send(notification(), { signal }), {
    outcome: "retry",
    reason: "no answer in 60 ms",
  });
  const stop = new AbortController();
  const startedAt = performance.now();
  const sending = channelOf(server).send(notification(), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped")), 30);
  await assert.rejects(() => sending, /^Error: stopped$/);
  assert.ok(performance.now() - startedAt < 10_000);
  await assert.rejects(
    () => channelOf(server).send(notification(), { signal: stop.signal }),
    /^Error: stopped$/,
  );
  server.fault = () => ({ kind: "cut" });
  const cut = await channelOf(server).send(notification(), { signal });
  assert.equal(cut.outcome, "retry");
  assert.doesNotMatch(JSON.stringify(cut), /secret|xoxb|\/api\//);
});
