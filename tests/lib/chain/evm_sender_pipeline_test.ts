import assert from "node:assert/strict";
import type { ChainError } from "../../../lib/chain/chain_error.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { hashOf, openSender, store } from "../../_fakes/open_sender.ts";

Deno.test("createEvmSender() leaves no nonce gap when 20 sends overlap and some are refused", async () => {
  // Anvil strands ready transactions under bursts when it mines each at once; intervals never did.
  await using chain = await startChainFixture(["--block-time", "1"]);
  await using opened = await openSender(chain, 1);
  const results = await Promise.allSettled(
    Array.from({ length: 24 }, (_, i) => opened.send(`key ${i}`, store(i % 6 === 5 ? "refused" : hashOf(i)))),
  );
  const mined = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  assert.equal(mined.length, 20);
  assert.equal(new Set(mined.map(({ transactionHash }) => transactionHash)).size, 20);
  assert.deepEqual(
    opened.journal.live().map(({ nonce, state }) => [nonce, state]),
    Array.from({ length: 20 }, (_, i) => [i, "confirmed"]),
  );
  for (const result of results) {
    if (result.status === "rejected") assert.equal((result.reason as ChainError).kind, "reverted");
  }
});
