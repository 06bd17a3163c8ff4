import assert from "node:assert/strict";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { createJsonRpcEndpoint } from "../../../lib/chain/json_rpc_endpoint.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";

/** A WebSocket server that does with each message what the test says. */
function startServer(onMessage: (socket: WebSocket, call: { id: number; method: string }) => void) {
  let connections = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    connections++;
    socket.onmessage = ({ data }) => onMessage(socket, JSON.parse(data));
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}/`,
    connections: () => connections,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const open = (url: string, timeoutMs = 2_000) => createJsonRpcEndpoint(url, { fetch, timeoutMs });
/** The connection is closed half a second after the last call. */
const untilClosed = () => systemClock.sleep(700);

Deno.test("createWebSocketEndpoint() speaks with a node, over one connection", async () => {
  await using chain = await startChainFixture();
  const url = chain.devnet.rpcUrl.replace("http:", "ws:");
  const pool = createEndpointPool({ urls: [url], chainId: chain.devnet.chainId, clock: systemClock });
  const block = await pool.read("eth_getBlockByNumber", ["latest", false]) as { number: string };
  assert.match(block.number, /^0x[0-9a-f]+$/);
  const many = await pool.readMany([
    { method: "eth_chainId", params: [] },
    { method: "eth_nothing", params: [] },
  ]);
  assert.deepEqual(many.map(({ ok }) => ok), [true, false]);
  await untilClosed();
});

Deno.test("createWebSocketEndpoint() matches answers that come out of order", async () => {
  const held: (() => void)[] = [];
  await using server = startServer((socket, { id, method }) => {
    held.push(() => socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: method })));
    if (held.length === 3) { for (const answer of held.reverse()) answer(); }
  });
  const endpoint = open(server.url);
  const outcomes = await endpoint.callMany(["a", "b", "c"].map((method) => ({ method, params: [] })));
  assert.deepEqual(outcomes.map((outcome) => outcome.ok && outcome.result), ["a", "b", "c"]);
  assert.equal(server.connections(), 1);
  await untilClosed();
});

Deno.test("createWebSocketEndpoint() fails what waits when the connection is cut, and opens another for the next call", async () => {
  let cuts = 1;
  await using server = startServer((socket, { id, method }) => {
    if (cuts-- > 0) return socket.close();
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: method }));
  });
  const endpoint = open(server.url);
  const cut = await endpoint.call("a", []);
  assert.equal(!cut.ok && cut.failure.isRetryable, true);
  assert.deepEqual(await endpoint.call("b", []), { ok: true, result: "b" });
  assert.equal(server.connections(), 2);
  await untilClosed();
});

Deno.test("createWebSocketEndpoint() does not fail a call as an idle connection before it is closed", async () => {
  await using server = startServer((socket, { id, method }) => {
    setTimeout(() => socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: method })), 100);
  });
  const endpoint = open(server.url);
  await endpoint.call("a", []);
  // Right after the connection has begun to close.
  await systemClock.sleep(500);
  assert.deepEqual(await endpoint.call("b", []), { ok: true, result: "b" });
  await untilClosed();
});

Deno.test("createWebSocketEndpoint() gives up on silence, and at the caller's signal", async () => {
  await using server = startServer(() => {});
  const endpoint = open(server.url, 100);
  const silent = await endpoint.call("a", []);
  assert.equal(!silent.ok && silent.failure.kind, "timeout");
  const abort = new AbortController();
  const asked = open(server.url).call("a", [], { signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(asked, { message: "enough" });
  await untilClosed();
});

Deno.test("createWebSocketEndpoint() reports an endpoint that is not there, without its path", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const outcome = await open(`ws://127.0.0.1:${port}/hunter2hunter2`).call("a", []);
  assert.equal(outcome.ok, false);
  assert.doesNotMatch(JSON.stringify(outcome), /hunter2/);
  await untilClosed();
});
