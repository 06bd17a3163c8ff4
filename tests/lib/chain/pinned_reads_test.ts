import assert from "node:assert/strict";
import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../../../contracts/artifact.ts";
import { nextAnchorHead, NO_HEAD } from "../../../lib/chain/anchor_heads.ts";
import { createContractCalls } from "../../../lib/chain/contract_calls.ts";
import { evidenceTopics, parseAnchored } from "../../../lib/chain/contract_events.ts";
import { createEndpointPool } from "../../../lib/chain/endpoint_pool.ts";
import { findFirstBlock } from "../../../lib/chain/find_first_block.ts";
import { manyRecordsCall, parseRecordAnswers } from "../../../lib/chain/many_records_call.ts";
import {
  getBlockByNumber,
  isCanonical,
  pinContract,
  pinFinalizedBlock,
} from "../../../lib/chain/pin_block.ts";
import { readContractLogs } from "../../../lib/chain/read_contract_logs.ts";
import { type IdRange, readStoredHashes } from "../../../lib/chain/read_stored_hashes.ts";
import { UnreachableError, UsageError } from "../../../lib/core/errors.ts";
import { startChainFixture } from "../../_fakes/chain_fixture.ts";
import { type Fault, type RpcCall, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

const HASHES = 60;
const metadataOf = (id: number) => "é".repeat(id % 7) + "m".repeat(id * 30);

Deno.test("a contract read at one block", async (t) => {
  await using chain = await startChainFixture(["--slots-in-an-epoch", "1"]);
  const { devnet, contract } = chain;
  const deployedAt = 1n;
  const from = devnet.accounts[2]!.address;
  const send = (data: string) =>
    devnet.request("eth_sendTransaction", [{ from, to: contract, data, gas: "0x300000" }]);
  for (let id = 1; id <= HASHES; id++) {
    const args = [id.toString(16).padStart(64, "0"), metadataOf(id)] as const;
    await send(encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "storeHash", args }));
  }
  for (const size of [3n, 7n]) {
    const args = [`0x${"ab".repeat(32)}`, size] as const;
    await send(encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "anchor", args }));
  }
  await devnet.request("anvil_mine", ["0x3"]);

  let fault: (call: RpcCall) => Fault | undefined = () => undefined;
  await using proxy = startFaultProxy(devnet.rpcUrl, { fault: (call) => fault(call) });
  const endpoints = createEndpointPool({
    urls: [proxy.url],
    chainId: devnet.chainId,
    clock: createRacingClock(),
  });
  const block = await pinFinalizedBlock(endpoints);

  await t.step("pinFinalizedBlock() takes the newest final block, or an older one", async () => {
    const newest = BigInt(await devnet.request("eth_blockNumber") as string);
    assert.equal(block.number, newest - 2n);
    assert.equal((await pinFinalizedBlock(endpoints, { number: 2n })).number, 2n);
    await assert.rejects(pinFinalizedBlock(endpoints, { number: newest - 1n }), UsageError);
    assert.ok(await isCanonical(endpoints, block));
    assert.ok(!await isCanonical(endpoints, { ...block, hash: NO_HEAD }));
    assert.equal(await getBlockByNumber(endpoints, newest + 9n), undefined);
  });

  await t.step("pinContract() pins by hash, and by number where that is refused", async () => {
    const byHash = await pinContract(endpoints, contract, { block });
    assert.deepEqual(byHash.at, { blockHash: block.hash, requireCanonical: true });
    fault = ({ params }) =>
      typeof params[1] === "object"
        ? { kind: "rpc-error", error: { code: -32602, message: "invalid argument 1: hex string expected" } }
        : undefined;
    const early = await pinFinalizedBlock(endpoints, { number: deployedAt + 6n });
    const byNumber = await pinContract(endpoints, contract, { block: early });
    fault = () => undefined;
    assert.equal(byNumber.at, `0x${early.number.toString(16)}`);
    assert.equal(await byNumber.calls.getTransactionCount(), 5n);
    assert.equal(await byHash.calls.getTransactionCount(), BigInt(HASHES));
  });

  const read = async (ids: readonly IdRange[], batchSize?: number) => {
    const pinned = await pinContract(endpoints, contract, { block });
    const ranges = readStoredHashes(endpoints, { contract, pinned, ids, ...(batchSize && { batchSize }) });
    return await Array.fromAsync(ranges);
  };
  const expected = await (async () => {
    const { calls } = await pinContract(endpoints, contract, { block });
    return await Promise.all(Array.from({ length: HASHES }, (_, i) => calls.getStoredHash(BigInt(i + 1))));
  })();

  await t.step(
    "readStoredHashes() gives what getHash gives, in few requests, however long the answers",
    async () => {
      assert.deepEqual(expected.map((stored) => stored!.metadata), expected.map((_, i) => metadataOf(i + 1)));
      const before = proxy.count("eth_call");
      const ranges = await read([{ first: 1n, end: BigInt(HASHES) + 3n }]);
      assert.deepEqual(ranges.flatMap(({ hashes }) => hashes), [...expected, undefined, undefined]);
      // Of some 1 000 bytes each, about 20 fit into an answer.
      assert.ok(proxy.count("eth_call") - before < 20, `${proxy.count("eth_call") - before} requests`);
      let next = 1n;
      for (const { first, end } of ranges) {
        assert.equal(first, next);
        next = end;
      }
    },
  );

  await t.step("readStoredHashes() asks one by one where a node runs no program", async () => {
    for (
      const refusal of [
        { kind: "rpc-error", error: { code: -32000, message: "contract creation is not supported" } },
        { kind: "result", result: "0x" },
      ] as const
    ) {
      fault = ({ method, params: [call] }) =>
        method === "eth_call" && (call as { to?: string }).to === undefined ? refusal : undefined;
      const ranges = await read([{ first: 2n, end: 9n }, { first: 20n, end: 21n }], 8);
      assert.deepEqual(ranges.flatMap(({ hashes }) => hashes), [...expected.slice(1, 8), expected[19]]);
    }
    fault = () => undefined;
  });

  await t.step("readStoredHashes() refuses an answer that is none", async () => {
    for (
      const result of [
        `0x${"00".repeat(64)}`,
        `0x${"0".repeat(63)}1${"f".repeat(64)}`,
        `0x${"ff".repeat(500)}`,
      ]
    ) {
      fault = ({ method, params: [call] }) =>
        method === "eth_call" && (call as { to?: string }).to === undefined
          ? { kind: "result", result }
          : undefined;
      await assert.rejects(read([{ first: 1n, end: 3n }]), `${result.slice(0, 80)}`);
    }
    fault = () => undefined;
  });

  await t.step("manyRecordsCall() can be taken apart by parseRecordAnswers() alone", async () => {
    const range = { first: 1n, end: 3n };
    const data = manyRecordsCall(contract, range);
    const answer = await devnet.request("eth_call", [{ data }, "latest"]) as `0x${string}`;
    assert.deepEqual(parseRecordAnswers(answer, range).map(({ isFound }) => isFound), [true, true]);
    for (const wrong of [answer.slice(0, -2), `${answer}00`, "0x"]) {
      assert.throws(() => parseRecordAnswers(wrong as `0x${string}`, range), UnreachableError);
    }
    assert.throws(() => parseRecordAnswers(answer, { first: 1n, end: 2n }), UnreachableError);
  });

  await t.step("findFirstBlock() finds the deployment, unless old states are gone", async () => {
    assert.equal(await findFirstBlock(endpoints, contract, { toBlock: block.number }), deployedAt);
    for (const message of ["missing trie node 12ab (path )", "historical state is not available", "pruned"]) {
      fault = ({ method }) =>
        method === "eth_getCode" ? { kind: "rpc-error", error: { code: -32000, message } } : undefined;
      assert.equal(await findFirstBlock(endpoints, contract, { toBlock: block.number }), undefined, message);
    }
    fault = ({ method }) => method === "eth_getCode" ? { kind: "status", status: 500 } : undefined;
    await assert.rejects(findFirstBlock(endpoints, contract, { toBlock: block.number }), UnreachableError);
    fault = () => undefined;
  });

  await t.step("nextAnchorHead() makes the contract's own heads", async () => {
    const topics = evidenceTopics();
    const logs = await Array.fromAsync(
      readContractLogs(endpoints, { address: contract, topics, toBlock: block.number }),
    );
    assert.equal(logs.length, HASHES + 2);
    const [first, second] = logs.slice(-2).map((log) => ({
      ...parseAnchored(log, contract)!,
      at: log.blockNumber,
    }));
    assert.equal(first!.previous, NO_HEAD);
    assert.equal(nextAnchorHead(first!, first!.at), second!.previous);
    const head = await createContractCalls(endpoints, contract).getAnchorHead(second!.submitter);
    assert.equal(nextAnchorHead(second!, second!.at), head);
    assert.notEqual(nextAnchorHead(second!, second!.at + 1n), head);
  });
});
