import assert from "node:assert/strict";
import { createEndpointPool, type EndpointPoolOptions } from "../../../lib/chain/endpoint_pool.ts";
import { createRpcMeter } from "../../../lib/chain/rpc_meter.ts";
import { createTokenBucket } from "../../../lib/chain/token_bucket.ts";
import { type FaultProxy, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

/** An endpoint without a node, on chain 7, whose head and faults a test sets. */
interface Endpoint extends AsyncDisposable {
  readonly proxy: FaultProxy;
  head: number;
  chainId: number;
  isDown: boolean;
}

function startEndpoint(head = 100): Endpoint {
  const endpoint = { head, chainId: 7, isDown: false };
  const hex = (value: number) => `0x${value.toString(16)}`;
  const proxy = startFaultProxy("http://127.0.0.1:1", {
    fault: ({ method }) => {
      if (endpoint.isDown) return { kind: "status", status: 503 };
      const result = method === "eth_chainId"
        ? hex(endpoint.chainId)
        : method === "eth_blockNumber"
        ? hex(endpoint.head)
        : method === "eth_getTransactionCount"
        ? "0x5"
        : method;
      return { kind: "result", result };
    },
  });
  return Object.assign(endpoint, { proxy, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() });
}

function createPool(endpoints: readonly Endpoint[], options: Partial<EndpointPoolOptions> = {}) {
  const clock = createRacingClock();
  const urls = endpoints.map(({ proxy }) => proxy.url);
  return {
    clock,
    pool: createEndpointPool({ urls, chainId: 7, clock, timeoutMs: 500, rounds: 1, ...options }),
  };
}

const passTime = (clock: ReturnType<typeof createRacingClock>, ms: number) => clock.sleep(ms);

Deno.test("EndpointPool stops asking an endpoint that fails again and again, then probes it with its chain id", async () => {
  await using broken = startEndpoint();
  await using sound = startEndpoint();
  const { pool, clock } = createPool([broken, sound]);
  broken.isDown = true;
  for (let i = 0; i < 5; i++) {
    await pool.read("eth_foo");
    // Rested, so that it is preferred again.
    await passTime(clock, 31_000);
  }
  assert.equal(pool.health()[0]!.failures, 5);
  // The fifth failure in a row opened it for 15 s, which are over; the next one opens it for 30.
  await pool.read("eth_foo");
  assert.equal(pool.health()[0]!.state, "open");
  const opened = broken.proxy.calls.length;
  for (let i = 0; i < 5; i++) await pool.read("eth_foo");
  assert.equal(broken.proxy.calls.length, opened);
  broken.isDown = false;
  await passTime(clock, 31_000);
  await pool.read("eth_foo");
  assert.deepEqual(broken.proxy.calls.slice(opened).map(({ method }) => method), ["eth_chainId", "eth_foo"]);
  assert.equal(pool.health()[0]!.state, "ok");
});

Deno.test("EndpointPool asks an endpoint that failed again and again where there is no other", async () => {
  await using only = startEndpoint();
  const { pool } = createPool([only]);
  only.isDown = true;
  for (let i = 0; i < 7; i++) await assert.rejects(() => pool.read("eth_foo"), { name: "NoAnswerError" });
  only.isDown = false;
  assert.equal(await pool.read("eth_foo"), "eth_foo");
});

Deno.test("EndpointPool never asks a laggard for a nonce", async () => {
  await using behind = startEndpoint(90);
  await using current = startEndpoint(100);
  const { pool } = createPool([behind, current]);
  await pool.readAll("eth_blockNumber");
  assert.deepEqual(pool.health().map(({ headNumber }) => headNumber), [90n, 100n]);
  assert.equal(await pool.read("eth_getTransactionCount", ["0x0", "latest"]), "0x5");
  assert.equal(behind.proxy.count("eth_getTransactionCount"), 0);
  assert.equal(current.proxy.count("eth_getTransactionCount"), 1);
  // What has nothing to do with nonces may still be asked of it, after the others.
  current.isDown = true;
  assert.equal(await pool.read("eth_foo"), "eth_foo");
  assert.equal(behind.proxy.count("eth_foo"), 1);
});

Deno.test("EndpointPool takes nobody for a laggard of an endpoint that answers no more", async () => {
  await using liar = startEndpoint(1_000_000);
  await using honest = startEndpoint(100);
  const { pool } = createPool([liar, honest]);
  await pool.readAll("eth_blockNumber");
  liar.isDown = true;
  for (let i = 0; i < 5; i++) await pool.readAll("eth_foo");
  assert.equal(pool.health()[0]!.state, "open");
  assert.equal(await pool.read("eth_getTransactionCount", ["0x0", "latest"]), "0x5");
});

Deno.test("EndpointPool quarantines an endpoint that changes its chain, and asks it again a minute later", async () => {
  await using turncoat = startEndpoint();
  await using loyal = startEndpoint();
  const { pool, clock } = createPool([turncoat, loyal]);
  assert.equal(await pool.read("eth_foo"), "eth_foo");
  turncoat.chainId = 8;
  // As before each signature: the chain id together with what is signed for.
  const calls = [{ method: "eth_chainId", params: [] }, { method: "eth_getTransactionCount", params: [] }];
  const [chainId] = await pool.readMany(calls);
  assert.deepEqual(chainId, { ok: true, result: "0x7" });
  assert.equal(pool.health()[0]!.state, "quarantined");
  const asked = turncoat.proxy.calls.length;
  await pool.read("eth_foo");
  await pool.broadcast(["0x01"]);
  assert.equal(turncoat.proxy.calls.length, asked);
  turncoat.chainId = 7;
  await passTime(clock, 61_000);
  await pool.read("eth_foo");
  assert.deepEqual(turncoat.proxy.calls.slice(asked).map(({ method }) => method), ["eth_chainId", "eth_foo"]);
});

Deno.test("EndpointPool waits as long as Retry-After asks before it prefers an endpoint again", async () => {
  await using busy = startEndpoint();
  await using free = startEndpoint();
  const { pool, clock } = createPool([busy, free]);
  await pool.read("eth_foo");
  const fault = busy.proxy.fault;
  busy.proxy.fault = () => ({ kind: "status", status: 429, headers: { "retry-after": "120" } });
  await pool.read("eth_foo");
  busy.proxy.fault = fault;
  const asked = busy.proxy.calls.length;
  await passTime(clock, 119_000);
  await pool.read("eth_foo");
  await pool.readAll("eth_foo");
  assert.equal(busy.proxy.calls.length, asked);
  await passTime(clock, 2_000);
  await pool.read("eth_foo");
  assert.equal(busy.proxy.calls.length, asked + 1);
});

Deno.test("EndpointPool gives each endpoint its turn with round-robin", async () => {
  await using a = startEndpoint();
  await using b = startEndpoint();
  await using c = startEndpoint();
  const { pool } = createPool([a, b, c], { selection: "round-robin" });
  for (let i = 0; i < 6; i++) await pool.read("eth_foo");
  assert.deepEqual([a, b, c].map(({ proxy }) => proxy.count("eth_foo")), [2, 2, 2]);
});

Deno.test("EndpointPool keeps to the rate of each endpoint, and goes to another one first", async () => {
  await using a = startEndpoint();
  await using b = startEndpoint();
  const { pool, clock } = createPool([a, b], { requestsPerSecond: 4 });
  // A bucket holds four: the chain id and three more, at each of the two.
  for (let i = 0; i < 6; i++) await pool.read("eth_foo");
  assert.deepEqual([a, b].map(({ proxy }) => proxy.count("eth_foo")), [3, 3]);
  assert.deepEqual(clock.sleptMs, []);
  // A quarter of a second gives each of the two one more.
  for (let i = 0; i < 4; i++) await pool.read("eth_foo");
  assert.deepEqual(clock.sleptMs, [250, 250]);
});

Deno.test("createTokenBucket() lets a burst of its rate through, then one at a time", async () => {
  const clock = createRacingClock();
  const bucket = createTokenBucket(2, clock);
  await Promise.all([bucket.take(), bucket.take(), bucket.take(), bucket.take()]);
  assert.deepEqual(clock.sleptMs, [500, 500]);
});

Deno.test("EndpointPool tells a meter of every call and every failure, by endpoint", async () => {
  await using broken = startEndpoint();
  await using sound = startEndpoint();
  const meter = createRpcMeter();
  const { pool } = createPool([broken, sound], { onCall: meter.count, onFailure: meter.countFailure });
  broken.isDown = true;
  await pool.read("eth_foo");
  await pool.read("eth_foo");
  const [first, second] = pool.endpointNames;
  assert.deepEqual(meter.failures(), { [first!]: 1 });
  assert.deepEqual(meter.totals(), [
    { endpoint: first, calls: { eth_chainId: 1 } },
    { endpoint: second, calls: { eth_chainId: 1, eth_foo: 2 } },
  ]);
});
