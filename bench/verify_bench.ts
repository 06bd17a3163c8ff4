/**
 * How fast proofs verify: the whole process beside `deno eval 0` for a proof out of a full block, and proofs a second in the library.
 *
 *     deno run -A bench/verify_bench.ts [rounds]
 */
import { join } from "node:path";
import { generateNoteKey, importNoteSigner } from "../lib/core/note_key.ts";
import { signCheckpointNote } from "../lib/core/checkpoint_note.ts";
import { hashPair } from "../lib/core/merkle/hash_pair.ts";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { verifyInclusion } from "../lib/core/merkle/verify_inclusion.ts";
import { encodeRecord } from "../lib/core/encode_record.ts";
import { RECORD_SCHEMA } from "../lib/core/record.ts";
import { formatProof } from "../lib/verify/format_proof.ts";
import { parseProof } from "../lib/verify/parse_proof.ts";
import { verifyProof } from "../lib/verify/verify_proof.ts";
import { startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { anchorInFullBlock, FULL_BLOCKS } from "../tests/_fakes/full_block.ts";
import { median, wholeProcessMs } from "./measure.ts";

const rounds = Number(Deno.args[0] ?? 21);
const DEPTH = 20;
const TRANSACTIONS = 200;
const BARS = { sizeBytes: 12_000, startup: 4, inclusions: 10_000, proofs: 1_000 };
const root = new URL("..", import.meta.url).pathname;

/** A record in the middle of a tree of 2^20 leaves, whose other nodes are random. */
function deepLeaf(step: number) {
  const record = encodeRecord({
    schema: RECORD_SCHEMA,
    kind: "checkpoint",
    runId: "bench",
    modelId: "llama-ft",
    step,
    epoch: 2,
    artifact: {
      algorithm: "sha256",
      digest: "ab".repeat(32),
      sizeBytes: 14_483_482_112,
      name: `step-${step}.safetensors`,
      kind: "file",
      computed: true,
      format: "safetensors",
    },
    metrics: { loss: 0.25, gradientNorm: 1.5 },
    parameters: { learningRate: 0.0001, batchSize: 512 },
    previous: "cd".repeat(32),
    recordedAt: "2026-01-31T12:00:00.000Z",
    salt: "ef".repeat(32),
  });
  const index = BigInt(crypto.getRandomValues(new Uint32Array(1))[0]! % 2 ** DEPTH);
  const path = Array.from({ length: DEPTH }, () => crypto.getRandomValues(new Uint8Array(32)));
  const treeRoot = path.reduce(
    (hash, node, level) => (index >> BigInt(level) & 1n) === 1n ? hashPair(node, hash) : hashPair(hash, node),
    leafHash(record),
  );
  return { record, index, path, size: BigInt(2 ** DEPTH), root: treeRoot };
}

async function writeProof(): Promise<string> {
  const signer = await importNoteSigner((await generateNoteKey("pot/bench")).signerKey);
  const { record, index, path, ...head } = deepLeaf(500);
  const checkpoint = await signCheckpointNote({ ...head, origin: "pot/bench" }, signer);
  await using chain = await startChainFixture([...FULL_BLOCKS]);
  const anchor = await anchorInFullBlock(chain, head, { count: TRANSACTIONS });
  return formatProof({
    schema: "pot-proof/1",
    record,
    index,
    logKeys: [signer.verifierKey],
    anchors: [{ ...anchor, path, checkpoint }],
  });
}

/** Medians of whole processes in turn: of an empty one, of ours, and of their ratios. */
async function compareStartup(proofPath: string) {
  const empty: number[] = [];
  const ours: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const [first, second] = [
      await wholeProcessMs(["eval", "0"], root),
      await wholeProcessMs(["run", "-A", "cli/main.ts", "verify", proofPath, "--offline"], root),
    ];
    // The first round fills the caches.
    if (round < 0) continue;
    empty.push(first);
    ours.push(second);
  }
  return { empty: median(empty), ours: median(ours), ratio: median(ours.map((ms, i) => ms / empty[i]!)) };
}

/** Checked at once, as whoever checks many does: signatures are verified off the main thread. */
const IN_FLIGHT = 16;

/** The median of five rates. */
async function perSecond(run: () => unknown): Promise<number> {
  const rates: number[] = [];
  for (let round = -1; round < 5; round++) {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < 500) {
      await Promise.all(Array.from({ length: IN_FLIGHT }, run));
      count += IN_FLIGHT;
    }
    if (round >= 0) rates.push(count * 1_000 / (performance.now() - start));
  }
  return median(rates);
}

function say(what: string, value: string, isMet: boolean): void {
  console.log(`  ${what.padEnd(52)} ${value.padStart(18)}  ${isMet ? "met" : "MISSED"}`);
  if (!isMet) Deno.exitCode = 1;
}

const folder = await Deno.makeTempDir({ prefix: "pot-verify-bench-" });
try {
  const text = await writeProof();
  const proofPath = join(folder, "bench.pot-proof.json");
  await Deno.writeTextFile(proofPath, text);
  const { ok, reach } = await verifyProof(parseProof(text));
  if (!ok || reach !== "block") throw new Error("the proof does not lead to the block");

  console.log(`proof out of a block of ${TRANSACTIONS} transactions, tree of 2^${DEPTH} leaves`);
  say(`size (bar: under ${BARS.sizeBytes} bytes)`, `${text.length} bytes`, text.length < BARS.sizeBytes);
  const { empty, ours, ratio } = await compareStartup(proofPath);
  console.log(
    `  deno eval 0 ${empty.toFixed(0)} ms, pot verify --offline ${ours.toFixed(0)} ms (${rounds} rounds)`,
  );
  say(
    `whole process (bar: at most ${BARS.startup} times deno eval 0)`,
    `${ratio.toFixed(2)} times`,
    ratio <= BARS.startup,
  );

  const { record, ...claim } = deepLeaf(1);
  const inclusion = { leafHash: leafHash(record), ...claim };
  if (!verifyInclusion(inclusion)) throw new Error("the path does not lead to the root");
  const inclusions = await perSecond(() => verifyInclusion(inclusion));
  say(
    `inclusion proofs of depth ${DEPTH} (bar: ${BARS.inclusions})`,
    `${inclusions.toFixed(0)} a second`,
    inclusions >= BARS.inclusions,
  );
  const proofs = await perSecond(() => verifyProof(parseProof(text)));
  say(
    `whole proofs: parse, verify, Ed25519 (bar: ${BARS.proofs})`,
    `${proofs.toFixed(0)} a second`,
    proofs >= BARS.proofs,
  );
  console.log(`  load average ${Deno.loadavg()[0]!.toFixed(1)} on ${navigator.hardwareConcurrency} cores`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
