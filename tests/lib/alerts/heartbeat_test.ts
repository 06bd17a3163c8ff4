import assert from "node:assert/strict";
import { sendHeartbeat } from "../../../lib/alerts/heartbeat.ts";
import { startAlertServer } from "../../_fakes/alert_server.ts";

const { signal } = new AbortController();

Deno.test("sendHeartbeat() pings once, and says what became of it without the URL's path", async () => {
  await using server = startAlertServer(() => new Response("OK"));
  const url = `${server.url}/ping/pathsecret`;
  assert.deepEqual(await sendHeartbeat(url, { signal }), { outcome: "accepted" });
  assert.deepEqual(server.requests.map(({ method, path }) => [method, path]), [["GET", "/ping/pathsecret"]]);
  server.fault = () => ({ kind: "status", status: 404 });
  assert.deepEqual(await sendHeartbeat(url, { signal }), { outcome: "refused", reason: "HTTP status 404" });
  server.fault = () => ({ kind: "status", status: 503, headers: { "retry-after": "3" } });
  assert.deepEqual(await sendHeartbeat(url, { signal }), {
    outcome: "retry",
    reason: "HTTP status 503",
    retryAfterMs: 3_000,
  });
  server.fault = () => ({ kind: "hang" });
  assert.deepEqual(await sendHeartbeat(url, { signal, timeoutMs: 40 }), {
    outcome: "retry",
    reason: "no answer in 40 ms",
  });
  server.fault = () => ({ kind: "cut" });
  const cut = await sendHeartbeat(url, { signal });
  assert.equal(cut.outcome, "retry");
  assert.doesNotMatch(JSON.stringify(cut), /pathsecret/);
  assert.equal(server.requests.length, 5);
  await assert.rejects(
    () => sendHeartbeat(url, { signal: AbortSignal.abort(new Error("stopped")) }),
    /stopped/,
  );
});
