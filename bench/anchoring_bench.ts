/**
 * Records anchored a second, end to end: recorded and durable, in batches, the head anchored on an Anvil that mines at once, receipt and
 * path captured. Three rounds on fresh logs and accounts; the median counts.
 *
 *     deno run --lock=tests/deno.lock -A bench/anchoring_bench.ts [records] [records an anchor]
 */
import assert from "node:assert/strict";
import { denoFiles } from "../lib/io/deno_files.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createEvmClient } from "../lib/chain/evm_client.ts";
import { signerOf, startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { makeTempFolder, openRecorder } from "../tests/_fakes/recorder_fixture.ts";
import { formatTable, median } from "./measure.ts";

const count = Number(Deno.args[0] ?? 20_000);
const perAnchor = Number(Deno.args[1] ?? 2_000);
const ROUNDS = 3;

await using chain = await startChainFixture();
const { devnet, contract } = chain;

interface Round {
  readonly perSecond: number;
  readonly anchors: number;
  /** Of one anchor, its receipt captured: the median. */
  readonly anchorMs: number;
}

async function measure(round: number): Promise<Round> {
  await using folder = await makeTempFolder();
  const client = createEvmClient({
    endpoints: createEndpointPool({ urls: [devnet.rpcUrl], chainId: devnet.chainId, clock: systemClock }),
    contract,
    confirmations: 1,
    feePolicy: { capWei: 100_000_000_000n },
    journalFolder: `${folder.path}/journal`,
    files: denoFiles,
    clock: systemClock,
    randomUuid: () => crypto.randomUUID(),
    openSigner: () => Promise.resolve(signerOf(devnet.accounts[round + 1]!.privateKey)),
    pollIntervalMs: 100,
  });
  await using opened = await openRecorder(folder.path, { chain: client, clock: systemClock });
  const { recorder } = opened;
  const anchoring: number[] = [];
  const start = performance.now();
  for (let from = 0; from < count; from += perAnchor) {
    await Promise.all(Array.from(
      { length: Math.min(perAnchor, count - from) },
      (_, i) => recorder.recordValidation({ runId: `run-${from}`, step: i, metrics: { loss: 1 / (i + 1) } }),
    ));
    const anchorStart = performance.now();
    const { anchor } = await recorder.anchorPending();
    anchoring.push(performance.now() - anchorStart);
    assert.ok(anchor?.facts.kind === "evm" && typeof anchor.facts.inclusion?.receiptProof === "object");
  }
  const seconds = (performance.now() - start) / 1_000;
  const { recordCount, records, anchors } = await recorder.status();
  assert.equal(recordCount, count);
  assert.equal(records.confirmed + records.final, count);
  return { perSecond: count / seconds, anchors: anchors.length, anchorMs: median(anchoring) };
}

const rounds: Round[] = [];
for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(round));
console.log(formatTable([
  ["round", "records", "anchors", "records a second", "ms an anchor"],
  ...rounds.map(({ perSecond, anchors, anchorMs }, at) => [
    String(at + 1),
    String(count),
    String(anchors),
    perSecond.toFixed(0),
    anchorMs.toFixed(0),
  ]),
]));
console.log(`median: ${median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)} records a second`);
console.log(`machine load: ${Deno.loadavg().map((load) => load.toFixed(1)).join(", ")}`);
