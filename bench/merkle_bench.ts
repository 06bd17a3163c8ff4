/**
 * Merkle trees side by side: ours with the SIMD engine, ours by `@noble/hashes` alone, merkletreejs and
 * fixed-merkle-tree with SHA-256 over the same leaves, and @openzeppelin/merkle-tree (keccak) beside them. Then ours
 * when only the root is wanted, of leaves that stream by.
 *
 *     deno run -A bench/merkle_bench.ts [--quick]
 *
 * The contenders take turns; figures are medians over the rounds. Each build runs in a process of its own, so that no
 * contender's memory or compiled code weighs on another, for long enough that every one is warm; "first ms" is the very
 * first. `--quick` takes fewer rounds and builds 2^20 leaves only with ours.
 */
import { type Contender, contenders } from "./merkle_contenders.ts";
import { measureStreaming, type StreamingFigures } from "./merkle_streaming.ts";
import { formatTable, median, peakMemoryBytes, timeMs } from "./measure.ts";

const SMALL = 1 << 16;
const LARGE = 1 << 20;
const STREAMED = [0, 1 << 16, 1 << 20, 1 << 24];
const DEPTH = 20;
const PROOFS = 2_000;
const VERIFICATIONS = 500;

/** Medians of one contender. */
interface Figures {
  /** The first build of a process, which waits for compilers. */
  firstMs: number;
  buildMs: number;
  proofUs: number;
  peakBytes: number;
}

/** 32-byte leaf hashes end to end, the same for everyone. */
function makeLeaves(count: number): Uint8Array {
  const words = new Uint32Array(count * 8);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

function timeProofsUs(prove: (index: number) => unknown, leafCount: number): number {
  const step = Math.floor(leafCount / PROOFS);
  return timeMs(() => {
    for (let i = 0; i < PROOFS; i++) prove(i * step);
  }) * 1000 / PROOFS;
}

function timeVerifyUs(verify: () => boolean): number {
  return timeMs(() => {
    for (let i = 0; i < VERIFICATIONS; i++) if (!verify()) throw new Error("a true proof was refused");
  }) * 1000 / VERIFICATIONS;
}

/** How many builds a process makes: at least so many, and as many as fit the time. */
interface Effort {
  readonly builds: number;
  /** So that whoever is fast is warm as well. */
  readonly atLeastMs: number;
}

/** What a child process does: builds the tree several times over, and makes proofs from it. */
function measureHere(contender: Contender, leafCount: number, { builds, atLeastMs }: Effort): Figures {
  const { build } = contender.prepare(makeLeaves(leafCount));
  const buildMs: number[] = [];
  const proofUs: number[] = [];
  const end = performance.now() + atLeastMs;
  while (buildMs.length < builds || performance.now() < end) {
    const start = performance.now();
    const { prove } = build();
    buildMs.push(performance.now() - start);
    if (prove !== undefined && proofUs.length < builds) proofUs.push(timeProofsUs(prove, leafCount));
  }
  return {
    firstMs: buildMs[0]!,
    buildMs: median(buildMs),
    proofUs: proofUs.length > 0 ? median(proofUs) : 0,
    peakBytes: peakMemoryBytes(),
  };
}

async function measureApart(
  contender: Contender,
  leafCount: number,
  { builds, atLeastMs }: Effort,
): Promise<Figures> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "-A",
      import.meta.filename!,
      "--one",
      contender.name,
      `${leafCount}`,
      `${builds}`,
      `${atLeastMs}`,
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`the process of ${contender.name} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Medians over rounds in which the contenders take turns, each in a process of its own. */
async function measureRounds(
  entrants: readonly Contender[],
  { leafCount, rounds, ...effort }: Effort & { leafCount: number; rounds: number },
): Promise<Map<Contender, Figures>> {
  const results = new Map(entrants.map((contender) => [contender, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const contender = entrants[(i + round) % entrants.length]!;
      results.get(contender)!.push(await measureApart(contender, leafCount, effort));
    }
  }
  return new Map([...results].map(([contender, figures]) => [contender, {
    firstMs: median(figures.map(({ firstMs }) => firstMs)),
    buildMs: median(figures.map(({ buildMs }) => buildMs)),
    proofUs: median(figures.map(({ proofUs }) => proofUs)),
    peakBytes: Math.max(...figures.map(({ peakBytes }) => peakBytes)),
  }]));
}

/** Microseconds a verification, medians over interleaved rounds in this process. */
function measureVerify(rounds: number): Map<Contender, number> {
  const path = makeLeaves(DEPTH + 1);
  const siblings = Array.from({ length: DEPTH }, (_, i) => path.slice(i * 32, i * 32 + 32));
  const leaf = path.slice(DEPTH * 32);
  const entries = contenders.map((contender) => ({
    contender,
    verify: contender.prepareVerify(leaf, siblings, 0b1011_0010_1100_0101_1010),
    us: [] as number[],
  }));
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const { verify, us } = entries[(i + round) % entries.length]!;
      const taken = timeVerifyUs(verify);
      // The first round only warms up.
      if (round > 0) us.push(taken);
    }
  }
  return new Map(entries.map(({ contender, us }) => [contender, median(us)]));
}

interface Results {
  readonly small: Map<Contender, Figures>;
  readonly large: Map<Contender, Figures>;
  readonly verifyUs: Map<Contender, number>;
  readonly streaming: readonly StreamingFigures[];
}

/** One line a peer: how many times as long it takes as ours. */
function buildRatios(
  label: string,
  { figures, ours, peers }: {
    figures: ReadonlyMap<Contender, Figures>;
    ours: Contender;
    peers: readonly Contender[];
  },
): string[] {
  return peers.filter((peer) => figures.has(peer)).map((peer) =>
    `${label}: ${ours.name} to ${peer.name}: ${
      (figures.get(peer)!.buildMs / figures.get(ours)!.buildMs).toFixed(1)
    }x`
  );
}

function report({ small, large, verifyUs, streaming }: Results): string {
  const [ours, rootOnly, reference, ...peers] = contenders as [
    Contender,
    Contender,
    Contender,
    ...Contender[],
  ];
  const buildOf = (contender: Contender) => small.get(contender)!.buildMs;
  const verifyOf = (contender: Contender) => verifyUs.get(contender)!;
  const rows = contenders.map((contender) => {
    const big = large.get(contender);
    return [
      contender.name,
      small.get(contender)!.firstMs.toFixed(1),
      buildOf(contender).toFixed(1),
      `${(buildOf(contender) / buildOf(ours)).toFixed(1)}x`,
      contender === rootOnly ? "-" : small.get(contender)!.proofUs.toFixed(1),
      (1e6 / verifyOf(contender)).toFixed(0),
      `${(verifyOf(contender) / verifyOf(ours)).toFixed(2)}x`,
      big === undefined ? "-" : big.buildMs.toFixed(0),
      big === undefined ? "-" : `${(big.buildMs / large.get(ours)!.buildMs).toFixed(1)}x`,
      big === undefined || contender === rootOnly ? "-" : big.proofUs.toFixed(1),
      big === undefined ? "-" : (big.peakBytes / 2 ** 20).toFixed(0),
    ];
  });
  const header = [
    "",
    "first ms",
    "2^16 ms",
    "to ours",
    "proof us",
    "verify/s",
    "to ours",
    "2^20 ms",
    "to ours",
    "proof us",
    "peak MiB",
  ];

  const fastest = (entrants: readonly Contender[], figureOf: (contender: Contender) => number) =>
    Math.min(...entrants.map(figureOf));
  const sha256Peers = peers.filter(({ name }) => !name.includes("keccak"));
  const noblePeers = sha256Peers.filter(({ name }) => name.includes("noble"));
  const sameHash = fastest(noblePeers, buildOf) / buildOf(reference);
  const toFastestVerifier = fastest(sha256Peers, verifyOf) / verifyOf(ours);
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
  const idleBytes = streaming[0]!.peakBytes;
  return [
    formatTable([header, ...rows]),
    "",
    ...buildRatios("root over 2^16", { figures: small, ours: rootOnly, peers: [reference, ...peers] }),
    ...buildRatios("tree over 2^16", { figures: small, ours, peers: [reference, ...peers] }),
    ...buildRatios("tree over 2^20", { figures: large, ours, peers: [reference, ...peers] }),
    "",
    `build at 2^16 by @noble/hashes alone, to the faster peer on it: ${sameHash.toFixed(2)}x`,
    `verification at depth ${DEPTH}, to the faster peer:                  ${toFastestVerifier.toFixed(2)}x`,
    `peak memory of the tree at 2^20, whole process:              ${
      mebibytes(large.get(ours)!.peakBytes)
    } MiB`,
    "",
    "root only, streaming, first call of a process:",
    ...streaming.slice(1).map(({ rootMs, peakBytes }, i) =>
      `  2^${Math.log2(STREAMED[i + 1]!)} leaves: ${rootMs.toFixed(0)} ms, peak ${
        mebibytes(peakBytes)
      } MiB, ` +
      `${mebibytes(peakBytes - idleBytes)} MiB more than for none`
    ),
  ].join("\n");
}

/** Each size several times in turn: medians of time, the most of memory. */
async function measureStreams(rounds: number): Promise<StreamingFigures[]> {
  const runs = STREAMED.map(() => [] as StreamingFigures[]);
  for (let round = 0; round < rounds; round++) {
    for (const [i, leafCount] of STREAMED.entries()) runs[i]!.push(await measureStreaming(leafCount));
  }
  return runs.map((figures) => ({
    rootMs: median(figures.map(({ rootMs }) => rootMs)),
    peakBytes: Math.max(...figures.map(({ peakBytes }) => peakBytes)),
  }));
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--one") {
    const contender = contenders.find(({ name }) => name === args[1])!;
    console.log(
      JSON.stringify(
        measureHere(contender, Number(args[2]), { builds: Number(args[3]), atLeastMs: Number(args[4]) }),
      ),
    );
    return;
  }
  const isQuick = args.includes("--quick");
  const verifyUs = measureVerify(isQuick ? 20 : 60);
  const rounds = isQuick ? 3 : 7;
  const small = new Map([
    ...await measureRounds(contenders.slice(0, -1), {
      leafCount: SMALL,
      rounds,
      builds: 9,
      atLeastMs: 1_500,
    }),
    // The keccak one only stands beside the others, and takes twenty times as long.
    ...await measureRounds(contenders.slice(-1), { leafCount: SMALL, rounds: 1, builds: 3, atLeastMs: 0 }),
  ]);
  const large = new Map([
    ...await measureRounds(isQuick ? contenders.slice(0, 3) : contenders.slice(0, -1), {
      leafCount: LARGE,
      rounds: 3,
      builds: 1,
      atLeastMs: 0,
    }),
    ...await measureRounds(isQuick ? [] : contenders.slice(-1), {
      leafCount: LARGE,
      rounds: 1,
      builds: 1,
      atLeastMs: 0,
    }),
  ]);
  const streaming = await measureStreams(isQuick ? 1 : 3);
  console.log(report({ small, large, verifyUs, streaming }));
}

await main(Deno.args);
