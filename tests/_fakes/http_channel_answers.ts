import assert from "node:assert/strict";
import type { AlertChannel, Delivery } from "../../lib/alerts/alert_channel.ts";
import type { AlertFault, AlertServer } from "./alert_server.ts";
import { notification } from "./notification.ts";

/** What every channel over plain HTTP makes of answers, of silence and of the end of a connection, in one request each. */
export async function checkHttpAnswers(
  server: AlertServer,
  channelOf: (options: { readonly timeoutMs?: number }) => AlertChannel,
): Promise<void> {
  const { signal } = new AbortController();
  const status = (status: number, headers = {}): AlertFault => ({ kind: "status", status, headers });
  const retry = (reason: string, retryAfterMs?: number): Delivery => ({
    outcome: "retry",
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  const refused = (reason: string): Delivery => ({ outcome: "refused", reason });
  const date = "Sun, 22 Nov 2026 10:00:00 GMT";
  const later = "Sun, 22 Nov 2026 10:00:07 GMT";
  const cases: readonly (readonly [fault: AlertFault, delivery: Delivery])[] = [
    [status(400), refused("HTTP status 400")],
    [status(403), refused("HTTP status 403")],
    [status(404), refused("HTTP status 404")],
    [status(301, { location: "/elsewhere" }), refused("HTTP status 301, a redirect, which is not followed")],
    [status(408), retry("HTTP status 408")],
    [status(429), retry("HTTP status 429")],
    [status(429, { "retry-after": "12" }), retry("HTTP status 429", 12_000)],
    [status(429, { "retry-after": later, date }), retry("HTTP status 429", 7_000)],
    [status(429, { "retry-after": "soon" }), retry("HTTP status 429")],
    [status(429, { "retry-after": "-5" }), retry("HTTP status 429")],
    [status(503, { "retry-after": "99999999" }), retry("HTTP status 503", 3_600_000)],
    [status(500), retry("HTTP status 500")],
  ];
  const before = server.requests.length;
  for (const [fault, delivery] of cases) {
    server.fault = () => fault;
    assert.deepEqual(await channelOf({}).send(notification(), { signal }), delivery, JSON.stringify(fault));
  }
  server.fault = () => ({ kind: "hang" });
  assert.deepEqual(
    await channelOf({ timeoutMs: 50 }).send(notification(), { signal }),
    retry("no answer in 50 ms"),
  );
  server.fault = () => ({ kind: "cut" });
  const cut = await channelOf({}).send(notification(), { signal });
  assert.equal(cut.outcome, "retry");
  assert.doesNotMatch(JSON.stringify(cut), /secret|0123456789abcdef/);
  assert.equal(server.requests.length - before, cases.length + 2);
  assert.ok(server.requests.every(({ path }) => path !== "/elsewhere"));

  server.fault = () => ({ kind: "hang" });
  const stop = new AbortController();
  const startedAt = performance.now();
  const sending = channelOf({}).send(notification(), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped")), 20);
  await assert.rejects(() => sending, /^Error: stopped$/);
  assert.ok(performance.now() - startedAt < 10_000);
  await assert.rejects(() => channelOf({}).send(notification(), { signal: stop.signal }), /^Error: stopped$/);
  server.fault = () => undefined;
}
