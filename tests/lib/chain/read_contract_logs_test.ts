import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ChainError,
  chainErrorOf,
  classifyFailure,
  unreachableError,
} from "../../../lib/chain/chain_error.ts";
import type { EndpointPool, PoolReadOptions } from "../../../lib/chain/endpoint_pool.ts";
import {
  readContractLogRanges,
  readContractLogs,
  type ReadContractLogsOptions,
} from "../../../lib/chain/read_contract_logs.ts";
import { UnreachableError } from "../../../lib/core/errors.ts";

const ADDRESS = `0x${"c0".repeat(20)}` as const;
const TOPIC = `0x${"11".repeat(32)}` as const;
const quantity = (value: number | bigint) => `0x${value.toString(16)}`;

interface Place {
  readonly block: number;
  readonly index: number;
}

/** A log as a node answers it. */
function logAt({ block, index }: Place, more: Record<string, unknown> = {}) {
  return {
    address: ADDRESS,
    topics: [TOPIC],
    data: "0x",
    blockNumber: quantity(block),
    blockHash: `0x${block.toString(16).padStart(64, "0")}`,
    transactionHash: `0x${(block * 1_000 + index).toString(16).padStart(64, "0")}`,
    transactionIndex: "0x0",
    logIndex: quantity(index),
    removed: false,
    ...more,
  };
}

interface Asked {
  readonly from: number;
  readonly to: number;
}

/** A pool over a chain with these logs; `refuse` throws what the pool would. */
function createChain(
  places: readonly Place[],
  refuse: (asked: Asked & { readonly count: number }, options: PoolReadOptions) => void = () => {},
) {
  const asked: Asked[] = [];
  return {
    asked,
    read(method: string, params: readonly unknown[] = [], options: PoolReadOptions = {}) {
      assert.equal(method, "eth_getLogs");
      const [{ fromBlock, toBlock }] = params as [{ fromBlock: string; toBlock: string }];
      const range = { from: Number(fromBlock), to: Number(toBlock) };
      asked.push(range);
      const found = places.filter(({ block }) => block >= range.from && block <= range.to);
      return Promise.try(() => {
        refuse({ ...range, count: found.length }, options);
        return found.map((place) => logAt(place));
      });
    },
  };
}

function tooMuch(message: string, code: number): ChainError {
  const failure = classifyFailure({ from: "rpc", error: { code, message } });
  assert.ok(!failure.isRetryable, `${message} counts as ${failure.kind}`);
  return chainErrorOf("read eth_getLogs", { endpoint: "http://node/", failure });
}

const silence = () =>
  unreachableError("read from the chain", [{
    endpoint: "http://node/",
    failure: classifyFailure({ from: "timeout", timeoutMs: 10 }),
  }]);

const read = async (chain: Pick<EndpointPool, "read">, options: Partial<ReadContractLogsOptions> = {}) =>
  (await Array.fromAsync(
    readContractLogs(chain, { address: ADDRESS, topics: [TOPIC], toBlock: 1_000n, ...options }),
  ))
    .map(({ blockNumber, logIndex }) => ({ block: Number(blockNumber), index: logIndex }));

// As providers word it: Infura twice, zkSync, Alchemy thrice, QuickNode, Ankr, Cloudflare, PublicNode, reth twice, Erigon twice,
// Nethermind, Besu, dRPC, thirdweb, Chainstack, Coinbase, Moonbeam.
const WORDINGS: readonly (readonly [number, string])[] = [
  [-32602, "range 1000000 exceeds limit of 10000"],
  [-32005, "query returned more than 10000 results"],
  [-32602, "Query returned more than 10000 results. Try with this block range [0x118dc91, 0x1198cc3]."],
  [-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range."],
  [-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range."],
  [-32000, "query timeout exceeded. Consider reducing your block range."],
  [-32614, "eth_getLogs is limited to a 10,000 range"],
  [-32062, "Block range is too large"],
  [-32047, "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800"],
  [-32701, "exceed maximum block range: 50000"],
  [-32602, "query exceeds max results 20000"],
  [-32602, "query exceeds max block range 100000"],
  [-32000, "query block range exceeds server limit, narrow your filter: 1000"],
  [-32000, "query returns too many logs, narrow your filter: 20000"],
  [-32005, "Too many logs requested. Max logs per response is 20000."],
  [-32005, "Requested range exceeds maximum RPC range limit"],
  [35, "ranges over 10000 blocks are not supported on freetier"],
  [-32005, "Maximum allowed number of requested blocks is 3500"],
  [-32602, "Block range limit exceeded. See more details in the docs"],
  [-32602, "block range is too wide"],
  [-32008, "Response is too big"],
];

Deno.test("readContractLogs() takes each provider's words for a refusal of the range", async () => {
  const places = [{ block: 3, index: 0 }, { block: 700, index: 1 }, { block: 700, index: 2 }];
  for (const [code, message] of WORDINGS) {
    const chain = createChain(places, ({ from, to }) => {
      if (to - from >= 100) throw tooMuch(message, code);
    });
    assert.deepEqual(await read(chain), places, message);
  }
});

Deno.test("classifyFailure() takes HTTP 413 for too much, and a rate limit not", () => {
  assert.equal(classifyFailure({ from: "http", status: 413 }).kind, "too-much");
  for (
    const message of [
      "daily request count exceeded, request rate limited",
      "limit exceeded",
      "Too Many Requests",
    ]
  ) {
    assert.equal(
      classifyFailure({ from: "rpc", error: { code: -32005, message } }).kind,
      "rate-limited",
      message,
    );
  }
  const revert = { code: 3, message: "execution reverted: block range too large" };
  assert.equal(classifyFailure({ from: "rpc", error: revert }).kind, "reverted");
});

const place = fc.record({ block: fc.nat(2_000), index: fc.nat(3) }, { noNullPrototype: true });

Deno.test("readContractLogs() gives every log once and in order, whatever is refused", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(place, { maxLength: 60, selector: ({ block, index }) => `${block} ${index}` }),
      fc.integer({ min: 1, max: 3_000 }),
      fc.integer({ min: 4, max: 100 }),
      fc.nat(2_100),
      fc.nat(2_100),
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 6 }),
      async (places, rangeLimit, resultLimit, fromBlock, toBlock, rangeBlocks, concurrency) => {
        const chain = createChain(places, ({ from, to, count }) => {
          if (to - from >= rangeLimit) throw tooMuch("block range is too wide", -32602);
          if (count > resultLimit) throw tooMuch("query returned more than 4 results", -32005);
        });
        const options = { fromBlock: BigInt(fromBlock), toBlock: BigInt(toBlock), rangeBlocks, concurrency };
        const expected = places.filter(({ block }) => block >= fromBlock && block <= toBlock)
          .sort((a, b) => a.block - b.block || a.index - b.index);
        assert.deepEqual(await read(chain, options), expected);
        const ranges = await Array.fromAsync(readContractLogRanges(chain, { address: ADDRESS, ...options }));
        const backwards = { address: ADDRESS, ...options, newestFirst: true };
        const back = (await Array.fromAsync(readContractLogRanges(chain, backwards))).toReversed();
        const found = back.flatMap(({ logs }) => logs.map((log) => [Number(log.blockNumber), log.logIndex]));
        assert.deepEqual(found, expected.map(({ block, index }) => [block, index]));
        let next = BigInt(fromBlock);
        for (const range of ranges) {
          assert.equal(range.fromBlock, next);
          next = range.toBlock + 1n;
        }
        if (fromBlock <= toBlock) assert.equal(next, BigInt(toBlock) + 1n);
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("readContractLogs() finds the widest range and stays near it", async () => {
  const chain = createChain([], ({ from, to }) => {
    if (to - from >= 100) throw tooMuch("block range is too wide", -32602);
  });
  await read(chain, { toBlock: 99_999n });
  const given = chain.asked.filter(({ from, to }) => to - from < 100).length;
  // 1 000 ranges are the least.
  assert.ok(given <= 1_200, `${given} ranges answered`);
  assert.ok(chain.asked.length - given <= 40, `${chain.asked.length - given} refused`);
});

Deno.test("readContractLogs() asks for less after a silence, and gives up after a few", async () => {
  const slow = createChain([{ block: 5, index: 0 }], ({ from, to }, { isHopeless }) => {
    if (to - from < 50) return;
    const failure = classifyFailure({ from: "timeout", timeoutMs: 10 });
    assert.ok(isHopeless?.(failure), "the pool would ask for as much again");
    throw silence();
  });
  assert.deepEqual(await read(slow), [{ block: 5, index: 0 }]);

  const dead = createChain([], () => {
    throw silence();
  });
  await assert.rejects(read(dead, { toBlock: 1_000_000n }), UnreachableError);
  assert.equal(dead.asked.length, 5);
});

Deno.test("readContractLogs() gives up at once where an outage is no matter of the range", async () => {
  const failure = classifyFailure({ from: "thrown", error: new Error("refused") });
  const chain = createChain([], () => {
    throw unreachableError("read from the chain", [{ endpoint: "http://node/", failure }]);
  });
  await assert.rejects(read(chain), UnreachableError);
  assert.equal(chain.asked.length, 1);
});

Deno.test("readContractLogs() throws what a single block is refused with", async () => {
  const chain = createChain([], () => {
    throw tooMuch("block range is too wide", -32602);
  });
  await assert.rejects(read(chain), ChainError);
});

const POISON: Readonly<Record<string, readonly unknown[]>> = {
  "a log of block 1001, outside": [logAt({ block: 1_001, index: 0 })],
  [`a log of 0x${"dd".repeat(20)}, not of`]: [
    logAt({ block: 1, index: 0 }, { address: `0x${"dd".repeat(20)}` }),
  ],
  "a log with other topics": [logAt({ block: 1, index: 0 }, { topics: [`0x${"22".repeat(32)}`] })],
  "a log twice at place 0 of block 1": [logAt({ block: 1, index: 0 }), logAt({ block: 1, index: 0 })],
  "a log of two blocks with the number 1": [
    logAt({ block: 1, index: 0 }),
    logAt({ block: 1, index: 1 }, { blockHash: `0x${"ee".repeat(32)}` }),
  ],
};

Deno.test("readContractLogs() refuses logs that it did not ask for", async () => {
  for (const [fact, logs] of Object.entries(POISON)) {
    const chain = { ...createChain([]), read: () => Promise.resolve(logs) };
    await assert.rejects(read(chain), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.equal(
        error.message,
        "Cannot read the contract's events as an endpoint answered with other ones",
      );
      assert.ok(error.facts[0]!.startsWith(fact), String(error.facts[0]));
      return true;
    });
  }
  for (const removed of [[logAt({ block: 1, index: 0 }, { removed: true })], {}, [7]]) {
    const chain = { ...createChain([]), read: () => Promise.resolve(removed) };
    await assert.rejects(read(chain), UnreachableError);
  }
});

Deno.test("readContractLogs() lets topics be anything or one of several", async () => {
  const other = `0x${"22".repeat(32)}` as const;
  const chain = {
    ...createChain([]),
    read: () => Promise.resolve([logAt({ block: 1, index: 0 }, { topics: [other, TOPIC] })]),
  };
  assert.equal((await read(chain, { topics: [[TOPIC, other]] })).length, 1);
  assert.equal((await read(chain, { topics: [null, TOPIC] })).length, 1);
  await assert.rejects(read(chain, { topics: [null, null, null, TOPIC] }), UnreachableError);
});

Deno.test("readContractLogs() stops what is under way when its reader leaves", async () => {
  const signals: AbortSignal[] = [];
  const chain = createChain([{ block: 0, index: 0 }], (_, { signal }) => void signals.push(signal!));
  for await (const _ of readContractLogs(chain, { address: ADDRESS, toBlock: 10_000n, rangeBlocks: 10 })) {
    break;
  }
  assert.ok(signals.length > 0 && signals.every(({ aborted }) => aborted));
});
