import assert from "node:assert/strict";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { createStoredHashCache } from "../../../lib/chain/stored_hash_cache.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { hashOf } from "../../_fakes/open_sender.ts";

Deno.test("createStoredHashCache() keeps final records for good and recent ones for a time, and says which", async () => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  await using proxy = startFaultProxy(chain.devnet.rpcUrl);
  await using client = chain.client();
  for (let n = 1; n <= 3; n++) await client.storeHash(hashOf(n), "");
  let nowMs = 1_000;
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  const endpoints = createEndpointPool({ urls: [proxy.url], chainId: chain.devnet.chainId, clock });
  const cache = createStoredHashCache({
    endpoints,
    contract: chain.contract,
    clock,
    ttlMs: 500,
    maxEntries: 2,
  });
  const asked = async (id: bigint) => {
    const before = proxy.count("eth_call");
    const stored = await cache.get(id);
    return { hash: stored?.hash, asOf: stored?.asOf, calls: proxy.count("eth_call") - before };
  };

  assert.deepEqual(await asked(3n), { hash: hashOf(3), asOf: { isFinal: false, readAtMs: 1_000 }, calls: 2 });
  nowMs = 1_499;
  assert.deepEqual(await asked(3n), { hash: hashOf(3), asOf: { isFinal: false, readAtMs: 1_000 }, calls: 0 });
  // Too old to be believed, and final by now.
  nowMs = 1_500;
  await chain.devnet.request("anvil_mine", ["0x4"]);
  assert.deepEqual(await asked(3n), { hash: hashOf(3), asOf: { isFinal: true, readAtMs: 1_500 }, calls: 1 });
  nowMs = 1_000_000_000;
  assert.equal((await asked(3n)).calls, 0);

  // What is not there is never kept.
  assert.deepEqual([(await asked(9n)).hash, (await asked(9n)).calls], [undefined, 2]);
  // Bounded: the one that was asked for longest ago goes first.
  await asked(1n);
  await asked(3n);
  await asked(2n);
  assert.equal((await asked(3n)).calls, 0);
  assert.equal((await asked(1n)).calls, 1);
});
