import assert from "node:assert/strict";
import { join } from "node:path";
import type { ChainError } from "../../lib/chain/chain_error.ts";
import { readContractLogs } from "../../lib/chain/read_contract_logs.ts";
import { hashStoredTopics } from "../../lib/chain/contract_events.ts";
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import type { TransactionJournal } from "../../lib/chain/journal.ts";
import { createWritePause } from "../../lib/chain/write_pause.ts";
import { PotError, UnreachableError } from "../../lib/core/errors.ts";
import { FeeCapExceededError, FeeDeferredError } from "../../lib/core/fee_policy.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { createKillableFiles, KilledError } from "../../cli/chaos/killable_files.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { hashOf, openSender, store } from "../_fakes/open_sender.ts";
import { createRacingClock } from "../_fakes/racing_clock.ts";

/** The failures that lose, double or overspend where nobody thought of them; one step each, on one chain. */
Deno.test("createEvmSender() meets each failure of real networks", async (t) => {
  // Final is what is two blocks old.
  await using chain = await startChainFixture(["--accounts", "40", "--slots-in-an-epoch", "1"]);
  const { devnet, contract, folder } = chain;
  let account = 0;
  const nextAccount = () => ++account;
  const addressOf = (at: number) => devnet.accounts[at]!.address;
  const nonceOf = async (at: number, tag = "latest") =>
    Number(await devnet.request("eth_getTransactionCount", [addressOf(at), tag]));
  const mine = (blocks = 1) => devnet.request("anvil_mine", [`0x${blocks.toString(16)}`]);
  const withoutMining = async (work: () => Promise<void>) => {
    await devnet.request("evm_setAutomine", [false]);
    try {
      await work();
    } finally {
      await devnet.request("evm_setAutomine", [true]);
    }
  };
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await systemClock.sleep(5);
  };

  await t.step("nonce gap: a no-op takes a nonce that fell out of a pool", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      // A wallet of the same key has a transaction in the pool, so ours queues behind it; then the wallet's is gone.
      const foreign = await devnet.request("eth_sendTransaction", [{
        from: addressOf(at),
        to: addressOf(at),
      }]);
      await using opened = await openSender(chain, at, { rebroadcastAfterMs: 50 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      assert.equal(opened.journal.find("a")?.nonce, 1);
      await devnet.request("anvil_dropTransaction", [foreign]);
      await until(() => opened.journal.live().filter(({ state }) => state === "broadcast").length === 2);
      await mine();
      await sending;
      assert.deepEqual(opened.journal.events().map(({ name, subject }) => [name, subject]), [[
        "nonce-gap-filled",
        "nonce 0",
      ]]);
      assert.equal(opened.journal.metrics().gapsFilled, 1);
    });
    assert.equal(await nonceOf(at), 2);
  });

  await t.step("stuck: a form that pays at least 12.5 % more replaces it, under the cap", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await openSender(chain, at, { stuckAfterMs: 100, rebroadcastAfterMs: 50 });
      const sending = opened.send("a");
      await until(() => (opened.journal.find("a")?.forms.length ?? 0) >= 3);
      await mine();
      const mined = await sending;
      const fees = (opened.journal.find("a")?.forms ?? []).map(({ fees }) =>
        fees.type === "eip1559" ? fees : undefined
      );
      for (const [later, fee] of fees.entries()) {
        const before = fees[later - 1];
        if (before === undefined) continue;
        assert.ok(fee!.maxFeePerGasWei * 1_000n >= before.maxFeePerGasWei * 1_125n);
        assert.ok(fee!.maxPriorityFeePerGasWei * 1_000n >= before.maxPriorityFeePerGasWei * 1_125n);
      }
      assert.equal(mined.transactionHash, mined.transactionHashes.at(-1));
    });
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("replacement race: the earlier form is mined, and counts", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await openSender(chain, at, { pollIntervalMs: 30 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const first = opened.journal.find("a")!.forms[0]!;
      const { forms } = await opened.sender.speedUp("a");
      assert.equal(forms.length, 2);
      await devnet.request("anvil_dropTransaction", [forms[1]!.hash]);
      await devnet.request("eth_sendRawTransaction", [first.raw]);
      await mine();
      assert.equal((await sending).transactionHash, first.hash);
    });
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("cancelled: a no-op takes the nonce, and the key may be sent anew", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await openSender(chain, at, { pollIntervalMs: 30 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const rejected = assert.rejects(() => sending, {
        message: "Cannot store the hash as the transaction was cancelled",
      });
      await opened.sender.cancel("a");
      await mine(4);
      await rejected;
      await opened.sender.tick();
      assert.equal(opened.journal.settled("a")?.state, "replaced");
      assert.equal(opened.sender.has("a"), false);
    });
    await using opened = await openSender(chain, at);
    assert.equal((await opened.send("a")).logs.length, 1);
    assert.equal(await nonceOf(at), 2);
  });

  await t.step("reorg: the same bytes are sent again, and the state goes back meanwhile", async () => {
    const at = nextAccount();
    await using opened = await openSender(chain, at, { confirmations: 1, pollIntervalMs: 20 });
    const first = await opened.send("a");
    await withoutMining(async () => {
      await devnet.request("anvil_reorg", [1, []]);
      await opened.sender.tick();
      assert.equal(opened.journal.find("a")?.state, "broadcast");
      assert.equal(opened.journal.find("a")?.mined, undefined);
      await mine();
      await opened.sender.tick();
    });
    const again = opened.journal.find("a")?.mined;
    assert.equal(again?.transactionHash, first.transactionHash);
    assert.notEqual(again?.blockHash, first.blockHash);
    assert.deepEqual(opened.journal.events().map(({ name }) => name), ["reorganised"]);
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("finality violated: writes are frozen, durably, and it is told", async () => {
    const at = nextAccount();
    const pause = createWritePause(join(folder, "writes-paused.json"), denoFiles);
    {
      await using opened = await openSender(chain, at, { pause });
      await opened.send("a");
      await mine(4);
      await opened.sender.tick();
      assert.equal(opened.journal.settled("a")?.state, "final");
      await devnet.request("anvil_reorg", [6, []]);
      await opened.sender.tick();
      assert.deepEqual(opened.journal.events().map(({ name }) => name), ["finality-violated"]);
      await assert.rejects(() => opened.send("b"), {
        name: "WritesPausedError",
        message: "Cannot store the hash as writes are paused on this host",
      });
    }
    assert.equal((await pause.read())?.reason, "finality-violated");
    await using reopened = await openSender(chain, at, { pause });
    await assert.rejects(() => reopened.send("b"), { name: "WritesPausedError" });
    assert.equal(await pause.resume(), true);
    // Whoever resumed it knows; what was replaced stays replaced.
    await reopened.sender.tick();
    assert.equal(await pause.read(), undefined);
  });

  await t.step("stale head: an endpoint that stopped makes nothing final and loses nothing", async () => {
    const at = nextAccount();
    const frozen = await devnet.request("eth_getBlockByNumber", ["latest", false]);
    await using stale = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method, params }) =>
        method === "eth_getBlockByNumber" && params[0] === "latest"
          ? { kind: "result", result: frozen }
          : undefined,
    });
    await using opened = await openSender(chain, at, { urls: [stale.url, devnet.rpcUrl] });
    await opened.send("a");
    await mine(4);
    await opened.sender.tick();
    assert.equal(opened.journal.settled("a")?.state, "final");
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("wrong chain id: nothing is signed", async () => {
    const at = nextAccount();
    await using lost = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) => method === "eth_chainId" ? { kind: "result", result: "0x1" } : undefined,
    });
    await using opened = await openSender(chain, at, { urls: [lost.url] });
    await assert.rejects(() => opened.send("a"), { name: "UsageError" });
    assert.deepEqual(opened.journal.live(), []);
  });

  await t.step("429: it waits as asked, and gets through", async () => {
    const at = nextAccount();
    let refused = 0;
    await using busy = startFaultProxy(devnet.rpcUrl, {
      fault: () =>
        refused++ < 2 ? { kind: "status", status: 429, headers: { "retry-after": "1" } } : undefined,
    });
    await using opened = await openSender(chain, at, { urls: [busy.url] });
    await opened.send("a");
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("timeout after broadcast: it is looked for, not sent anew", async () => {
    const at = nextAccount();
    await using silent = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        method === "eth_sendRawTransaction" ? { kind: "forward-then-status", status: 504 } : undefined,
    });
    await using opened = await openSender(chain, at, { urls: [silent.url] });
    await opened.send("a");
    assert.equal(opened.journal.find("a")?.forms.length, 1);
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("already known: counts as accepted", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await openSender(chain, at, { rebroadcastAfterMs: 20, pollIntervalMs: 20 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      await systemClock.sleep(100);
      assert.equal(opened.journal.find("a")?.state, "broadcast");
      await mine();
      await sending;
    });
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("nonce too low: our own hashes are looked for before anything is concluded", async () => {
    const at = nextAccount();
    await using liar = startFaultProxy(devnet.rpcUrl);
    liar.fault = ({ method }) =>
      method === "eth_sendRawTransaction" && liar.count(method) > 1
        ? { kind: "rpc-error", error: { code: -32000, message: "nonce too low" } }
        : undefined;
    await withoutMining(async () => {
      await using opened = await openSender(chain, at, {
        urls: [liar.url],
        rebroadcastAfterMs: 20,
        pollIntervalMs: 20,
      });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "unknown");
      await mine();
      await sending;
      assert.equal(opened.journal.find("a")?.forms.length, 1);
    });
    assert.equal(await nonceOf(at), 1);
  });

  await t.step(
    "fee spike: it is put off until the deadline, then pays up to the cap, never above",
    async () => {
      const at = nextAccount();
      const gwei = 10n ** 9n;
      const feePolicy = { capWei: 90n * gwei, deferAboveWei: 10n * gwei };
      const setBaseFee = async (wei: bigint) => {
        await devnet.request("anvil_setNextBlockBaseFeePerGas", [`0x${wei.toString(16)}`]);
        await mine();
      };
      await using opened = await openSender(chain, at, { feePolicy });
      const request = { key: "a", purpose: "anchor", to: contract, data: store(hashOf(1)) };
      await setBaseFee(40n * gwei);
      await assert.rejects(() => opened.sender.send(request), FeeDeferredError);
      await assert.rejects(
        () => opened.sender.send({ ...request, deadlineMs: Date.now() + 60_000 }),
        FeeDeferredError,
      );
      assert.deepEqual(opened.journal.live(), []);
      const mined = await opened.sender.send({ ...request, deadlineMs: Date.now() - 1 });
      assert.ok(mined.effectiveGasPriceWei > feePolicy.deferAboveWei);
      assert.deepEqual(opened.journal.events().map(({ name }) => name), ["deadline-passed"]);
      await setBaseFee(95n * gwei);
      await assert.rejects(
        () => opened.sender.send({ ...request, key: "b", deadlineMs: Date.now() - 1 }),
        FeeCapExceededError,
      );
      await setBaseFee(gwei);
    },
  );

  await t.step("no funds: nothing is signed, and the amount is named", async () => {
    const at = nextAccount();
    await devnet.request("anvil_setBalance", [addressOf(at), "0x1"]);
    await using opened = await openSender(chain, at);
    await assert.rejects(() => opened.send("a"), (error: ChainError) => {
      assert.equal(error.kind, "insufficient-funds");
      assert.match(error.hint!, /^send at least [0-9]+ wei to the account/);
      return true;
    });
    assert.deepEqual(opened.journal.live(), []);
    await devnet.request("anvil_setBalance", [addressOf(at), `0x${(10n ** 20n).toString(16)}`]);
    await opened.send("a");
  });

  await t.step(
    "budget: the worst case of all under way counts, across a restart, and is told once",
    async () => {
      const at = nextAccount();
      const limits = { dailyTransactions: 2 };
      {
        await using opened = await openSender(chain, at, { limits });
        await opened.send("a");
      }
      await using opened = await openSender(chain, at, { limits });
      await opened.send("b");
      for (let i = 0; i < 2; i++) {
        await assert.rejects(() => opened.send("c"), { name: "BudgetExceededError" });
      }
      assert.deepEqual(opened.journal.events().map(({ name }) => name), ["budget-exceeded"]);
      assert.equal(await nonceOf(at), 2);
      const [entry] = opened.journal.live();
      await using poor = await openSender(chain, nextAccount(), {
        limits: { dailySpendWei: entry!.maxCostWei / 2n },
      });
      await assert.rejects(() => poor.send("a"), { name: "BudgetExceededError" });
    },
  );

  await t.step("revert or pause: nothing is signed while the contract is paused", async () => {
    const at = nextAccount();
    await using opened = await openSender(chain, at);
    await chain.ownerCalls("pauseContract");
    await assert.rejects(() => opened.send("a"), {
      message: "Cannot store the hash as the contract is paused",
    });
    assert.deepEqual(opened.journal.live(), []);
    await chain.ownerCalls("unpauseContract");
    await opened.send("a");
  });

  await t.step(
    "crash at each step: every write to the journal, before and after it took effect",
    async () => {
      for (let call = 1; call <= 10; call++) {
        for (const tears of [false, true]) {
          const at = nextAccountOf(call);
          const key = `crash ${call} ${tears}`;
          const files = createKillableFiles(denoFiles, () => tears);
          files.dieAt(call);
          await openSender(chain, at, { files }).then(async (opened) => {
            await opened.send(key).catch(() => {});
            await Promise.resolve(opened[Symbol.asyncDispose]()).catch(() => {});
          }).catch((error) =>
            assert.ok(error instanceof KilledError || error instanceof PotError, String(error))
          );
          files.kill();
          const before = await nonceOf(at);
          await using reopened = await openSender(chain, at);
          const wasSigned = reopened.sender.has(key);
          await reopened.send(key);
          // Signed bytes that were on disk are sent; nothing is signed twice.
          assert.ok(await nonceOf(at) <= before + 1, `${key}: ${wasSigned}`);
          assert.equal(await countMined(reopened.journal, key), 1, key);
        }
      }
    },
  );

  /** Accounts for the crash test, two calls each. */
  function nextAccountOf(call: number): number {
    return 30 + (call % 9);
  }

  /** How many forms of that key's transaction are in blocks. */
  async function countMined(journal: TransactionJournal, key: string): Promise<number> {
    if (journal.settled(key)?.block !== undefined) return 1;
    const forms = journal.find(key)?.forms ?? [];
    const receipts = await Promise.all(
      forms.map(({ hash }) => devnet.request("eth_getTransactionReceipt", [hash])),
    );
    return receipts.filter((receipt) => receipt !== null).length;
  }

  await t.step("torn journal: half a frame at the end is cut off, and what was whole counts", async () => {
    const at = nextAccount();
    {
      await using opened = await openSender(chain, at);
      await opened.send("a");
    }
    const path = join(folder, `journal-${addressOf(at).toLowerCase()}`);
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length - 7));
    await using opened = await openSender(chain, at);
    await opened.send("a");
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("two processes: the second sender of a key is refused", async () => {
    const at = nextAccount();
    await using _first = await openSender(chain, at);
    await assert.rejects(() => openSender(chain, at), {
      message: "Cannot send as another process is sending with the same key",
    });
  });

  await t.step(
    "clock skew: a clock set back gives no second budget, and one behind the chain is told",
    async () => {
      const at = nextAccount();
      const limits = { dailyTransactions: 1 };
      let offsetMs = 0;
      const clock = { ...systemClock, now: () => Date.now() + offsetMs };
      await using opened = await openSender(chain, at, { limits, clock });
      await opened.send("a");
      offsetMs = -2 * 86_400_000;
      await assert.rejects(() => opened.send("b"), { name: "BudgetExceededError" });
      assert.deepEqual(opened.journal.events().map(({ name }) => name), ["clock-skew", "budget-exceeded"]);
    },
  );

  await t.step(
    "duplicate submit: one transaction, however often and from wherever it is asked for",
    async () => {
      const at = nextAccount();
      {
        await using opened = await openSender(chain, at);
        await Promise.all(Array.from({ length: 20 }, () => opened.send("a")));
      }
      await using reopened = await openSender(chain, at);
      await reopened.send("a");
      assert.equal(await nonceOf(at), 1);
    },
  );

  await t.step("log range limit: the range is split until the endpoint answers", async () => {
    const at = nextAccount();
    await using opened = await openSender(chain, at);
    await opened.send("a");
    await mine(30);
    await using strict = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method, params }) => {
        if (method !== "eth_getLogs") return undefined;
        const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string };
        return Number(toBlock) - Number(fromBlock) < 4
          ? undefined
          : { kind: "rpc-error", error: { code: -32000, message: "block range too large" } };
      },
    });
    const endpoints = createEndpointPool({ urls: [strict.url], chainId: devnet.chainId, clock: systemClock });
    const toBlock = BigInt(await devnet.request("eth_blockNumber") as string);
    const topics = hashStoredTopics(addressOf(at));
    const found = await Array.fromAsync(
      readContractLogs(endpoints, { address: contract, topics, fromBlock: 0n, toBlock }),
    );
    assert.equal(found.length, 1);
  });

  await t.step("lying endpoint: one of three makes nothing final that did not happen", async () => {
    const at = nextAccount();
    await using liar = startFaultProxy(devnet.rpcUrl);
    const receipts = new Map<string, unknown>();
    liar.fault = ({ method, params }) =>
      method === "eth_getTransactionReceipt" && receipts.has(params[0] as string)
        ? { kind: "result", result: receipts.get(params[0] as string) }
        : undefined;
    await using second = startFaultProxy(devnet.rpcUrl);
    await using opened = await openSender(chain, at, { urls: [liar.url, second.url, devnet.rpcUrl] });
    const mined = await opened.send("a");
    const honest = await devnet.request("eth_getTransactionReceipt", [mined.transactionHash]) as object;
    receipts.set(mined.transactionHash, { ...honest, status: "0x0" });
    await mine(4);
    await opened.sender.tick();
    assert.equal(opened.journal.settled("a")?.state, "final");
  });

  await t.step("poisoned response: the receipt of another transaction settles nothing", async () => {
    const at = nextAccount();
    await using other = await openSender(chain, nextAccount());
    const foreign = await other.send("other");
    const receipt = await devnet.request("eth_getTransactionReceipt", [foreign.transactionHash]);
    await using poisoned = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        method === "eth_getTransactionReceipt" ? { kind: "result", result: receipt } : undefined,
    });
    await using opened = await openSender(chain, at, {
      urls: [poisoned.url],
      clock: createRacingClock(),
      patienceMs: 2_000,
    });
    await assert.rejects(() => opened.send("a"), UnreachableError);
    assert.equal(opened.journal.find("a")?.mined, undefined);
    poisoned.fault = () => undefined;
    await opened.send("a");
    assert.equal(await nonceOf(at), 1);
  });
});
