/**
 * Memory of a process that sends 10 000 transactions: resident and live heap after each fifth of them, everything final by then.
 *
 *     deno run --lock=tests/deno.lock --v8-flags=--expose-gc -A bench/sender_memory.ts [transactions]
 */
import { encodeFunctionData } from "viem/utils";
import { proofOfTrainingAbi } from "../contracts/artifact.ts";
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createEvmSender } from "../lib/chain/evm_sender.ts";
import { openJournal } from "../lib/chain/journal.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { signerOf, startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { formatTable } from "./measure.ts";

const count = Number(Deno.args[0] ?? 10_000);
const STEPS = 5;
const IN_FLIGHT = 500;
const MIB = 2 ** 20;

// One slot an epoch: final is what is two blocks deep.
await using chain = await startChainFixture([
  ...["--block-time", "1", "--gas-limit", "300000000", "--slots-in-an-epoch", "1"],
]);
const { devnet, contract, folder } = chain;
const signer = signerOf(devnet.accounts[1]!.privateKey);
const { chainId } = devnet;
const journal = await openJournal({ folder, address: signer.address, chainId, files: denoFiles });
await using sender = createEvmSender({
  endpoints: createEndpointPool({ urls: [devnet.rpcUrl], chainId, clock: systemClock }),
  signer,
  journal,
  feePolicy: { capWei: 100_000_000_000n },
  confirmations: 1,
  clock: systemClock,
  pollIntervalMs: 200,
});
const collect = (globalThis as { gc?: () => void }).gc;
const rows = [["sent", "resident MiB", "live heap MiB", "heap a transaction", "not final"]];
const readHeap = () => {
  collect?.();
  return Deno.memoryUsage().heapUsed;
};
let next = 0;
let before = readHeap();
for (let step = 1; step <= STEPS; step++) {
  const until = Math.round((count * step) / STEPS);
  const from = next;
  await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
    while (next < until) {
      const n = next++;
      const hash = n.toString(16).padStart(64, "0");
      const data = encodeFunctionData({
        abi: proofOfTrainingAbi,
        functionName: "storeHash",
        args: [hash, ""],
      });
      const request = { key: `n ${n}`, purpose: "store the hash", to: contract, data, shape: "store" };
      await sender.send(request);
    }
  }));
  while (journal.live().length > 0) {
    await systemClock.sleep(500);
    await sender.tick();
  }
  const heap = readHeap();
  rows.push([
    String(next),
    (Deno.memoryUsage().rss / MIB).toFixed(0),
    (heap / MIB).toFixed(1),
    `${((heap - before) / (next - from)).toFixed(0)} B`,
    String(journal.live().length),
  ]);
  before = heap;
}
console.log(formatTable(rows));
console.log(`machine load: ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`);
console.log(
  "what grows: the key, nonce, state and block of each settled transaction, so that a key is never sent twice; the journal's file has the rest",
);
