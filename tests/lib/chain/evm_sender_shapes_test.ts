import assert from "node:assert/strict";
import { FeeCapExceededError } from "../../../lib/core/fee_policy.ts";
import type { ChainError } from "../../../lib/chain/chain_error.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { hashOf, openSender, store } from "../../_fakes/open_sender.ts";

Deno.test("createEvmSender() beside what the failures test", async (t) => {
  await using chain = await startChainFixture(["--no-mining"]);
  const { devnet, contract } = chain;
  const countOf = async (account: number) =>
    Number(await devnet.request("eth_getTransactionCount", [devnet.accounts[account]!.address, "latest"]));
  const request = (key: string, hash: string, shape = "store") => ({
    key,
    purpose: "store the hash",
    to: contract,
    data: store(hash),
    shape,
  });
  /** Mines until it is settled. */
  async function mineUntil<T>(done: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => isDone = true;
    done.then(end, end);
    while (!isDone) {
      await devnet.request("evm_mine");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return await done;
  }

  await t.step("asks for one estimate for all requests of a shape", async () => {
    await using proxy = startFaultProxy(devnet.rpcUrl);
    await using opened = await openSender(chain, 1, { urls: [proxy.url] });
    const { sender } = opened;
    await mineUntil(
      Promise.all(Array.from({ length: 30 }, (_, n) => sender.send(request(`a ${n}`, hashOf(n))))),
    );
    await mineUntil(sender.send(request("later", hashOf(99))));
    assert.equal(proxy.count("eth_estimateGas"), 1);
    await mineUntil(sender.send(request("another shape", hashOf(98), "other")));
    assert.equal(proxy.count("eth_estimateGas"), 2);
    assert.equal(await countOf(1), 32);
  });

  await t.step("a refused sample does not refuse the others of its shape", async () => {
    await using opened = await openSender(chain, 2);
    const { sender } = opened;
    // The last one of a shape is the sample.
    const results = await mineUntil(Promise.allSettled([
      sender.send(request("good", hashOf(1))),
      sender.send(request("bad in the middle", "not a hash")),
      sender.send(request("good too", hashOf(2))),
      sender.send(request("bad", "not a hash either")),
    ]));
    assert.deepEqual(results.map(({ status }) => status), [
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    for (const result of results) {
      if (result.status === "rejected") assert.equal((result.reason as ChainError).kind, "reverted");
    }
    assert.equal(await countOf(2), 2);
  });

  await t.step("speeds up a cancellation as what it is, never as the call", async () => {
    await using opened = await openSender(chain, 3);
    const { sender, journal } = opened;
    const sending = opened.send("taken back", store(hashOf(7)));
    sending.catch(() => {});
    while (journal.find("taken back")?.state !== "broadcast") await new Promise((r) => setTimeout(r, 5));
    await sender.cancel("taken back");
    const { forms } = await sender.speedUp("taken back");
    assert.deepEqual(forms.map(({ kind }) => kind), ["first", "cancel", "cancel"]);
    await assert.rejects(mineUntil(sending), {
      message: "Cannot store the hash as the transaction was cancelled",
    });
  });

  await t.step("gives a form that another process signed its time, too", async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    await using one = await openSender(chain, 6, { clock });
    const stop = new AbortController();
    const { key, ...rest } = request("slow", hashOf(9));
    const sending = one.sender.send({ key, ...rest }, { signal: stop.signal });
    while (one.journal.find(key)?.state !== "broadcast") await new Promise((r) => setTimeout(r, 5));
    stop.abort(new Error("enough"));
    await assert.rejects(sending, { message: "enough" });
    await one.sender.idle();
    one.journal.rest();
    aheadMs = 100_000;
    {
      await using other = await openSender(chain, 6, { clock });
      await other.sender.speedUp(key);
    }
    await one.journal.hold();
    await one.sender.tick();
    const kinds = () => one.journal.find(key)!.forms.map(({ kind }) => kind);
    assert.deepEqual(kinds(), ["first", "speed-up"]);
    aheadMs = 200_000;
    await one.sender.tick();
    assert.deepEqual(kinds(), ["first", "speed-up", "speed-up"]);
    await devnet.request("evm_mine");
  });

  await t.step("fills no nonce that is in a block which the endpoint has not seen yet", async () => {
    await using proxy = startFaultProxy(devnet.rpcUrl);
    await using opened = await openSender(chain, 4, {
      urls: [proxy.url],
      rebroadcastAfterMs: 0,
    });
    await mineUntil(opened.send("mined"));
    const waiting = opened.send("waiting");
    waiting.catch(() => {});
    while (opened.journal.find("waiting")?.state !== "broadcast") await new Promise((r) => setTimeout(r, 5));
    const { address } = opened.sender;
    // Behind by the block with the first one, and it never heard of the second.
    let lies = 0;
    proxy.fault = ({ method, params }) => {
      const isNonce = method === "eth_getTransactionCount" && params[0] === address;
      if (isNonce) lies++;
      return isNonce ? { kind: "result", result: "0x0" } : undefined;
    };
    while (lies < 20) await new Promise((r) => setTimeout(r, 5));
    proxy.fault = () => undefined;
    await mineUntil(waiting);
    assert.equal(opened.journal.metrics().gapsFilled, 0);
    assert.equal(await countOf(4), 2);
  });

  await t.step("signs nothing that may cost more than one transaction may", async () => {
    await using opened = await openSender(chain, 5, {
      feePolicy: { capWei: 100_000_000_000n, maxTransactionCostWei: 1_000n },
    });
    await assert.rejects(() => opened.send("dear"), (error: FeeCapExceededError) => {
      assert.ok(error instanceof FeeCapExceededError);
      assert.equal(error.message, "Cannot store the hash as the network fee is above the cap");
      assert.match(error.facts[0]!, /^fee: \d{12,} wei for the transaction$/);
      assert.equal(error.facts[1], "cap: 1000 wei for the transaction");
      assert.match(error.hint!, /POT_MAX_TRANSACTION_COST$/);
      return true;
    });
    assert.equal(opened.journal.nextNonce(), 0);
  });
});
