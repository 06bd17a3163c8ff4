/**
 * A batch proof of a run beside the proofs of its records one by one: size, and time to build and to verify.
 *
 *     deno run -A bench/batch_proof_bench.ts [rounds]
 */
import type { EvmAnchorFacts } from "../lib/chain/chain_client.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import type { Anchor } from "../lib/recorder/anchor_line.ts";
import { buildBatchProof } from "../lib/recorder/build_batch_proof.ts";
import { buildProof } from "../lib/recorder/build_proof.ts";
import { extractProof } from "../lib/verify/extract_proof.ts";
import { formatBatchProof } from "../lib/verify/format_batch_proof.ts";
import { formatProof } from "../lib/verify/format_proof.ts";
import { parseBatchProof } from "../lib/verify/parse_batch_proof.ts";
import { parseProof } from "../lib/verify/parse_proof.ts";
import { verifyBatchProof } from "../lib/verify/verify_batch_proof.ts";
import { verifyProof } from "../lib/verify/verify_proof.ts";
import { startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { localFacts } from "../tests/_fakes/batch_fixture.ts";
import { anchorInFullBlock, FULL_BLOCKS } from "../tests/_fakes/full_block.ts";
import { makeTempFolder, openRecorder } from "../tests/_fakes/recorder_fixture.ts";
import { formatTable, median } from "./measure.ts";

const RECORDS = 1_000;
const BAR = 0.1;
const rounds = Number(Deno.args[0] ?? 5);

await using folder = await makeTempFolder();
await using chain = await startChainFixture(FULL_BLOCKS);
const rows = [[
  `${RECORDS} records`,
  "singles, bytes",
  "batch, bytes",
  "ratio",
  "nodes",
  "build, µs a record",
  "(single)",
  "verify, µs a record",
  "(single)",
]];
let isMet = true;

// The run stands alone in the log, then takes turns with 19 others: only the first has the bar.
for (const otherRuns of [0, 19]) {
  await using opened = await openRecorder(`${folder.path}/${otherRuns}`);
  const { recorder, log } = opened;
  const before = Array.from({ length: 1_500 }, (_, step) => recorder.recordCheckpoint(event("before", step)));
  await Promise.all(before);
  const runIds = ["run-1", ...Array.from({ length: otherRuns }, (_, i) => `other-${i}`)];
  for (let step = 0; step < RECORDS; step++) {
    const turn = runIds.map((runId) => recorder.recordCheckpoint(event(runId, step)));
    if (step % 50 === 49) await Promise.all(turn);
  }
  const head = (await log.checkpoint())!;
  const indices = await log.runIndices("run-1");
  const order = otherRuns === 0 ? "" : `, ${otherRuns} other runs between`;
  const crowded = await anchorFacts(head, 200);
  const cases: readonly (readonly [string, Anchor["facts"]])[] = [
    ["local ledger", localFacts(head.size, log.origin)],
    ["on a chain, no receipt path", withoutReceipt(crowded)],
    ["with receipt path, block of 200", crowded],
  ];
  for (const [name, facts] of cases) {
    const row = await measure({ log, anchors: [{ ...head, facts }] }, indices);
    rows.push([`${name}${order}`, ...row.cells]);
    if (otherRuns === 0 && row.ratio > BAR) isMet = false;
  }
}

console.log(`load average ${Deno.loadavg()[0]!.toFixed(1)}, medians of ${rounds} rounds`);
console.log(formatTable(rows));
console.log(`consecutive records, all kinds of anchors: ratio at most ${BAR} ${isMet ? "met" : "MISSED"}`);
if (!isMet) Deno.exitCode = 1;

function event(runId: string, step: number) {
  const random = () => crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32;
  return {
    runId,
    step,
    epoch: Math.floor(step / 100),
    metrics: { loss: random(), accuracy: random() },
    artifact: {
      algorithm: "sha256",
      digest: crypto.getRandomValues(new Uint8Array(32)).toHex(),
      sizeBytes: 14_483_482_112,
      name: `step-${step}.safetensors`,
      kind: "file",
      computed: true,
      format: "safetensors",
    },
  } as const;
}

async function anchorFacts(head: Pick<Anchor, "size" | "root">, count: number): Promise<EvmAnchorFacts> {
  const { size: _size, root: _root, ...anchor } = await anchorInFullBlock(chain, head, { count });
  const { inclusion, ...rest } = anchor;
  return {
    ...rest,
    inclusion: { ...inclusion!, gasUsed: 48_753n, effectiveGasPriceWei: 10n ** 9n },
  } as EvmAnchorFacts;
}

function withoutReceipt(facts: EvmAnchorFacts): EvmAnchorFacts {
  const { receiptProof: _, ...inclusion } = facts.inclusion!;
  return { ...facts, inclusion };
}

async function measure(
  sources: Parameters<typeof buildProof>[1] & Parameters<typeof buildBatchProof>[1],
  indices: readonly bigint[],
) {
  const times = {
    build: [] as number[],
    buildOne: [] as number[],
    verify: [] as number[],
    verifyOne: [] as number[],
  };
  let [batchBytes, singleBytes, nodeCount] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    let text = "";
    times.build.push(
      await microseconds(async () => {
        const batch = await buildBatchProof(indices, sources);
        nodeCount = batch.nodes.length;
        text = await formatBatchProof(batch);
      }),
    );
    batchBytes = new TextEncoder().encode(text).length;
    const singles: string[] = [];
    times.buildOne.push(
      await microseconds(async () => {
        for (const index of indices) singles.push(formatProof(await buildProof(index, sources)));
      }),
    );
    singleBytes = singles.reduce((sum, single) => sum + new TextEncoder().encode(single).length, 0);
    times.verify.push(
      await microseconds(async () => {
        const { ok } = await verifyBatchProof(await parseBatchProof(text));
        if (!ok) throw new Error("the batch does not hold");
      }),
    );
    times.verifyOne.push(
      await microseconds(async () => {
        for (const single of singles) {
          if (!(await verifyProof(parseProof(single))).ok) throw new Error("a proof does not hold");
        }
      }),
    );
    const batch = await parseBatchProof(text);
    const last = batch.records.at(-1)!;
    const taken = formatProof(extractProof(batch, leafHash(last.bytes).toHex()));
    if (taken !== singles.at(-1)) throw new Error("the batch gives another proof than the log");
  }
  const ratio = batchBytes / singleBytes;
  const each = (values: readonly number[]) => (median(values) / indices.length).toFixed(0);
  return {
    ratio,
    cells: [
      String(singleBytes),
      String(batchBytes),
      ratio.toFixed(4),
      String(nodeCount),
      each(times.build),
      each(times.buildOne),
      each(times.verify),
      each(times.verifyOne),
    ],
  };
}

async function microseconds(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) * 1_000;
}
