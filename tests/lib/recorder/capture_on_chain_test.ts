import assert from "node:assert/strict";
import type { ChainClient, EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import { createFallbackClient } from "../../../lib/chain/fallback_client.ts";
import { createRpcEndpoint } from "../../../lib/chain/rpc_endpoint.ts";
import type { ReceiptProof } from "../../../lib/verify/proof.ts";
import type { AnchorStore } from "../../../lib/recorder/anchor_store.ts";
import { formatProof } from "../../../lib/verify/format_proof.ts";
import { parseProof } from "../../../lib/verify/parse_proof.ts";
import { verifyProof } from "../../../lib/verify/verify_proof.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { sendStrangers } from "../../_fakes/crowded_block.ts";
import { type Fault, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { localClientIn, makeTempFolder, openRecorder, recordSteps } from "../../_fakes/recorder_fixture.ts";

const NOTHING: Fault = { kind: "result", result: null };
const isReceipts = (method: string) => method === "eth_getBlockReceipts" || method === "eth_getBlockByHash";
/** What dies instead of doing that. */
const killed = () => Promise.reject(new Error("killed"));

/** Waits for something on the chain, which has no clock of ours. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 2_000; i++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it did not come true");
}

Deno.test("createRecorder() and the receipts of its anchors", async (t) => {
  await using chain = await startChainFixture();
  const { devnet, contract } = chain;
  const endpoints = [createRpcEndpoint(devnet.rpcUrl)];
  let account = 0;
  /** A recorder in that folder; each folder has an account of its own. */
  const opener = (folder: string, own = ++account) =>
  (more: {
    readonly urls?: readonly string[];
    readonly patienceMs?: number;
    readonly wrapAnchors?: (store: AnchorStore) => AnchorStore;
    readonly wrapChain?: (client: ChainClient) => ChainClient;
  } = {}) => {
    const { urls = [devnet.rpcUrl], wrapAnchors = (store) => store, wrapChain = (client) => client } = more;
    const { patienceMs } = more;
    const client = chain.client({
      ...(patienceMs === undefined ? {} : { patienceMs }),
      account: own,
      journalFolder: `${folder}/journal`,
      urls,
      confirmations: 1,
    });
    return openRecorder(folder, { contract, wrapAnchors, chain: wrapChain(client) });
  };
  const receiptOf = ({ facts }: { readonly facts: unknown }) =>
    (facts as EvmAnchorFacts).inclusion?.receiptProof;
  const reachOf = async (proof: Parameters<typeof formatProof>[0]) => {
    const { ok, reach, state } = await verifyProof(parseProof(formatProof(proof)));
    return [ok, reach, state];
  };
  const mine = () => devnet.request("anvil_mine", ["0x50"]);

  await t.step(
    "stores the receipt with the anchor, so that a proof leads to the block without anybody",
    async () => {
      await using folder = await makeTempFolder();
      const open = opener(folder.path);
      let id = "";
      {
        await using opened = await open();
        [id = ""] = await recordSteps(opened.recorder, 1, 5);
        await devnet.request("evm_setAutomine", [false]);
        await sendStrangers(devnet, 199, contract);
        const anchoring = opened.recorder.anchorPending();
        await until(async () =>
          (await devnet.request("txpool_status") as { pending: string }).pending === "0xc8"
        );
        await devnet.request("evm_mine");
        await devnet.request("evm_setAutomine", [true]);
        const { anchor } = await anchoring;
        assert.equal(typeof receiptOf(anchor!), "object");
        const { inclusion } = anchor!.facts as EvmAnchorFacts;
        const block = await devnet.request("eth_getBlockByHash", [inclusion!.blockHash, false]);
        assert.equal((block as { transactions: unknown[] }).transactions.length, 200);
        assert.deepEqual(await opened.anchors.list(), [anchor]);
      }
      await using opened = await open({ urls: ["http://127.0.0.1:9"] });
      const proof = await opened.recorder.prove(id);
      assert.deepEqual(await reachOf(proof), [true, "block", "confirmed"]);
      const sizeBytes = new TextEncoder().encode(formatProof(proof)).length;
      assert.ok(sizeBytes < 12_000, `${sizeBytes} bytes`);
    },
  );

  await t.step(
    "stores the anchor without its receipt while nobody has it, and asks again later",
    async () => {
      await using folder = await makeTempFolder();
      await using proxy = startFaultProxy(devnet.rpcUrl, {
        fault: ({ method }) => isReceipts(method) ? NOTHING : undefined,
      });
      await using opened = await opener(folder.path)({ urls: [proxy.url] });
      const { recorder } = opened;
      const [id] = await recordSteps(recorder, 1, 2);
      const { anchor } = await recorder.anchorPending();
      assert.deepEqual([anchor?.facts.state, receiptOf(anchor!)], ["confirmed", undefined]);
      assert.equal(await recorder.refreshAnchors(), 0);
      // Final without its receipt: still asked for.
      await mine();
      assert.equal(await recorder.refreshAnchors(), 1);
      assert.deepEqual(await reachOf(await recorder.prove(id!)), [true, "checkpoint", "final"]);
      assert.equal(await recorder.refreshAnchors(), 0);
      proxy.fault = () => undefined;
      assert.equal(await recorder.refreshAnchors(), 1);
      assert.deepEqual(await reachOf(await recorder.prove(id!)), [true, "block", "final"]);
      const asked = proxy.calls.length;
      assert.equal(await recorder.refreshAnchors(), 0);
      assert.equal(proxy.calls.length, asked);
    },
  );

  await t.step("asks for few receipts that nobody has, and never leaves one out for good", async () => {
    await using folder = await makeTempFolder();
    const gone = new Set<string>();
    await using proxy = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method, params }) => {
        if (method !== "eth_getBlockByHash") return undefined;
        gone.add(String(params[0]));
        return NOTHING;
      },
    });
    await using opened = await opener(folder.path)({ urls: [proxy.url] });
    const { recorder } = opened;
    for (let step = 1; step <= 8; step++) {
      await recordSteps(recorder, step, step);
      await recorder.anchorPending();
    }
    await mine();
    await recorder.refreshAnchors();
    const blocks = (await opened.anchors.list()).map(({ facts }) =>
      (facts as EvmAnchorFacts).inclusion!.blockHash
    );
    const rounds: string[][] = [];
    for (let round = 0; round < 4; round++) {
      gone.clear();
      assert.equal(await recorder.refreshAnchors(), 0);
      rounds.push([...gone]);
    }
    const newestFirst = blocks.toReversed();
    assert.deepEqual(rounds.slice(0, 3), [
      newestFirst.slice(0, 3),
      newestFirst.slice(3, 6),
      [...newestFirst.slice(6), newestFirst[0]],
    ]);
    assert.equal(rounds[3]!.length, 3);
  });

  await t.step(
    "says unavailable where receipts never fit, and asks no more until a person does",
    async () => {
      await using folder = await makeTempFolder();
      await using proxy = startFaultProxy(devnet.rpcUrl);
      await using opened = await opener(folder.path)({ urls: [proxy.url] });
      const { recorder } = opened;
      const [id] = await recordSteps(recorder, 1, 2);
      const before = await recorder.anchorPending();
      const facts = before.anchor!.facts as EvmAnchorFacts;
      const { receiptProof, ...inclusion } = facts.inclusion!;
      assert.equal(typeof receiptProof, "object");
      const number = `0x${inclusion.blockNumber.toString(16)}`;
      const receipts = await devnet.request("eth_getBlockReceipts", [number]) as Record<string, unknown>[];
      // A chain whose receipts count their gas differently.
      const odd: Fault = {
        kind: "result",
        result: receipts.map((one) => ({ ...one, cumulativeGasUsed: "0x7" })),
      };
      proxy.fault = ({ method }) => method === "eth_getBlockReceipts" ? odd : undefined;
      // The same block, as a home without the capture would meet it.
      await using elsewhere = await makeTempFolder();
      await using other = await opener(elsewhere.path, account)({ urls: [proxy.url] });
      await other.anchors.put({ ...before.anchor!, facts: { ...facts, inclusion } });
      assert.equal(await other.recorder.refreshAnchors(), 1);
      const [stored] = await other.anchors.list();
      assert.equal(receiptOf(stored!), "unavailable");
      await mine();
      proxy.fault = () => undefined;
      assert.equal(await other.recorder.refreshAnchors(), 1);
      assert.deepEqual(
        (await other.anchors.list()).map((anchor) => [anchor.facts.state, receiptOf(anchor)]),
        [["final", "unavailable"]],
      );
      assert.equal(await other.recorder.refreshAnchors(), 0);

      const proof = await recorder.prove(id!);
      const claimed = {
        ...proof,
        anchors: proof.anchors.map((anchor) =>
          anchor.kind === "evm"
            ? { ...anchor, inclusion: { ...anchor.inclusion!, receiptProof: "unavailable" as const } }
            : anchor
        ),
      };
      assert.deepEqual(await reachOf(claimed), [true, "checkpoint", "confirmed"]);
      const upgraded = await recorder.upgrade(claimed);
      assert.deepEqual(await reachOf(upgraded.proof), [true, "block", "final"]);
    },
  );

  await t.step("drops a receipt when a reorganisation moves the anchor, and takes the new one", async () => {
    await using folder = await makeTempFolder();
    await using opened = await opener(folder.path)();
    const { recorder } = opened;
    const [id] = await recordSteps(recorder, 1, 2);
    const { anchor } = await recorder.anchorPending();
    const first = receiptOf(anchor!) as ReceiptProof;
    const { transactionHash } = (anchor!.facts as EvmAnchorFacts).inclusion!;
    const raw = await devnet.request("eth_getRawTransactionByHash", [transactionHash]);
    // Within one second the new block would be the old one.
    await devnet.request("anvil_setCoinbase", [devnet.accounts[9]!.address]);
    await devnet.request("anvil_reorg", [1, [[raw, 0]]]);
    assert.equal(await recorder.refreshAnchors(), 1);
    const [moved] = await opened.anchors.list();
    const second = receiptOf(moved!) as ReceiptProof;
    assert.equal(typeof second, "object");
    assert.notDeepEqual(second.header, first.header);
    const proof = await recorder.prove(id!);
    assert.deepEqual(await reachOf(proof), [true, "block", "confirmed"]);
    assert.equal((await verifyProof(proof, { endpoints })).level, "L1");

    // Out of the chain, and nothing of it is left to be believed.
    await devnet.request("anvil_reorg", [1, []]);
    assert.equal(await recorder.refreshAnchors(), 1);
    assert.deepEqual((await opened.anchors.list()).map((one) => [one.facts.state, receiptOf(one)]), [[
      "pending",
      undefined,
    ]]);
    // The same transaction in another block, while nobody has its receipt yet: not the old one's.
    await using proxy = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) => isReceipts(method) ? NOTHING : undefined,
    });
    await using behind = await opener(folder.path, account + 100)({ urls: [proxy.url] });
    await devnet.request("eth_sendRawTransaction", [raw]);
    await devnet.request("evm_mine");
    assert.equal(await behind.recorder.refreshAnchors(), 1);
    assert.deepEqual((await behind.anchors.list()).map((one) => [one.facts.state, receiptOf(one)]), [[
      "confirmed",
      undefined,
    ]]);
  });

  await t.step(
    "loses nothing when it is killed between two steps, although the log grows meanwhile",
    async () => {
      const dyingStore =
        (method: "put" | "setUnderWay", call: number) => (store: AnchorStore): AnchorStore => {
          let calls = 0;
          return {
            ...store,
            [method]: (...args: never[]) =>
              ++calls < call ? (store[method] as (...args: never[]) => Promise<unknown>)(...args) : killed(),
            [Symbol.dispose]: () => store[Symbol.dispose](),
          };
        };
      const dyingChain =
        (method: "anchor" | "refresh", isAfter: boolean) => (client: ChainClient): ChainClient => ({
          ...client,
          [method]: async (...args: never[]) => {
            if (isAfter) await (client[method] as (...args: never[]) => Promise<unknown>)(...args);
            return await killed();
          },
          [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
        });
      /** Where it dies, and whether its anchor had been sent by then. */
      const deaths: readonly (readonly [string, Parameters<ReturnType<typeof opener>>[0], boolean])[] = [
        ["before the head is noted", { wrapAnchors: dyingStore("setUnderWay", 1) }, false],
        ["before the transaction", { wrapChain: dyingChain("anchor", false) }, false],
        ["after the transaction", { wrapChain: dyingChain("anchor", true) }, true],
        ["before the anchor is stored", { wrapAnchors: dyingStore("put", 1) }, true],
        ["before the receipt is asked for", { wrapChain: dyingChain("refresh", false) }, true],
        ["after the receipt was taken", { wrapChain: dyingChain("refresh", true) }, true],
        ["before the receipt is stored", { wrapAnchors: dyingStore("put", 2) }, true],
        ["before the note is taken back", { wrapAnchors: dyingStore("setUnderWay", 2) }, true],
      ];
      for (const [name, death, isSent] of deaths) {
        await using folder = await makeTempFolder();
        const open = opener(folder.path, 2);
        const sent = async () =>
          Number(await devnet.request("eth_getTransactionCount", [devnet.accounts[2]!.address, "latest"]));
        // Sizes only grow on the chain: the account's earlier logs are all shorter.
        const from = 1;
        const count = 10 * (deaths.findIndex(([one]) => one === name) + 1);
        const before = await sent();
        let first = "";
        {
          await using dying = await open(death);
          [first = ""] = await recordSteps(dying.recorder, from, count);
          await assert.rejects(() => dying.recorder.anchorPending(), { message: "killed" }, name);
        }
        await using opened = await open();
        const [late] = await recordSteps(opened.recorder, count + 1, count + 2);
        await opened.recorder.anchorPending();
        assert.equal(await sent() - before, isSent ? 2 : 1, name);
        const sizes = (await opened.anchors.list()).map(({ size }) => Number(size));
        assert.deepEqual(sizes, isSent ? [count, count + 2] : [count + 2], name);
        await opened.recorder.refreshAnchors();
        for (const id of [first, late!]) {
          const proof = await opened.recorder.prove(id);
          assert.deepEqual(await reachOf(proof), [true, "block", "confirmed"], name);
          assert.equal(proof.anchors[0]!.size, BigInt(id === first && isSent ? count : count + 2), name);
        }
        assert.equal(
          (await verifyProof(await opened.recorder.prove(first), { endpoints })).level,
          "L1",
          name,
        );
        assert.deepEqual(await opened.anchors.underWay(`eip155:31337 ${contract.toLowerCase()}`), [], name);
      }
    },
  );

  await t.step("keeps an anchor that reached the chain although the ledger stood in for it", async () => {
    await using folder = await makeTempFolder();
    let isSent = false;
    await using proxy = startFaultProxy(devnet.rpcUrl, {
      fault: ({ method }) => {
        // The node takes the transaction, and nobody hears of it.
        if (isSent) return { kind: "status", status: 503 };
        isSent = method === "eth_sendRawTransaction";
        return isSent ? { kind: "forward-then-status", status: 504 } : undefined;
      },
    });
    const open = opener(folder.path, 0);
    const fallback = (client: ChainClient) => createFallbackClient(client, localClientIn(folder.path));
    await using opened = await open({ urls: [proxy.url], patienceMs: 300, wrapChain: fallback });
    const { recorder } = opened;
    const [id] = await recordSteps(recorder, 101, 103);
    assert.equal((await recorder.anchorPending()).anchor?.facts.state, "local");
    proxy.fault = () => undefined;
    await recordSteps(recorder, 104, 105);
    assert.equal((await recorder.anchorPending()).recordCount, 2);
    assert.deepEqual((await opened.anchors.list()).map(({ size, facts }) => [size, facts.kind]), [
      [3n, "local"],
      [3n, "evm"],
      [5n, "evm"],
    ]);
    const proof = await recorder.prove(id!);
    assert.deepEqual(proof.anchors.map(({ kind, size }) => [kind, size]), [["local", 3n], ["evm", 3n]]);
    assert.deepEqual(await reachOf(proof), [true, "block", "confirmed"]);
  });

  await t.step("finds an anchor again that was in no block when its process died", async () => {
    await using folder = await makeTempFolder();
    const open = opener(folder.path);
    const own = devnet.accounts[account]!.address;
    const pendingOf = async () => Number(await devnet.request("eth_getTransactionCount", [own, "pending"]));
    const before = await pendingOf();
    const ids: string[] = [];
    await devnet.request("evm_setAutomine", [false]);
    {
      await using dying = await open();
      ids.push(...await recordSteps(dying.recorder, 1, 3));
      const stop = new AbortController();
      const anchoring = dying.recorder.anchorPending({ signal: stop.signal });
      await until(async () => await pendingOf() === before + 1);
      stop.abort(new Error("killed"));
      await assert.rejects(() => anchoring, { message: "killed" });
    }
    await using opened = await open();
    ids.push(...await recordSteps(opened.recorder, 4, 5));
    const anchoring = opened.recorder.anchorPending();
    await until(async () => await pendingOf() === before + 2);
    await devnet.request("evm_mine");
    await devnet.request("evm_setAutomine", [true]);
    assert.equal((await anchoring).recordCount, 5);
    assert.deepEqual((await opened.anchors.list()).map(({ size }) => size).sort(), [3n, 5n]);
    const proof = await opened.recorder.prove(ids[0]!);
    assert.equal(proof.anchors[0]!.size, 3n);
    assert.deepEqual(await reachOf(proof), [true, "block", "confirmed"]);
  });
});
