import assert from "node:assert/strict";
import { ChainError } from "../../../lib/chain/chain_error.ts";
import { createEndpointPool, type EndpointPoolOptions } from "../../../lib/chain/endpoint_pool.ts";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

/** An endpoint without a node: chain id 7, everything else answers with its method's name. */
function startEndpoint(fault: FaultProxy["fault"] = () => undefined): FaultProxy {
  return startFaultProxy("http://127.0.0.1:1", {
    fault: (call) =>
      fault(call) ?? { kind: "result", result: call.method === "eth_chainId" ? "0x7" : call.method },
  });
}

function createPool(urls: readonly string[], options: Partial<EndpointPoolOptions> = {}) {
  const clock = createRacingClock();
  return { clock, pool: createEndpointPool({ urls, chainId: 7, clock, timeoutMs: 200, ...options }) };
}

/** Nobody listens there any more. */
function closedUrl(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}/`;
}

const FAULTS: readonly Fault[] = [
  { kind: "status", status: 429 },
  { kind: "status", status: 502 },
  { kind: "status", status: 504 },
  { kind: "status", status: 401 },
  { kind: "status", status: 307, headers: { location: "http://127.0.0.1:1/" } },
  { kind: "status", status: 200, body: "not json" },
  { kind: "status", status: 200, body: "[]" },
  { kind: "html", status: 200 },
  { kind: "html", status: 502 },
  { kind: "hang" },
  { kind: "rpc-error", error: { code: -32005, message: "limit exceeded" } },
  { kind: "rpc-error", error: { code: -32000, message: "header not found" } },
];

Deno.test("createEndpointPool() fails over to the next endpoint, and stays there for a while", async () => {
  for (const fault of FAULTS) {
    await using bad = startEndpoint(({ method }) => method === "eth_foo" ? fault : undefined);
    await using good = startEndpoint();
    const { pool, clock } = createPool([bad.url, good.url]);
    assert.equal(await pool.read("eth_foo"), "eth_foo", JSON.stringify(fault));
    assert.equal(await pool.read("eth_foo"), "eth_foo");
    assert.equal(bad.count("eth_foo"), 1);
    assert.deepEqual(clock.sleptMs, []);
    // After a rest the preferred one is asked first again.
    await clock.sleep(30_000);
    bad.fault = () => ({ kind: "result", result: "preferred" });
    assert.equal(await pool.read("eth_foo"), "preferred");
  }
});

Deno.test("createEndpointPool() asks again after a growing pause, a bounded number of times", async () => {
  await using bad = startEndpoint(({ method }) =>
    method === "eth_foo" ? { kind: "status", status: 503 } : undefined
  );
  const { pool, clock } = createPool([bad.url, closedUrl()], { rounds: 4 });
  await assert.rejects(() => pool.read("eth_foo"), (error: UnreachableError) => {
    assert.ok(error instanceof UnreachableError);
    assert.equal(error.message, "Cannot read from the chain as no RPC endpoint gave an answer");
    assert.equal(error.facts[0], `${bad.url}: HTTP status 503`);
    assert.match(error.facts[1]!, /^http:\/\/127\.0\.0\.1:\d+\/: .*refused/);
    return true;
  });
  assert.equal(bad.count("eth_foo"), 4);
  assert.deepEqual(clock.sleptMs, [250, 500, 1_000]);
});

Deno.test("createEndpointPool() waits as long as Retry-After asks, within a bound", async () => {
  for (const [seconds, sleptMs] of [["2", 2_000], ["3600", 5_000]] as const) {
    let answers = 0;
    await using busy = startEndpoint(({ method }) =>
      method === "eth_foo" && answers++ === 0
        ? { kind: "status", status: 429, headers: { "retry-after": seconds } }
        : undefined
    );
    const { pool, clock } = createPool([busy.url]);
    assert.equal(await pool.read("eth_foo"), "eth_foo");
    assert.deepEqual(clock.sleptMs, [sleptMs]);
  }
});

Deno.test("createEndpointPool() does not retry a definite error", async () => {
  const error = { code: 3, message: "execution reverted", data: "0xabcd" };
  await using first = startEndpoint(({ method }) =>
    method === "eth_call" ? { kind: "rpc-error", error } : undefined
  );
  await using second = startEndpoint();
  const { pool } = createPool([first.url, second.url]);
  await assert.rejects(() => pool.read("eth_call"), (caught: ChainError) => {
    assert.ok(caught instanceof ChainError);
    assert.equal(caught.revertData, "0xabcd");
    return true;
  });
  assert.equal(first.count("eth_call"), 1);
  assert.equal(second.calls.length, 0);
});

Deno.test("createEndpointPool() leaves out an endpoint of another chain", async () => {
  await using wrong = startEndpoint(({ method }) =>
    method === "eth_chainId" ? { kind: "result", result: "0x1" } : undefined
  );
  await using right = startEndpoint();
  const { pool } = createPool([wrong.url, right.url]);
  assert.equal(await pool.read("eth_foo"), "eth_foo");
  assert.deepEqual(await pool.broadcast(["0x01"]), [{ isAccepted: true, failures: [] }]);
  assert.deepEqual(wrong.calls.map(({ method }) => method), ["eth_chainId"]);

  const { pool: lost } = createPool([wrong.url]);
  for (const ask of [() => lost.read("eth_foo"), () => lost.broadcast(["0x01"])]) {
    await assert.rejects(ask, (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.equal(
        error.message,
        "Cannot use the chain as every RPC endpoint serves another one than chain id 7",
      );
      assert.deepEqual(error.facts, [`${wrong.url}: chain id 1, expected 7`]);
      assert.equal(error.exitCode, 2);
      return true;
    });
  }
  const { pool: half } = createPool([wrong.url, closedUrl()]);
  await assert.rejects(() => half.read("eth_foo"), UnreachableError);
});

Deno.test("EndpointPool.each() gives every endpoint of the chain by itself, those that failed lately last", async () => {
  await using wrong = startEndpoint(({ method }) =>
    method === "eth_chainId" ? { kind: "result", result: "0x1" } : undefined
  );
  await using down = startEndpoint(({ method }) =>
    method === "eth_chainId" ? undefined : { kind: "status", status: 503 }
  );
  await using good = startEndpoint();
  const { pool } = createPool([wrong.url, down.url, good.url], { rounds: 2 });
  const [first, second, third] = pool.each();
  await assert.rejects(() => first!.read("eth_foo"), UnreachableError);
  await assert.rejects(() => second!.read("eth_foo"), UnreachableError);
  assert.equal(await third!.read("eth_foo"), "eth_foo");
  // Nobody answered for another one.
  assert.deepEqual([wrong.count("eth_foo"), down.count("eth_foo"), good.count("eth_foo")], [0, 2, 1]);
  const later = pool.each();
  assert.equal(later.length, 2);
  assert.equal(await later[0]!.read("eth_foo"), "eth_foo");
});

Deno.test("EndpointPool.broadcast() hands the bytes to all and counts already-known as accepted", async () => {
  const known = {
    kind: "rpc-error",
    error: { code: -32003, message: "transaction already imported" },
  } as const;
  const low = { kind: "rpc-error", error: { code: -32000, message: "nonce too low" } } as const;
  const on = (fault: Fault): FaultProxy["fault"] => ({ method }) =>
    method === "eth_sendRawTransaction" ? fault : undefined;
  await using a = startEndpoint(on(known));
  await using b = startEndpoint(on(low));
  await using c = startEndpoint();
  const [all] = await createPool([a.url, b.url, c.url]).pool.broadcast(["0x01"]);
  assert.equal(all!.isAccepted, true);
  for (const proxy of [a, b, c]) assert.equal(proxy.count("eth_sendRawTransaction"), 1);
  assert.equal((await createPool([a.url]).pool.broadcast(["0x01"]))[0]!.isAccepted, true);
  const [refused] = await createPool([b.url]).pool.broadcast(["0x01"]);
  assert.equal(refused!.isAccepted, false);
  assert.deepEqual(refused!.failures.map(({ failure }) => failure.kind), ["nonce-too-low"]);
});

Deno.test("EndpointPool.broadcast() does not wait for an endpoint that hangs once another accepted", async () => {
  await using slow = startEndpoint(({ method }) => method === "eth_chainId" ? undefined : { kind: "hang" });
  await using quick = startEndpoint();
  const { pool } = createPool([slow.url, quick.url], { timeoutMs: 60_000 });
  assert.deepEqual(await pool.broadcast(["0x01"]), [{ isAccepted: true, failures: [] }]);
});

Deno.test("createEndpointPool() stops at the caller's signal", async () => {
  await using slow = startEndpoint(() => ({ kind: "hang" }));
  const { pool } = createPool([slow.url], { timeoutMs: 60_000 });
  for (const ask of [pool.read.bind(null, "eth_foo", []), pool.broadcast.bind(null, ["0x01"])]) {
    const abort = new AbortController();
    const asked = ask({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await assert.rejects(asked, { message: "enough" });
  }
});

Deno.test("createEndpointPool() takes HTTPS and WSS only, loopback excepted", () => {
  const open = (url: string) => createPool([url]);
  for (
    const url of [
      "https://rpc.example.org/k",
      "http://localhost:1",
      "http://127.0.0.1:1",
      "http://127.9.9.9",
      "http://[::1]:1",
    ]
  ) {
    open(url);
  }
  for (
    const url of [
      "http://rpc.example.org/k",
      "http://127.0.0.1.example.org/",
      "http://10.0.0.1/",
      "ws://rpc.example.org/",
      "file:///etc/passwd",
    ]
  ) {
    assert.throws(() => open(url), {
      name: "UsageError",
      message: "Cannot use the RPC endpoint as it is neither HTTPS nor WSS",
    });
  }
  assert.throws(() => open("http://rpc.example.org/secretkey"), (error: UsageError) => {
    assert.deepEqual(error.facts, ["endpoint: http://rpc.example.org/[secret]"]);
    return true;
  });
  assert.throws(() => open("rpc.example.org"), {
    message: "Cannot use the RPC endpoint as its URL is malformed",
  });
  assert.throws(() => createPool([]), { message: "Cannot reach the chain as no RPC endpoint is configured" });
});

Deno.test("createEndpointPool() sends user info as Basic authorization", async () => {
  const seen: (string | null)[] = [];
  const fetch = (url: string, init: RequestInit) => {
    assert.equal(url, "https://rpc.example.org/");
    seen.push(new Headers(init.headers).get("authorization"));
    return Promise.resolve(Response.json({ jsonrpc: "2.0", id: 1, result: "0x7" }));
  };
  await createPool(["https://me:p%40ss@rpc.example.org"], { fetch }).pool.read("eth_chainId");
  assert.deepEqual(seen, [`Basic ${btoa("me:p@ss")}`, `Basic ${btoa("me:p@ss")}`]);
});
