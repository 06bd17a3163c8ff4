import assert from "node:assert/strict";
import { captureReceiptProof, type ReceiptPlace } from "../../../lib/chain/capture_receipt_proof.ts";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { parseReceipt } from "../../../lib/chain/rpc_values.ts";
import { toHex } from "../../../lib/core/hex.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { verifyReceiptProof } from "../../../lib/verify/verify_receipt_proof.ts";
import { type ChainFixture, headOf, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { sendAnchor, sendStrangers } from "../../_fakes/crowded_block.ts";
import { type Fault, type RpcCall, startFaultProxy } from "../../_fakes/fault_proxy.ts";

type Answers = Record<string, unknown>;

/** Anchors a head in a block with that many other transactions; answers with what a proof must show. */
async function anchorAmong(chain: ChainFixture, size: number, strangers: number) {
  const { devnet, contract } = chain;
  const submitter = devnet.accounts[1]!.address;
  await devnet.request("evm_setAutomine", [false]);
  await sendStrangers(devnet, Math.floor(strangers / 2), contract);
  const hash = await sendAnchor(devnet, headOf(size), { contract, from: submitter });
  await sendStrangers(devnet, Math.ceil(strangers / 2), contract);
  await devnet.request("evm_mine");
  await devnet.request("evm_setAutomine", [true]);
  const receipt = parseReceipt(await devnet.request("eth_getTransactionReceipt", [hash]))!;
  const block = await devnet.request("eth_getBlockByHash", [receipt.blockHash, false]) as Answers;
  assert.equal((block["transactions"] as unknown[]).length, strangers + 1);
  const { size: of, root } = headOf(size);
  const inclusion = { ...receipt, blockTime: Number(block["timestamp"]), logIndex: 0 };
  return { contract, submitter, size: of, root, inclusion };
}

Deno.test("captureReceiptProof() on a chain of its own", async (t) => {
  await using chain = await startChainFixture();
  const { devnet } = chain;
  const poolOf = (...urls: readonly string[]) =>
    createEndpointPool({ urls, chainId: 31337, clock: systemClock, timeoutMs: 2_000, rounds: 1 });
  const crowded = await anchorAmong(chain, 1, 60);
  const place: ReceiptPlace = crowded.inclusion;
  const truth = await captureReceiptProof(poolOf(devnet.rpcUrl), place);
  assert.ok(typeof truth === "object");

  const withReceipts = (change: (receipts: Answers[]) => unknown) => async (): Promise<Fault> => ({
    kind: "result",
    result: change(
      await devnet.request("eth_getBlockReceipts", [`0x${place.blockNumber.toString(16)}`]) as Answers[],
    ),
  });
  /** A proxy with one method's answer decided beforehand, as the proxy asks synchronously. */
  const lying = async (
    method: string,
    answer: () => Promise<Fault>,
    more: Readonly<Record<string, Fault>> = {},
  ) => {
    const fault = await answer();
    return startFaultProxy(devnet.rpcUrl, {
      fault: (call: RpcCall) => call.method === method ? fault : more[call.method],
    });
  };
  await t.step("leads from the receipt to the block, whatever else is in it", async () => {
    const verify = (expected: typeof crowded, proof: typeof truth) => verifyReceiptProof(proof, expected);
    assert.deepEqual(verify(crowded, truth), { ok: true });
    const all = await devnet.request("eth_getBlockReceipts", [
      `0x${place.blockNumber.toString(16)}`,
    ]) as Answers[];
    assert.deepEqual([...new Set(all.map(({ type }) => type))].sort(), ["0x0", "0x1", "0x2"]);
    assert.deepEqual([...new Set(all.map(({ status }) => status))].sort(), ["0x0", "0x1"]);
    // Whole blocks of other sizes: one leaf, a root with few children, keys of one byte and of two.
    for (const [i, strangers] of [0, 1, 2, 15, 16, 17, 127, 128, 130].entries()) {
      const expected = await anchorAmong(chain, 10 + i, strangers);
      const proof = await captureReceiptProof(poolOf(devnet.rpcUrl), expected.inclusion);
      assert.ok(typeof proof === "object", `${strangers} strangers`);
      assert.deepEqual(verify(expected, proof), { ok: true }, `${strangers} strangers`);
    }
  });

  await t.step("asks for each receipt where the endpoint does not give a block's at once", async () => {
    const unknown = {
      code: -32601,
      message: "the method eth_getBlockReceipts does not exist/is not available",
    };
    const heavy = { code: -32000, message: "response size is too big" };
    for (
      const fault of [{ kind: "rpc-error", error: unknown }, { kind: "rpc-error", error: heavy }, {
        kind: "result",
        result: null,
      }] as const
    ) {
      await using proxy = await lying("eth_getBlockReceipts", () => Promise.resolve(fault));
      assert.deepEqual(await captureReceiptProof(poolOf(proxy.url), place), truth);
      assert.equal(proxy.count("eth_getTransactionReceipt"), 61);
    }
  });

  const lies: Readonly<Record<string, (receipts: Answers[]) => unknown>> = {
    "another gas": (all) => all.map((one, i) => i === 3 ? { ...one, cumulativeGasUsed: "0x1" } : one),
    "another outcome": (all) => all.map((one) => ({ ...one, status: "0x1" })),
    "a bloom of its own": (all) => all.map((one) => ({ ...one, logsBloom: "0x" })),
    "an event less": (all) => all.map((one) => ({ ...one, logs: [] })),
    "an event changed": (all) =>
      all.map((one) => ({
        ...one,
        logs: (one["logs"] as Answers[]).map((log) => ({
          ...log,
          data: `${String(log["data"]).slice(0, -2)}77`,
        })),
      })),
    "one receipt twice": (all) => [...all, all[0]],
    "an order of its own": (all) =>
      all.map((one, i) => ({ ...one, transactionIndex: `0x${(all.length - 1 - i).toString(16)}` })),
    "another transaction's receipt in our place": (all) =>
      all.map((one) =>
        one["transactionHash"] === place.transactionHash ? { ...one, transactionHash: place.blockHash } : one
      ),
  };

  for (const [name, change] of Object.entries(lies)) {
    await t.step(`does not believe an endpoint that shows ${name}, and asks the next one`, async () => {
      await using liar = await lying("eth_getBlockReceipts", withReceipts(change));
      assert.equal(await captureReceiptProof(poolOf(liar.url), place), "unavailable");
      assert.deepEqual(await captureReceiptProof(poolOf(liar.url, devnet.rpcUrl), place), truth);
    });
  }

  await t.step("takes receipts that are not there for no answer: another time may do", async () => {
    const nothing: Fault = { kind: "result", result: null };
    const gone = { "eth_getTransactionReceipt": nothing };
    const silences = [
      // Pruned, or not there yet.
      await lying("eth_getBlockReceipts", () => Promise.resolve(nothing), gone),
      await lying("eth_getBlockReceipts", () => Promise.resolve({ kind: "result", result: [] })),
      await lying("eth_getBlockReceipts", withReceipts((all) => all.slice(1))),
      await lying("eth_getBlockByHash", () => Promise.resolve(nothing)),
      await lying(
        "eth_getBlockByHash",
        () =>
          Promise.resolve({
            kind: "rpc-error",
            error: { code: 4444, message: "pruned history unavailable" },
          }),
      ),
      await lying("eth_getBlockReceipts", () => Promise.resolve(nothing), {
        "eth_getTransactionReceipt": {
          kind: "rpc-error",
          error: { code: 4444, message: "pruned history unavailable" },
        },
      }),
      // A reorganisation between the two questions: the receipts are of another block.
      await lying(
        "eth_getBlockReceipts",
        withReceipts((all) => all.map((one) => ({ ...one, blockHash: place.transactionHash }))),
      ),
      // Down.
      await lying("eth_getBlockByHash", () => Promise.resolve({ kind: "status", status: 503 })),
    ];
    for (const [i, silent] of silences.entries()) {
      await using _proxy = silent;
      assert.equal(await captureReceiptProof(poolOf(silent.url), place), undefined, String(i));
      assert.deepEqual(await captureReceiptProof(poolOf(silent.url, devnet.rpcUrl), place), truth);
      // One that has no answer may be the honest one.
      await using liar = await lying("eth_getBlockReceipts", withReceipts(lies["an event less"]!));
      assert.equal(await captureReceiptProof(poolOf(silent.url, liar.url), place), undefined);
    }
  });

  await t.step("says unavailable where the chain's headers do not hash to their blocks", async () => {
    const block = await devnet.request("eth_getBlockByHash", [place.blockHash, false]) as Answers;
    for (
      const change of [{ parentHash: place.transactionHash }, { mixHash: undefined }, { stateRoot: "0x" }, {
        receiptsRoot: place.transactionHash,
      }]
    ) {
      await using proxy = await lying(
        "eth_getBlockByHash",
        () => Promise.resolve({ kind: "result", result: { ...block, ...change } }),
      );
      assert.equal(await captureReceiptProof(poolOf(proxy.url), place), "unavailable");
    }
    const refusing = { isSound: () => false };
    assert.equal(await captureReceiptProof(poolOf(devnet.rpcUrl), place, refusing), "unavailable");
  });

  await t.step("leaves out the note of Polygon's bridge that no header commits to", async () => {
    const bridge = (all: Answers[]) => [...all, {
      ...all[0],
      transactionIndex: `0x${all.length.toString(16)}`,
      transactionHash: `0x${"5c".repeat(32)}`,
      from: `0x${"0".repeat(40)}`,
      to: `0x${"0".repeat(40)}`,
      gasUsed: "0x0",
    }];
    await using proxy = await lying("eth_getBlockReceipts", withReceipts(bridge));
    assert.deepEqual(await captureReceiptProof(poolOf(proxy.url), place), truth);
  });

  await t.step("stops at the caller's signal", async () => {
    await using proxy = await lying("eth_getBlockReceipts", () => Promise.resolve({ kind: "hang" }));
    const caller = new AbortController();
    const capture = captureReceiptProof(poolOf(proxy.url), place, { signal: caller.signal });
    const timer = setInterval(
      () => proxy.count("eth_getBlockReceipts") > 0 && caller.abort(new Error("enough")),
      5,
    );
    await assert.rejects(() => capture, { message: "enough" }).finally(() => clearInterval(timer));
  });

  await t.step("ends at the first receipt that is missing, without asking for all", async () => {
    await using proxy = await lying(
      "eth_getBlockReceipts",
      () => Promise.resolve({ kind: "result", result: null }),
      {
        "eth_getTransactionReceipt": { kind: "result", result: null },
      },
    );
    assert.equal(await captureReceiptProof(poolOf(proxy.url), place), undefined);
    assert.ok(proxy.count("eth_getTransactionReceipt") <= 9);
  });

  assert.match(toHex(truth.header), /^f90/);
});
