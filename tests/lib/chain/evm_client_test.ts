import assert from "node:assert/strict";
import { type PotError, UsageError } from "../../../lib/core/errors.ts";
import { FeeCapExceededError } from "../../../lib/core/fee_policy.ts";
import type { EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { headOf, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { openSender } from "../../_fakes/open_sender.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";
import { startFaultProxy } from "../../_fakes/fault_proxy.ts";

const HASH = "ab".repeat(32);

Deno.test("createEvmClient() on a chain of its own", async (t) => {
  await using chain = await startChainFixture();
  const { devnet } = chain;
  const sentBy = async (account: number) =>
    Number(await devnet.request("eth_getTransactionCount", [devnet.accounts[account]!.address, "latest"]));

  await t.step("stores, gives back and compares a hash", async () => {
    await using client = chain.client();
    const stored = await client.storeHash(HASH, '{"epoch":1}');
    assert.equal(stored.transactionId, "1");
    assert.equal(stored.submitter, devnet.accounts[1]!.address);
    assert.match(stored.transactionHash!, /^0x[0-9a-f]{64}$/);
    const { transactionHash: _, gasUsed, contract: __, ...public_ } = stored;
    assert.ok(gasUsed! > 50_000n);
    const { asOf, ...read } = (await client.retrieveHash("1"))!;
    assert.deepEqual(read, public_);
    assert.equal(asOf?.isFinal, false);
    assert.equal(await client.verifyHash(HASH, "1"), true);
    assert.equal(await client.verifyHash("cd".repeat(32), "1"), false);
    for (
      const unknown of [
        "2",
        "0",
        "01",
        "-1",
        "",
        "x",
        "6f0e2b9c-1f9e-4d5f-9f61-111111111111",
        `${1n << 256n}`,
      ]
    ) {
      assert.equal(await client.retrieveHash(unknown), undefined, unknown);
      assert.equal(await client.verifyHash(HASH, unknown), false, unknown);
    }
  });

  await t.step("answers a known key with the first write, also after reopening", async () => {
    const before = await sentBy(1);
    let first;
    {
      await using client = chain.client();
      first = await client.storeHash(HASH, "first", { key: "k" });
      const again = await client.storeHash("cd".repeat(32), "second", { key: "k" });
      assert.deepEqual(again, first);
    }
    await using reopened = chain.client();
    assert.deepEqual(await reopened.storeHash("ef".repeat(32), "third", { key: "k" }), first);
    assert.equal(await sentBy(1), before + 1);
  });

  await t.step("takes turns with others that send with its key, and waits a while for its own", async () => {
    const account = 5;
    const before = await sentBy(account);
    await using daemon = chain.client({ account });
    await using command = chain.client({ account });
    await daemon.storeHash(HASH, "", { key: "turn-1" });
    await command.storeHash(HASH, "", { key: "turn-2" });
    await Promise.all([daemon.settle(), command.storeHash(HASH, "", { key: "turn-3" })]);
    // Known to the other by now.
    await daemon.storeHash(HASH, "", { key: "turn-3" });
    assert.equal(await sentBy(account), before + 3);

    const clock = createRacingClock();
    await using late = chain.client({ account, clock });
    const holder = await openSender(chain, account);
    const started = clock.now();
    await assert.rejects(() => late.storeHash(HASH, "", { key: "turn-4" }), {
      message: "Cannot send as another process is sending with the same key",
    });
    assert.ok(clock.now() - started >= 5_000);
    const gone = new AbortController();
    await using waiting = chain.client({ account });
    const storing = waiting.storeHash(HASH, "", { key: "turn-4", signal: gone.signal });
    gone.abort(new Error("gone"));
    await assert.rejects(storing, { message: "gone" });
    await holder[Symbol.asyncDispose]();
    await late.storeHash(HASH, "", { key: "turn-4" });
  });

  await t.step("refuses what the contract would, before anything is sent", async () => {
    await using client = chain.client();
    const before = await sentBy(1);
    for (const hash of ["", "AB".repeat(32), `0x${HASH.slice(2)}`, `${HASH}ab`]) {
      await assert.rejects(() => client.storeHash(hash, ""), {
        name: "UsageError",
        message: "Cannot store the hash as it is not 64 lowercase hex characters",
      });
    }
    await assert.rejects(() => client.storeHash(HASH, "é".repeat(1_025)), {
      message: "Cannot store the hash as its metadata is longer than 2048 bytes",
    });
    await assert.rejects(() => client.storeHash(HASH, "\ud800"), { name: "UsageError" });
    assert.equal((await client.storeHash(HASH, "é".repeat(1_024))).metadata, "é".repeat(1_024));
    assert.equal(await sentBy(1), before + 1);
  });

  await t.step("anchors to final", async () => {
    await using client = chain.client({ confirmations: 3 });
    const anchored = await client.anchor(headOf(5), { waitForConfirmations: false }) as EvmAnchorFacts;
    assert.equal(anchored.state, "anchored");
    assert.equal(anchored.chainId, "eip155:31337");
    assert.equal(anchored.submitter, devnet.accounts[1]!.address);
    assert.equal(anchored.transactionHashes.length, 1);
    assert.equal(anchored.inclusion?.transactionHash, anchored.transactionHashes[0]);
    assert.equal(anchored.inclusion?.logIndex, 0);
    await devnet.request("anvil_mine", ["0x2"]);
    const confirmed = await client.refresh(anchored) as EvmAnchorFacts;
    const { receiptProof, ...inclusion } = confirmed.inclusion!;
    assert.equal(typeof receiptProof, "object");
    assert.deepEqual({ ...confirmed, inclusion }, { ...anchored, state: "confirmed" });
    assert.deepEqual(await client.anchor(headOf(5)), { ...anchored, state: "confirmed" });
    await devnet.request("anvil_mine", ["0x50"]);
    const final = await client.refresh(confirmed);
    assert.deepEqual(final, { ...confirmed, state: "final" });
    assert.equal(await client.refresh(final), final);
    assert.deepEqual(await client.anchor(headOf(5)), { ...anchored, state: "final" });
  });

  await t.step("does not anchor a head again whose journal was lost", async () => {
    const before = await sentBy(1);
    await Deno.mkdir(`${chain.folder}/elsewhere`);
    await using client = chain.client({ journalFolder: `${chain.folder}/elsewhere` });
    const facts = await client.anchor(headOf(5)) as EvmAnchorFacts;
    assert.equal(facts.state, "final");
    assert.equal(await sentBy(1), before);
    await assert.rejects(() => client.anchor(headOf(5, 77)), {
      message: "Cannot anchor as this key has anchored another or longer log",
    });
    await assert.rejects(() => client.anchor(headOf(4)), {
      message: "Cannot anchor as this key has anchored another or longer log",
      facts: [`account: ${devnet.accounts[1]!.address}`, "contract's size: 5", "this log's size: 4"],
    });
    assert.equal(await sentBy(1), before);
  });

  await t.step("finds a lost anchor where the endpoint limits the range of logs", async () => {
    await devnet.request("anvil_mine", ["0x5dc"]);
    await using proxy = startFaultProxy(devnet.rpcUrl);
    proxy.fault = ({ method, params }) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock: string; toBlock: string };
      return method === "eth_getLogs" && Number(toBlock) - Number(fromBlock) >= 1_000
        ? { kind: "rpc-error", error: { code: -32602, message: "block range is too wide" } }
        : undefined;
    };
    await Deno.mkdir(`${chain.folder}/third`);
    await using client = chain.client({ journalFolder: `${chain.folder}/third`, urls: [proxy.url] });
    assert.equal((await client.anchor(headOf(5))).state, "final");
    assert.ok(proxy.count("eth_getLogs") <= 5, `${proxy.count("eth_getLogs")} requests`);
  });

  await t.step(
    "reports an anchor that a reorganisation took out as pending, and anchors it again",
    async () => {
      await using client = chain.client({ account: 2 });
      const anchored = await client.anchor(headOf(3)) as EvmAnchorFacts;
      assert.equal(anchored.state, "confirmed");
      const { transactionHash } = anchored.inclusion!;
      const oldReceipt = await devnet.request("eth_getTransactionReceipt", [transactionHash]);
      await devnet.request("anvil_reorg", [1, []]);
      const { inclusion: _, ...rest } = anchored;
      assert.deepEqual(await client.refresh(anchored), { ...rest, state: "pending" });
      // Nodes go on serving receipts of replaced blocks for a while.
      await using proxy = startFaultProxy(devnet.rpcUrl, {
        fault: ({ method }) =>
          method === "eth_getTransactionReceipt" ? { kind: "result", result: oldReceipt } : undefined,
      });
      await using reader = chain.client({ urls: [proxy.url], hasKey: false });
      assert.deepEqual(await reader.refresh(anchored), { ...rest, state: "pending" });
      const again = await client.anchor(headOf(3)) as EvmAnchorFacts;
      assert.equal(again.state, "confirmed");
      assert.deepEqual(again.transactionHashes, anchored.transactionHashes);
      assert.notEqual(again.inclusion?.blockHash, anchored.inclusion?.blockHash);
    },
  );

  await t.step("says what a write lacks, and sends nothing", async () => {
    await using reader = chain.client({ hasKey: false });
    await assert.rejects(() => reader.anchor(headOf(9)), {
      name: "UsageError",
      message: "Cannot anchor as no signing key is configured",
      hint: "set POT_KEY_SOURCE, POT_KEYSTORE (pot keys new makes one) or PRIVATE_KEY",
      exitCode: 2,
    });
    assert.equal(await reader.verifyHash(HASH, "1"), true);

    const nowhere = "0x00000000000000000000000000000000000000AA";
    await using lost = chain.client({ contract: nowhere });
    for (
      const attempt of [
        () => lost.anchor(headOf(9)),
        () => lost.storeHash(HASH, ""),
        () => lost.retrieveHash("1"),
      ]
    ) {
      await assert.rejects(attempt, {
        name: "UsageError",
        message: `Cannot use the contract as there is no contract code at ${nowhere}`,
        exitCode: 2,
      });
    }
    assert.equal((await lost.health()).isHealthy, false);

    assert.throws(() => chain.client({ contract: "0x1234" }), UsageError);
  });

  await t.step("says that the contract is paused", async () => {
    await chain.ownerCalls("pauseContract");
    const before = await sentBy(1);
    await using client = chain.client();
    await assert.rejects(() => client.anchor(headOf(9)), {
      message: "Cannot anchor as the contract is paused",
      hint: "wait until its owner resumes it (pot contract unpause)",
    });
    await assert.rejects(() => client.storeHash(HASH, ""), {
      message: "Cannot store the hash as the contract is paused",
    });
    const { isHealthy, checks } = await client.health();
    assert.equal(isHealthy, false);
    assert.deepEqual(checks.map(({ name, ok }) => [name, ok]), [["endpoints", true], ["contract", true], [
      "writes",
      false,
    ]]);
    assert.equal(await sentBy(1), before);
    // What was anchored before is still answered.
    assert.equal((await client.anchor(headOf(5))).state, "final");
    await chain.ownerCalls("unpauseContract");
    assert.equal((await client.health()).isHealthy, true);
  });

  await t.step("checks funds and the fee cap before signing", async () => {
    const { address } = devnet.accounts[3]!;
    const before = await devnet.request("eth_getBalance", [address, "latest"]);
    await devnet.request("anvil_setBalance", [address, "0x10"]);
    await using poor = chain.client({ account: 3 });
    await assert.rejects(() => poor.anchor(headOf(9)), (error: PotError) => {
      assert.equal(error.message, "Cannot anchor as the account cannot pay for the gas");
      assert.equal(error.facts[0], `account: ${address}`);
      assert.match(error.hint!, /^send at least \d+ wei to the account, then try again$/);
      return true;
    });
    await devnet.request("anvil_setBalance", [address, before]);
    // Nothing of the refused attempt stays: the same head goes through now.
    assert.equal((await poor.anchor(headOf(9))).state, "confirmed");

    await using thrifty = chain.client({ account: 4, feePolicy: { capWei: 1n } });
    await assert.rejects(() => thrifty.anchor(headOf(9)), FeeCapExceededError);
    assert.equal(await sentBy(4), 0);
  });
});
