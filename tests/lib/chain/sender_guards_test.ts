import assert from "node:assert/strict";
import type { PauseNote } from "../../../lib/chain/write_pause.ts";
import type { EndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { PotError } from "../../../lib/core/errors.ts";
import { signerOf, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { hashOf, openSender, store } from "../../_fakes/open_sender.ts";

const dies = (pool: EndpointPool): EndpointPool => ({
  ...pool,
  broadcast: () => Promise.reject(new Error("the power went")),
});

/** What must not happen although an endpoint, a restart or a caller suggests it. */
Deno.test("createEvmSender() does not let itself be led astray", async (t) => {
  await using chain = await startChainFixture(["--accounts", "22", "--slots-in-an-epoch", "1"]);
  const { devnet, contract } = chain;
  let account = 0;
  const nextAccount = () => ++account;
  const addressOf = (at: number) => devnet.accounts[at]!.address;
  const nonceOf = async (at: number) =>
    Number(await devnet.request("eth_getTransactionCount", [addressOf(at), "latest"]));
  const mine = (blocks = 1) => devnet.request("anvil_mine", [`0x${blocks.toString(16)}`]);
  const until = async (isSo: () => boolean) => {
    const endMs = Date.now() + 5_000;
    while (!isSo()) {
      assert.ok(Date.now() < endMs, `not so: ${isSo}`);
      await systemClock.sleep(5);
    }
  };
  const open = (at: number, options: Parameters<typeof openSender>[2] = {}) =>
    openSender(chain, at, { patienceMs: 3_000, ...options });
  const withoutMining = async (work: () => Promise<void>) => {
    await devnet.request("evm_setAutomine", [false]);
    try {
      await work();
    } finally {
      await devnet.request("evm_setAutomine", [true]);
    }
  };
  /** Answers with that number of transactions, once it is set. */
  const startLiar = () => {
    const liar = { count: undefined as string | undefined };
    const proxy = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        method === "eth_getTransactionCount" && liar.count !== undefined
          ? { kind: "result", result: liar.count }
          : undefined,
    });
    return Object.assign(liar, { proxy, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() });
  };

  await t.step("one endpoint of three makes no nonce lost for good", async () => {
    const at = nextAccount();
    await using liar = startLiar();
    await using second = startLiar();
    await using opened = await open(at, {
      urls: [liar.proxy.url, second.proxy.url, devnet.rpcUrl],
      rebroadcastAfterMs: 60_000,
    });
    await withoutMining(async () => {
      opened.send("a").catch(() => {});
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const { hash } = opened.journal.find("a")!.forms[0]!;
      liar.count = "0x5";
      await devnet.request("anvil_dropTransaction", [hash]);
      for (let look = 0; look < 6; look++) await opened.sender.tick();
      assert.equal(opened.journal.settled("a"), undefined);
      assert.equal(opened.journal.find("a")?.forms[0]?.hash, hash);
      liar.count = undefined;
    });
    await devnet.request("eth_sendRawTransaction", [opened.journal.find("a")!.forms[0]!.raw]);
    await opened.send("a");
    assert.equal(await nonceOf(at), 1);
  });

  await t.step("one endpoint of three opens no gap with a nonce that is too high", async () => {
    const at = nextAccount();
    await using liar = startLiar();
    await using second = startLiar();
    await using opened = await open(at, {
      urls: [liar.proxy.url, second.proxy.url, devnet.rpcUrl],
    });
    liar.count = "0x64";
    await opened.send("a");
    assert.equal(opened.journal.find("a")?.nonce, 0);
    liar.count = undefined;
    await opened.send("b");
    assert.equal(await nonceOf(at), 2);
    assert.equal(opened.journal.metrics().gapsFilled, 0);
  });

  await t.step("a nonce of ours in a block is no gap, whatever a laggard says", async () => {
    const at = nextAccount();
    await using laggard = startLiar();
    await using opened = await open(at, { urls: [laggard.proxy.url], rebroadcastAfterMs: 20 });
    await opened.send("a");
    await withoutMining(async () => {
      const sending = opened.send("b");
      await until(() => opened.journal.find("b")?.state === "broadcast");
      laggard.count = "0x0";
      await systemClock.sleep(30);
      for (let look = 0; look < 3; look++) await opened.sender.tick();
      laggard.count = undefined;
      await mine();
      await sending;
    });
    assert.equal(opened.journal.metrics().gapsFilled, 0);
    assert.equal(await nonceOf(at), 2);
  });

  await t.step("what comes from before a restart is sent as it was, not replaced", async () => {
    const at = nextAccount();
    {
      await using killed = await open(at, { wrap: dies });
      await assert.rejects(() => killed.send("a"), { message: "the power went" });
    }
    await systemClock.sleep(60);
    await using reopened = await open(at, { stuckAfterMs: 50 });
    await reopened.send("a");
    assert.equal(reopened.journal.find("a")?.forms.length, 1);
  });

  await t.step("only the lowest nonces are replaced, however long all of them wait", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await open(at, { stuckAfterMs: 150, rebroadcastAfterMs: 60_000 });
      const sending = Promise.all(Array.from({ length: 20 }, (_, n) => opened.send(`key ${n}`)));
      const formsOf = (nonce: number) => opened.journal.live()[nonce]?.forms.length ?? 0;
      await until(() => formsOf(0) >= 3);
      assert.deepEqual([16, 17, 18, 19].map(formsOf), [1, 1, 1, 1]);
      await mine();
      await sending;
    });
    assert.equal(await nonceOf(at), 20);
  });

  await t.step("nothing is signed for a caller who gave up while it waited for its turn", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await open(at, { maxInFlight: 1 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const abort = new AbortController();
      const request = { key: "b", purpose: "store the hash", to: contract, data: store(hashOf(2)) };
      const waiting = opened.sender.send(request, { signal: abort.signal });
      abort.abort(new Error("enough"));
      await assert.rejects(waiting, { message: "enough" });
      await mine();
      await sending;
      await opened.sender.tick();
      assert.equal(opened.sender.has("b"), false);
      assert.equal(opened.journal.nextNonce(), 1);
    });
  });

  await t.step("one endpoint of three makes no revert final, and no final block replaced", async () => {
    const at = nextAccount();
    const lies = new Map<string, unknown>();
    await using liar = startFaultProxy(devnet.rpcUrl);
    const receiptOf = async (hash: string) =>
      await devnet.request("eth_getTransactionReceipt", [hash]) as object;
    liar.fault = ({ method, params }) => {
      const lie = lies.get(`${method} ${params[0]}`);
      return lie === undefined ? undefined : { kind: "result", result: lie };
    };
    await using second = startLiar();
    let pauses = 0;
    const pause = { read: () => Promise.resolve(undefined), pause: () => Promise.resolve(void pauses++) };
    await using opened = await open(at, { urls: [liar.url, second.proxy.url, devnet.rpcUrl], pause });
    await withoutMining(async () => {
      const sending = assert.rejects(opened.send("a"), { name: "ChainError" });
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const { hash } = opened.journal.find("a")!.forms[0]!;
      // Mined while the client is told nothing, so that the lie is the first that it hears.
      lies.set(`eth_getTransactionReceipt ${hash}`, null);
      await mine();
      lies.set(`eth_getTransactionReceipt ${hash}`, { ...await receiptOf(hash), status: "0x0" });
      await sending;
      assert.equal(opened.journal.find("a")?.mined?.isReverted, true);
      await mine(4);
      await opened.sender.tick();
    });
    const settled = opened.journal.settled("a");
    assert.equal(settled?.state, "final");
    const number = `0x${settled!.block!.number.toString(16)}`;
    const block = await devnet.request("eth_getBlockByNumber", [number, false]) as object;
    lies.set(`eth_getBlockByNumber ${number}`, { ...block, hash: `0x${"ab".repeat(32)}` });
    await opened.sender.tick();
    assert.equal(pauses, 0);
    assert.deepEqual(opened.journal.events().map(({ name }) => name), []);
  });

  await t.step("one endpoint of three makes nothing final early", async () => {
    const at = nextAccount();
    await using liar = startFaultProxy(devnet.rpcUrl);
    await using second = startLiar();
    await using opened = await open(at, { urls: [liar.url, second.proxy.url, devnet.rpcUrl] });
    await opened.send("a");
    const block = await devnet.request("eth_getBlockByNumber", ["latest", false]);
    liar.fault = ({ method, params }) =>
      method === "eth_getBlockByNumber" && params[0] === "finalized"
        ? { kind: "result", result: block }
        : undefined;
    await opened.sender.tick();
    assert.equal(opened.journal.find("a")?.state, "confirmed");
  });

  await t.step("a receipt of a block that was replaced is none", async () => {
    const at = nextAccount();
    await using stale = startFaultProxy(devnet.rpcUrl);
    await using opened = await open(at, { urls: [stale.url], rebroadcastAfterMs: 60_000 });
    await withoutMining(async () => {
      opened.send("a").catch(() => {});
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const { hash } = opened.journal.find("a")!.forms[0]!;
      stale.fault = ({ method }) =>
        method === "eth_getTransactionReceipt" ? { kind: "result", result: null } : undefined;
      await mine();
      const receipt = await devnet.request("eth_getTransactionReceipt", [hash]) as object;
      const replaced = { ...receipt, blockHash: `0x${"ab".repeat(32)}` };
      stale.fault = ({ method }) =>
        method === "eth_getTransactionReceipt" ? { kind: "result", result: replaced } : undefined;
      for (let look = 0; look < 4; look++) await opened.sender.tick();
    });
    assert.equal(opened.journal.find("a")?.mined, undefined);
    stale.fault = () => undefined;
    await opened.send("a");
  });

  await t.step("two looks at a node that lags make nothing lost", async () => {
    const at = nextAccount();
    await using lagging = startFaultProxy(devnet.rpcUrl);
    lagging.fault = ({ method }) =>
      /^eth_getTransaction(Receipt|ByHash)$/.test(method) && lagging.count("eth_getTransactionByHash") <= 2
        ? { kind: "result", result: null }
        : undefined;
    await using opened = await open(at, { urls: [lagging.url] });
    await opened.send("a");
    assert.deepEqual(opened.journal.events(), []);
  });

  await t.step("nothing is lost while an endpoint that may know it does not answer", async () => {
    const at = nextAccount();
    await using lagging = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        /^eth_getTransaction(Receipt|ByHash)$/.test(method) ? { kind: "result", result: null } : undefined,
    });
    await using silent = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) =>
        method === "eth_getTransactionByHash" ? { kind: "status", status: 503 } : undefined,
    });
    await using opened = await open(at, { urls: [lagging.url, silent.url] });
    opened.send("a").catch(() => {});
    await until(() => silent.count("eth_getTransactionByHash") > 0);
    for (let look = 0; look < 5; look++) await opened.sender.tick();
    assert.deepEqual(opened.journal.events(), []);
    lagging.fault = () => undefined;
    await opened.send("a");
  });

  await t.step("what is asked for together is counted together", async () => {
    const at = nextAccount();
    const both = async (opened: Awaited<ReturnType<typeof open>>, round: string) => {
      const sent = await Promise.allSettled([opened.send(`${round} 1`), opened.send(`${round} 2`)]);
      return sent.flatMap((result) => result.status === "rejected" ? [result.reason.name] : []);
    };
    let maxCostWei: bigint;
    {
      await using opened = await open(at, { limits: { dailyTransactions: 2 } });
      await opened.send("first");
      ({ maxCostWei } = opened.journal.find("first")!);
      assert.deepEqual(await both(opened, "budget"), ["BudgetExceededError"]);
    }
    await devnet.request("anvil_setBalance", [addressOf(at), `0x${(maxCostWei * 3n / 2n).toString(16)}`]);
    await using opened = await open(at);
    assert.deepEqual(await both(opened, "balance"), ["ChainError"]);
    assert.equal(await nonceOf(at), 3);
  });

  await t.step("a replacement that the account cannot pay for is not signed", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await open(at, { stuckAfterMs: 100, rebroadcastAfterMs: 60_000 });
      const sending = opened.send("a");
      await until(() => opened.journal.find("a")?.state === "broadcast");
      const { maxCostWei } = opened.journal.find("a")!;
      await devnet.request("anvil_setBalance", [addressOf(at), `0x${maxCostWei.toString(16)}`]);
      await until(() => opened.journal.events().length > 0);
      assert.equal(opened.journal.find("a")?.forms.length, 1);
      assert.deepEqual(opened.journal.events().map(({ name, detail }) => [name, detail]), [[
        "fee-capped",
        "the transaction to store the hash waits, and its replacement would cost more than the account has",
      ]]);
      await mine();
      await sending;
    });
  });

  await t.step("who closes the sender does not wait for who signs", async () => {
    const at = nextAccount();
    const { address } = signerOf(devnet.accounts[at]!.privateKey);
    const asked = Promise.withResolvers<void>();
    const opened = await open(at, {
      signer: {
        address,
        signTransaction: (_transaction, { signal } = {}) => {
          asked.resolve();
          return new Promise((_resolve, reject) =>
            signal!.addEventListener("abort", () => reject(signal!.reason))
          );
        },
      },
    });
    const sending = assert.rejects(opened.send("a"), { message: "The sender was closed" });
    await asked.promise;
    await opened[Symbol.asyncDispose]();
    await sending;
  });

  await t.step("a replacement that nobody signs leaves what was sent in force", async () => {
    const at = nextAccount();
    const local = signerOf(devnet.accounts[at]!.privateKey);
    let asked = 0;
    const signer: typeof local = {
      address: local.address,
      signTransaction(transaction) {
        if (asked++ === 0) return local.signTransaction(transaction);
        return Promise.reject(new PotError("Cannot sign as it was denied in the signer"));
      },
    };
    await withoutMining(async () => {
      await using opened = await open(at, { signer, stuckAfterMs: 100, rebroadcastAfterMs: 60_000 });
      const started = performance.now();
      const sending = opened.send("a");
      await until(() => opened.journal.events().length > 0);
      assert.deepEqual(opened.journal.events().map(({ name, detail }) => [name, detail]), [[
        "not-signed",
        "the transaction to store the hash waits, and its replacement was not signed: Cannot sign as it was denied in the signer",
      ]]);
      assert.equal(opened.journal.find("a")?.forms.length, 1);
      await until(() => asked > 3);
      const elapsedMs = performance.now() - started;
      assert.ok(asked - 1 <= elapsedMs / 100 + 1, `asked ${asked} times in ${elapsedMs} ms`);
      await mine();
      await sending;
    });
  });

  await t.step(
    "nothing is handed out, replaced or cancelled while writes are paused, and it is watched",
    async () => {
      const at = nextAccount();
      let note: PauseNote | undefined;
      const pause = { read: () => Promise.resolve(note), pause: () => Promise.resolve() };
      await withoutMining(async () => {
        await using opened = await open(at, {
          pause,
          stuckAfterMs: 50,
          rebroadcastAfterMs: 20,
          pollIntervalMs: 60_000,
        });
        opened.send("a").catch(() => {});
        await until(() => opened.journal.find("a")?.state === "broadcast");
        note = { reason: "operator", detail: "a test", since: "now" };
        const { hash } = opened.journal.find("a")!.forms[0]!;
        await devnet.request("anvil_dropTransaction", [hash]);
        await systemClock.sleep(60);
        const paused = { name: "WritesPausedError" };
        await assert.rejects(() => opened.sender.tick(), paused);
        await assert.rejects(() => opened.sender.speedUp("a"), paused);
        await assert.rejects(() => opened.sender.cancel("a"), paused);
        assert.equal(opened.journal.find("a")?.forms.length, 1);
        assert.equal(await devnet.request("eth_getTransactionByHash", [hash]), null);
        await devnet.request("eth_sendRawTransaction", [opened.journal.find("a")!.forms[0]!.raw]);
        await mine();
        await opened.sender.tick();
        assert.equal(opened.journal.find("a")?.state, "confirmed");
      });
      assert.equal(await nonceOf(at), 1);
    },
  );

  await t.step("the caps and the budget hold for replacements too", async () => {
    await withoutMining(async () => {
      for (const limit of ["transaction", "day"]) {
        const at = nextAccount();
        const gwei = 10n ** 9n;
        await using opened = await open(at);
        opened.send("a").catch(() => {});
        await until(() => opened.journal.find("a")?.state === "broadcast");
        const { maxCostWei } = opened.journal.find("a")!;
        await opened.sender[Symbol.asyncDispose]();
        const feePolicy = {
          capWei: 100n * gwei,
          ...(limit === "transaction" && { maxTransactionCostWei: maxCostWei }),
        };
        const limits = limit === "day" ? { dailySpendWei: maxCostWei } : {};
        await using capped = await open(at, { feePolicy, limits });
        await assert.rejects(() => capped.sender.speedUp("a"), {
          name: limit === "day" ? "BudgetExceededError" : "FeeCapExceededError",
        });
        assert.equal(capped.journal.find("a")?.forms.length, 1);
      }
      await mine();
    });
  });

  await t.step("a deadline that passes while the fee is above the cap is told", async () => {
    const at = nextAccount();
    await using opened = await open(at, { feePolicy: { capWei: 1n } });
    const request = { key: "a", purpose: "anchor", to: contract, data: store(hashOf(1)) };
    const refused = { name: "FeeCapExceededError" };
    await assert.rejects(() => opened.sender.send({ ...request, deadlineMs: Date.now() + 60_000 }), refused);
    assert.deepEqual(opened.journal.events(), []);
    for (let i = 0; i < 2; i++) {
      await assert.rejects(() => opened.sender.send({ ...request, deadlineMs: Date.now() - 1 }), refused);
    }
    assert.deepEqual(opened.journal.events().map(({ name, subject }) => [name, subject]), [[
      "fee-capped",
      "a",
    ]]);
  });

  await t.step("a replacement race after a cancellation never passes for the call", async () => {
    const at = nextAccount();
    await withoutMining(async () => {
      await using opened = await open(at);
      const sending = assert.rejects(opened.send("a"), {
        message: "Cannot store the hash as the transaction was cancelled",
      });
      await until(() => opened.journal.find("a")?.state === "broadcast");
      await opened.sender.cancel("a");
      await opened.sender.speedUp("a");
      assert.deepEqual(opened.journal.find("a")?.forms.map(({ kind }) => kind), [
        "first",
        "cancel",
        "cancel",
      ]);
      // Not final yet, and no success either.
      await mine();
      await sending;
    });
  });
});
