import assert from "node:assert/strict";
import type { ChainClient, StoredHash } from "../../lib/chain/chain_client.ts";
import { runChaos } from "../../cli/chaos/run_chaos.ts";

for (const seed of [11, 12, 13]) {
  Deno.test(`runChaos() finds nothing lost, doubled or overspent with seed ${seed}`, async () => {
    const result = await runChaos({ seed, submissions: 12 });
    assert.deepEqual(result.violations, [], result.history.join("\n"));
    assert.ok(result.transactions >= 12);
    assert.ok(Object.keys(result.troubles).length > 0, "nothing ever went wrong");
  });
}

/** A client with another storeHash. */
const storing =
  (storeHash: (client: ChainClient) => ChainClient["storeHash"]) => (client: ChainClient): ChainClient => ({
    ...client,
    storeHash: storeHash(client),
  });

Deno.test("runChaos() reports what a client stores twice or not at all", async () => {
  const { violations } = await runChaos({
    seed: 13,
    submissions: 6,
    wrap: storing((client) => async (hash, metadata, options = {}) => {
      const { key = "" } = options;
      if (key === "submission 2") return {} as StoredHash;
      if (key === "submission 4") await client.storeHash(hash, metadata, { key: `${key} again` });
      return await client.storeHash(hash, metadata, options);
    }),
  });
  assert.deepEqual(violations, ["submission 2 is stored 0 times", "submission 4 is stored 2 times"]);
});
