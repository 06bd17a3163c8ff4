import assert from "node:assert/strict";
import { endpointsCheck } from "../../../jobs/checks/endpoints_check.ts";
import type { EndpointProbe } from "../../../lib/chain/probe_endpoint.ts";

const signal = new AbortController().signal;
const good: EndpointProbe = {
  endpoint: "https://rpc.example",
  chainId: 137n,
  headNumber: 100n,
  headAgeSeconds: 2,
  latencyMs: 40,
};

async function look(probes: readonly EndpointProbe[], finalQuorum = 1) {
  const check = endpointsCheck({
    probes: probes.map((probe) => () => Promise.resolve(probe)),
    chainId: 137,
    finalQuorum,
    maxHeadAgeSeconds: 180,
  });
  return await check.look({ signal });
}

Deno.test("endpointsCheck() calls each endpoint by its place, never by its URL", async () => {
  assert.deepEqual(await look([good]), [
    {
      subject: "endpoint-1",
      status: "ok",
      reason: "block 100",
      values: { headNumber: 100, lagBlocks: 0, headAgeSeconds: 2, latencyMs: 40, p95Ms: 40 },
      details: { address: "https://rpc.example" },
    },
    {
      check: "quorum",
      status: "ok",
      reason: "1 of 1 endpoints are usable, 1 needed",
      values: { healthyCount: 1, neededCount: 1 },
    },
  ]);
});

Deno.test("endpointsCheck() tells silence, another chain, lag and an old head apart", async () => {
  const seen = await look([
    good,
    { endpoint: "b", failure: "no answer in 10000 ms" },
    { ...good, chainId: 1n, headNumber: 9_000n },
    { ...good, headNumber: 94n },
    { ...good, headAgeSeconds: 181 },
  ], 3);
  assert.deepEqual(seen.map(({ status, reason }) => [status, reason]), [
    ["ok", "block 100"],
    ["failed", "no answer in 10000 ms"],
    ["failed", "serves chain id 1, not 137"],
    ["degraded", "6 blocks behind the best endpoint"],
    ["degraded", "its newest block is 181 s old"],
    ["degraded", "1 of 5 endpoints are usable, 3 needed"],
  ]);
});

Deno.test("endpointsCheck() calls a chain that stands still degraded: its endpoints answer, and agree", async () => {
  const old = { ...good, headAgeSeconds: 181 };
  const quorumOf = async (probes: readonly EndpointProbe[]) => {
    const { status, reason } = (await look(probes)).at(-1)!;
    return [status, reason];
  };
  const still = ["degraded", "the chain stands still: no endpoint has a new block"];
  assert.deepEqual(await quorumOf([old, old]), still);
  assert.deepEqual(await quorumOf([old, { endpoint: "b", failure: "refused" }]), still);
  assert.deepEqual(await quorumOf([{ ...old, chainId: 1n }]), [
    "failed",
    "0 of 1 endpoints are usable, 1 needed",
  ]);
});

Deno.test("endpointsCheck() says that no endpoint answers when none does", async () => {
  const seen = await look([{ endpoint: "a", failure: "refused" }, { endpoint: "b", failure: "refused" }]);
  assert.deepEqual([seen.at(-1)!.status, seen.at(-1)!.reason], ["failed", "no endpoint answers"]);
});

Deno.test("endpointsCheck() takes the 95th percentile of the last hour's answers", async () => {
  let latencyMs = 0;
  const check = endpointsCheck({
    probes: [() => Promise.resolve({ ...good, latencyMs: ++latencyMs })],
    chainId: 137,
    finalQuorum: 1,
    maxHeadAgeSeconds: 180,
  });
  let p95: number | undefined;
  for (let i = 0; i < 100; i++) p95 = (await check.look({ signal }))[0]!.values?.["p95Ms"];
  // Of 41 to 100, the 57th.
  assert.equal(p95, 97);
});
