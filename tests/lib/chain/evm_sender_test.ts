import assert from "node:assert/strict";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingBytecode } from "../../../contracts/artifact.ts";
import type { ChainError } from "../../../lib/chain/chain_error.ts";
import type { EndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { type PotError, UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { type Fault, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { hashOf, openSender, store } from "../../_fakes/open_sender.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

const dies = (pool: EndpointPool): EndpointPool => ({
  ...pool,
  broadcast: () => Promise.reject(new Error("the power went")),
});

Deno.test("createEvmSender() on a chain of its own", async (t) => {
  await using chain = await startChainFixture();
  const { devnet, contract } = chain;
  const minedBy = async (account: number) =>
    Number(
      await devnet.request("eth_getTransactionCount", [
        devnet.accounts[account]!.address,
        "latest",
      ]),
    );

  await t.step("deploys a contract", async () => {
    await using opened = await openSender(chain, 1);
    const data = encodeDeployData({
      abi: proofOfTrainingAbi,
      bytecode: proofOfTrainingBytecode,
      args: [opened.sender.address, `0x${"00".repeat(20)}`],
    });
    const mined = await opened.sender.send({
      key: "deploy",
      purpose: "deploy the contract",
      data,
    });
    assert.notEqual(
      await devnet.request("eth_getCode", [mined.contractAddress, "latest"]),
      "0x",
    );
  });

  await t.step(
    "shares one transaction among calls with the same key",
    async () => {
      await using opened = await openSender(chain, 1);
      const before = await minedBy(1);
      const all = await Promise.all([
        opened.send("same"),
        opened.send("same"),
        opened.send("same"),
      ]);
      assert.equal(
        new Set(all.map(({ transactionHash }) => transactionHash)).size,
        1,
      );
      assert.equal(await minedBy(1), before + 1);
      assert.equal(opened.sender.has("same"), true);
      assert.equal(opened.sender.has("other"), false);
    },
  );

  await t.step(
    "sends what was signed and never broadcast before a restart, once",
    async () => {
      let hash: string;
      {
        await using killed = await openSender(chain, 2, { wrap: dies });
        await assert.rejects(() => killed.send("a"), {
          message: "the power went",
        });
        assert.equal(killed.journal.find("a")?.state, "signed");
        hash = killed.journal.find("a")!.forms[0]!.hash;
      }
      assert.equal(await minedBy(2), 0);
      {
        await using reopened = await openSender(chain, 2);
        assert.equal(reopened.sender.has("a"), true);
        assert.equal((await reopened.send("a")).transactionHash, hash);
        assert.equal(reopened.journal.find("a")?.state, "confirmed");
      }
      await using third = await openSender(chain, 2);
      assert.equal((await third.send("a")).transactionHash, hash);
      assert.equal(await minedBy(2), 1);
    },
  );

  await t.step(
    "sends the ones below when a later key is asked for first",
    async () => {
      {
        await using killed = await openSender(chain, 3, { wrap: dies });
        await Promise.all(["a", "b"].map((key) => assert.rejects(() => killed.send(key))));
        assert.deepEqual(killed.journal.live().map(({ nonce }) => nonce), [
          0,
          1,
        ]);
      }
      await using reopened = await openSender(chain, 3);
      await reopened.send("b");
      assert.equal(await minedBy(3), 2);
      await reopened.send("a");
      assert.equal(await minedBy(3), 2);
    },
  );

  await t.step(
    "sends a new key although older ones were never broadcast",
    async () => {
      {
        await using killed = await openSender(chain, 4, { wrap: dies });
        await assert.rejects(() => killed.send("a"));
      }
      // Sooner than a rebroadcast would fill the gap.
      await using reopened = await openSender(chain, 4, { patienceMs: 3_000 });
      await reopened.send("b");
      assert.equal(await minedBy(4), 2);
    },
  );

  for (
    const [what, fault] of [
      ["accepts and answers 504", { kind: "forward-then-status", status: 504 }],
      ["accepts and answers 502", { kind: "forward-then-status", status: 502 }],
    ] as [string, Fault][]
  ) {
    await t.step(
      `finds its transaction when the endpoint ${what}`,
      async () => {
        await using proxy = startFaultProxy(devnet.rpcUrl, {
          fault: ({ method }) => method === "eth_sendRawTransaction" ? fault : undefined,
        });
        await using opened = await openSender(chain, 5, { urls: [proxy.url] });
        const before = await minedBy(5);
        await opened.send(what);
        assert.equal(await minedBy(5), before + 1);
        assert.equal(proxy.count("eth_sendRawTransaction"), 1);
        assert.equal(opened.journal.find(what)?.state, "confirmed");
      },
    );
  }

  await t.step(
    "broadcasts the same bytes again until an endpoint takes them",
    async () => {
      await using proxy = startFaultProxy(devnet.rpcUrl);
      proxy.fault = ({ method }) =>
        method === "eth_sendRawTransaction" && proxy.count(method) < 4
          ? { kind: "status", status: 503 }
          : undefined;
      await using opened = await openSender(chain, 5, { urls: [proxy.url] });
      const before = await minedBy(5);
      await opened.send("stubborn");
      const raws = proxy.calls.filter(({ method }) => method === "eth_sendRawTransaction").map(({ params }) =>
        params[0]
      );
      assert.equal(raws.length, 4);
      assert.equal(new Set(raws).size, 1);
      assert.equal(await minedBy(5), before + 1);
    },
  );

  await t.step("gives up as unreachable, and resumes later", async () => {
    await using proxy = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) => method === "eth_sendRawTransaction" ? { kind: "html", status: 502 } : undefined,
    });
    await using opened = await openSender(chain, 5, {
      urls: [proxy.url],
      clock: createRacingClock(),
      patienceMs: 500,
    });
    const before = await minedBy(5);
    await assert.rejects(
      () => opened.send("later"),
      (error: UnreachableError) => {
        assert.ok(error instanceof UnreachableError);
        assert.equal(
          error.message,
          "Cannot tell whether the chain took the transaction to store the hash as it is not deep enough in a block yet",
        );
        assert.equal(error.exitCode, 4);
        return true;
      },
    );
    assert.equal(opened.journal.find("later")?.state, "unknown");
    assert.equal(await minedBy(5), before);
    proxy.fault = () => undefined;
    await opened.send("later");
    assert.equal(await minedBy(5), before + 1);
  });

  await t.step("throws a revert before anything is signed", async () => {
    await using opened = await openSender(chain, 6);
    await assert.rejects(
      () => opened.send("bad", store("not a hash")),
      (error: ChainError) => {
        assert.equal(error.kind, "reverted");
        assert.equal(
          error.message,
          "Cannot store the hash as the hash is not 64 lowercase hex characters",
        );
        assert.deepEqual(error.facts, [
          "contract error: InvalidHash(not a hash)",
        ]);
        return true;
      },
    );
    assert.deepEqual(opened.journal.live(), []);
    assert.equal(opened.sender.has("bad"), false);
    assert.equal(await minedBy(6), 0);
  });

  await t.step(
    "reports a transaction that reverted in its block, and sends anew when asked again",
    async () => {
      await using opened = await openSender(chain, 6);
      await devnet.request("evm_setAutomine", [false]);
      const sending = opened.send("raced");
      const failed = assert.rejects(() => sending, (error: ChainError) => {
        assert.equal(
          error.message,
          "Cannot store the hash as the contract is paused",
        );
        assert.match(error.facts[1]!, /^transaction: 0x[0-9a-f]{64}$/);
        return true;
      });
      while (opened.journal.find("raced")?.state !== "broadcast") {
        await systemClock.sleep(5);
      }
      // Ahead of ours in the same block, as it pays more.
      const pause = encodeFunctionData({
        abi: proofOfTrainingAbi,
        functionName: "pauseContract",
      });
      const from = devnet.accounts[0]!.address;
      await devnet.request("eth_sendTransaction", [{
        from,
        to: contract,
        data: pause,
        maxFeePerGas: "0x174876e800",
        maxPriorityFeePerGas: "0x174876e800",
      }]);
      await devnet.request("evm_mine");
      await failed;
      await devnet.request("evm_setAutomine", [true]);
      const entry = opened.journal.find("raced")!;
      assert.equal(entry.state, "confirmed");
      assert.equal(
        entry.failure,
        "Cannot store the hash as the contract is paused",
      );
      await chain.ownerCalls("unpauseContract");
      // A reorganisation could still turn it round, so a second one could store the hash twice.
      await assert.rejects(() => opened.send("raced"), {
        message: "Cannot store the hash as the contract is paused",
      });
      await devnet.request("anvil_mine", ["0x50"]);
      await opened.sender.tick();
      assert.equal(opened.journal.settled("raced")?.state, "failed");
      assert.equal(opened.sender.has("raced"), false);
      const mined = await opened.send("raced");
      assert.notEqual(mined.transactionHash, entry.forms[0]!.hash);
      assert.deepEqual(opened.journal.live().map(({ state }) => state), [
        "confirmed",
      ]);
    },
  );

  await t.step("tells when another transaction took its nonce", async () => {
    {
      await using killed = await openSender(chain, 7, { wrap: dies });
      await assert.rejects(() => killed.send("a"));
    }
    const { address } = devnet.accounts[7]!;
    await devnet.request("eth_sendTransaction", [{
      from: address,
      to: address,
    }]);
    await using reopened = await openSender(chain, 7);
    await assert.rejects(() => reopened.send("a"), (error: ChainError) => {
      assert.equal(error.kind, "nonce-too-low");
      assert.equal(
        error.message,
        "Cannot store the hash as another transaction of this key took its nonce",
      );
      return true;
    });
    assert.deepEqual(
      reopened.journal.events().map(({ name, subject }) => [name, subject]),
      [
        ["foreign-transaction", "nonce 0"],
      ],
    );
    // The other one may still be reorganised away, and ours be mined after all.
    await assert.rejects(() => reopened.send("a"), { name: "ChainError" });
    await devnet.request("anvil_mine", ["0x50"]);
    await reopened.send("a");
    assert.equal(await minedBy(7), 2);
  });

  await t.step(
    "broadcasts again what a reorganisation dropped while it waits",
    async () => {
      await using opened = await openSender(chain, 8, {
        confirmations: 3,
        patienceMs: 3_000,
      });
      const sending = opened.send("deep");
      while (opened.journal.find("deep")?.state !== "mined") {
        await systemClock
          .sleep(5);
      }
      const first = opened.journal.find("deep")!.mined!;
      await devnet.request("anvil_reorg", [1, []]);
      const isBack = () => {
        const { blockHash } = opened.journal.find("deep")?.mined ?? {};
        return blockHash !== undefined && blockHash !== first.blockHash;
      };
      while (!isBack()) await systemClock.sleep(5);
      await devnet.request("anvil_mine", ["0x2"]);
      const mined = await sending;
      assert.equal(mined.transactionHash, first.transactionHash);
      assert.notEqual(mined.blockHash, first.blockHash);
    },
  );

  await t.step(
    "stops waiting at the caller's signal or when it is closed, and resumes",
    async () => {
      await devnet.request("evm_setAutomine", [false]);
      const before = await minedBy(9);
      const request = {
        key: "w",
        purpose: "store the hash",
        to: contract,
        data: store(hashOf(1)),
      };
      {
        await using opened = await openSender(chain, 9);
        const abort = new AbortController();
        const sending = opened.sender.send(request, { signal: abort.signal });
        const rejected = assert.rejects(() => sending, { message: "enough" });
        while (opened.journal.find("w")?.state !== "broadcast") {
          await systemClock.sleep(5);
        }
        abort.abort(new Error("enough"));
        await rejected;
        const left = assert.rejects(() => opened.sender.send(request), {
          name: "AbortError",
        });
        await opened.sender[Symbol.asyncDispose]();
        await left;
      }
      await devnet.request("evm_mine");
      await devnet.request("evm_setAutomine", [true]);
      await using reopened = await openSender(chain, 9);
      await reopened.sender.send(request);
      assert.equal(await minedBy(9), before + 1);
    },
  );

  await t.step("refuses a second sender with the same key", async () => {
    await using _first = await openSender(chain, 8);
    await assert.rejects(() => openSender(chain, 8), (error: PotError) => {
      assert.equal(
        error.message,
        "Cannot send as another process is sending with the same key",
      );
      assert.equal(error.facts[0], `account: ${devnet.accounts[8]!.address}`);
      return true;
    });
  });

  await t.step("stops before signing when the chain id changed", async () => {
    await using opened = await openSender(chain, 8);
    await opened.send("right chain");
    await devnet.request("anvil_setChainId", [1]);
    try {
      await assert.rejects(
        () => opened.send("wrong chain"),
        (error: UsageError) => {
          assert.ok(error instanceof UsageError);
          assert.equal(
            error.message,
            "Cannot use the chain as every RPC endpoint serves another one than chain id 31337",
          );
          return true;
        },
      );
    } finally {
      await devnet.request("anvil_setChainId", [devnet.chainId]);
    }
    assert.equal(opened.sender.has("wrong chain"), false);
  });

  await t.step(
    "stops before signing when the chain lost confirmed transactions",
    async () => {
      await using opened = await openSender(chain, 8);
      await opened.send("kept");
      await devnet.request("anvil_reset");
      await devnet.request("anvil_setCode", [contract, "0x00"]);
      await assert.rejects(() => opened.send("next"), {
        name: "UnreachableError",
        message: "Cannot send as the RPC endpoint is behind the transaction journal",
      });
    },
  );
});
