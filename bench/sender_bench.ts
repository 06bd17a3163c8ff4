/**
 * Sending `storeHash` from one account to Anvil with 1 s blocks: the original's way (nonce from the node, wait for each receipt), ours
 * (journal on, every transaction confirmed), and pre-signed raw transactions in JSON-RPC batches, which is the limit.
 *
 * Ours and the limit take turns, three rounds each; medians count.
 *
 *     deno run --lock=tests/deno.lock -A bench/sender_bench.ts [transactions a round]
 */
import { encodeFunctionData } from "viem/utils";
import { privateKeyToAccount } from "viem/accounts";
import { proofOfTrainingAbi } from "../contracts/artifact.ts";
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createEvmClient } from "../lib/chain/evm_client.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { type ChainFixture, signerOf, startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { formatTable, median } from "./measure.ts";

const count = Number(Deno.args[0] ?? 8_000);
const ROUNDS = 3;
const AWAITED = 5;
/** Callers at once; each waits for its receipt before it sends again. */
const IN_FLIGHT = 8_000;
const BATCH = 100;
const FEES = { maxFeePerGas: 100_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
const GAS = 120_000n;

const hashOf = (n: number) => n.toString(16).padStart(64, "0");
const dataOf = (n: number) =>
  encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "storeHash", args: [hashOf(n), ""] });

/** Whole blocks of 2 000 and more, so that the way of sending decides and not the block. */
await using chain = await startChainFixture(["--block-time", "1", "--gas-limit", "300000000"]);
const { devnet } = chain;

console.log(`machine load before: ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`);
const waited = await measureAwaited(chain);
const limits: number[] = [];
/** Ours until all are in blocks, as the limit is measured, and until each caller has its receipt, which the limit never reads. */
const owns: number[] = [];
const answered: number[] = [];
const signingMs: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  const raws = await presign(chain, round);
  signingMs.push((performance.now() - start) / count);
  limits.push(await measurePresigned(raws, round));
  const own = await measureOurs(chain, round);
  owns.push(own.inBlocks);
  answered.push(own.answered);
  console.log(
    `round ${round + 1}: the limit ${limits[round]!.toFixed(0)}, ours ${
      own.inBlocks.toFixed(0)
    } into blocks, ${own.answered.toFixed(0)} answered, a second`,
  );
}
const [limit, ours, signMs] = [median(limits), median(owns), median(signingMs)];
const ofLimit = median(owns.map((own, round) => own / limits[round]!));

console.log(formatTable([
  ["way", "transactions", "a second", "of the limit", "of awaiting each"],
  ...[
    { way: "each receipt awaited (the original way)", sent: AWAITED, rate: waited },
    { way: "ours: journal on, into blocks", sent: count * ROUNDS, rate: ours },
    { way: "ours: and each caller answered with its receipt", sent: count * ROUNDS, rate: median(answered) },
    { way: "pre-signed, batches of 100 (the limit)", sent: count * ROUNDS, rate: limit },
  ].map(({ way, sent, rate }) => [
    way,
    String(sent),
    rate.toFixed(1),
    (rate / limit).toFixed(2),
    (rate / waited).toFixed(0),
  ]),
]));
console.log(`ours of the limit in the same round, median: ${ofLimit.toFixed(2)}`);
console.log(`fullest block: ${await fullestBlock()} transactions`);
console.log(`machine load after: ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`);
console.log(
  `the next wall: a signature takes ${signMs.toFixed(2)} ms with viem, so that one thread signs ${
    (1_000 / signMs).toFixed(0)
  } a second at best and ${
    (ours * signMs / 10).toFixed(0)
  } % of the time is spent on it. tiny-secp256k1 (WebAssembly) takes half of ` +
    "that, libsecp256k1 through N-API a seventh, both a native or compiled module for a key that noble keeps in plain TypeScript; or " +
    "sign in workers, as nonces are known before: two threads sign twice as fast where there is a core for each.",
);

async function measureAwaited({ contract }: ChainFixture): Promise<number> {
  const account = privateKeyToAccount(devnet.accounts[3]!.privateKey);
  const start = performance.now();
  for (let i = 0; i < AWAITED; i++) {
    const nonce = Number(await devnet.request("eth_getTransactionCount", [account.address, "pending"]));
    const raw = await account.signTransaction({
      type: "eip1559",
      chainId: devnet.chainId,
      nonce,
      to: contract,
      data: dataOf(i),
      gas: GAS,
      ...FEES,
    });
    const hash = await devnet.request("eth_sendRawTransaction", [raw]);
    while (await devnet.request("eth_getTransactionReceipt", [hash]) === null) await systemClock.sleep(20);
  }
  return AWAITED / ((performance.now() - start) / 1_000);
}

async function presign({ contract }: ChainFixture, round: number): Promise<readonly `0x${string}`[]> {
  const account = privateKeyToAccount(devnet.accounts[4]!.privateKey);
  const raws: `0x${string}`[] = [];
  for (let nonce = round * count; nonce < (round + 1) * count; nonce++) {
    raws.push(
      await account.signTransaction({
        type: "eip1559",
        chainId: devnet.chainId,
        nonce,
        to: contract,
        data: dataOf(nonce),
        gas: GAS,
        ...FEES,
      }),
    );
  }
  return raws;
}

async function measurePresigned(raws: readonly `0x${string}`[], round: number): Promise<number> {
  const { address } = devnet.accounts[4]!;
  const start = performance.now();
  for (let at = 0; at < raws.length; at += BATCH) {
    const response = await fetch(devnet.rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(
        raws.slice(at, at + BATCH).map((raw, id) => ({
          jsonrpc: "2.0",
          id,
          method: "eth_sendRawTransaction",
          params: [raw],
        })),
      ),
    });
    await response.body?.cancel();
  }
  await untilMined(address, (round + 1) * count);
  return raws.length / ((performance.now() - start) / 1_000);
}

async function measureOurs(
  { contract, folder }: ChainFixture,
  round: number,
): Promise<{ readonly inBlocks: number; readonly answered: number }> {
  await using client = createEvmClient({
    endpoints: createEndpointPool({ urls: [devnet.rpcUrl], chainId: devnet.chainId, clock: systemClock }),
    contract,
    confirmations: 1,
    feePolicy: { capWei: FEES.maxFeePerGas },
    journalFolder: folder,
    files: denoFiles,
    clock: systemClock,
    randomUuid: () => crypto.randomUUID(),
    openSigner: () => Promise.resolve(signerOf(devnet.accounts[5 + round]!.privateKey)),
    pollIntervalMs: 100,
    sending: { maxInFlight: 8_000 },
  });
  const start = performance.now();
  const rate = () => count / ((performance.now() - start) / 1_000);
  const inBlocks = untilMined(devnet.accounts[5 + round]!.address, count).then(rate);
  let next = 0;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < count) {
      const n = next++;
      await client.storeHash(hashOf(n), "", { key: `bench ${round} ${n}` });
    }
  }));
  const all = rate();
  return { inBlocks: await inBlocks, answered: all };
}

async function untilMined(address: string, transactions: number): Promise<void> {
  while (Number(await devnet.request("eth_getTransactionCount", [address, "latest"])) < transactions) {
    await systemClock.sleep(20);
  }
}

async function fullestBlock(): Promise<number> {
  const newest = Number(await devnet.request("eth_blockNumber"));
  let most = 0;
  for (let number = 1; number <= newest; number++) {
    const found = await devnet.request("eth_getBlockTransactionCountByNumber", [`0x${number.toString(16)}`]);
    most = Math.max(most, Number(found));
  }
  return most;
}
