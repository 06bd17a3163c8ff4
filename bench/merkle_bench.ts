/**
 * Merkle trees side by side: ours, merkletreejs and fixed-merkle-tree with SHA-256 over the same leaves, and
 * @openzeppelin/merkle-tree (keccak) beside them.
 *
 *     deno run -A bench/merkle_bench.ts [--quick]
 *
 * The contenders take turns; figures are medians over the rounds. Each build runs in a process of its own, so that no
 * contender's memory or compiled code weighs on another. `--quick` takes fewer rounds and builds 2^20 leaves only with
 * ours.
 */
import { type Contender, contenders } from "./merkle_contenders.ts";
import { formatTable, median, peakMemoryBytes, timeMs } from "./measure.ts";

const SMALL = 1 << 16;
const LARGE = 1 << 20;
const DEPTH = 20;
const PROOFS = 2_000;
const VERIFICATIONS = 500;

/** Medians of one contender. */
interface Figures {
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

/** What a child process does: builds the tree several times over, and makes proofs from it. */
function measureHere(contender: Contender, leafCount: number, builds: number): Figures {
  const { build } = contender.prepare(makeLeaves(leafCount));
  const buildMs: number[] = [];
  const proofUs: number[] = [];
  for (let i = 0; i < builds; i++) {
    const start = performance.now();
    const tree = build();
    buildMs.push(performance.now() - start);
    proofUs.push(timeProofsUs(tree.prove, leafCount));
  }
  return { buildMs: median(buildMs), proofUs: median(proofUs), peakBytes: peakMemoryBytes() };
}

async function measureApart(contender: Contender, leafCount: number, builds: number): Promise<Figures> {
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
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`the process of ${contender.name} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Medians over rounds in which the contenders take turns, each in a process of its own. */
async function measureRounds(
  entrants: readonly Contender[],
  { leafCount, rounds, builds }: { leafCount: number; rounds: number; builds: number },
): Promise<Map<Contender, Figures>> {
  const results = new Map(entrants.map((contender) => [contender, [] as Figures[]]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entrants.length; i++) {
      const contender = entrants[(i + round) % entrants.length]!;
      results.get(contender)!.push(await measureApart(contender, leafCount, builds));
    }
  }
  return new Map([...results].map(([contender, figures]) => [contender, {
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
}

function report({ small, large, verifyUs }: Results): string {
  const [ours, ...others] = contenders as [Contender, ...Contender[]];
  const buildOf = (contender: Contender) => small.get(contender)!.buildMs;
  const verifyOf = (contender: Contender) => verifyUs.get(contender)!;
  const rows = contenders.map((contender) => {
    const big = large.get(contender);
    return [
      contender.name,
      buildOf(contender).toFixed(0),
      `${(buildOf(contender) / buildOf(ours)).toFixed(2)}x`,
      small.get(contender)!.proofUs.toFixed(1),
      (1e6 / verifyOf(contender)).toFixed(0),
      `${(verifyOf(contender) / verifyOf(ours)).toFixed(2)}x`,
      big === undefined ? "-" : big.buildMs.toFixed(0),
      big === undefined ? "-" : big.proofUs.toFixed(1),
      big === undefined ? "-" : (big.peakBytes / 2 ** 20).toFixed(0),
    ];
  });
  const header = [
    "",
    "2^16 ms",
    "to ours",
    "proof us",
    "verify/s",
    "to ours",
    "2^20 ms",
    "proof us",
    "peak MiB",
  ];

  const fastest = (peers: readonly Contender[], figureOf: (contender: Contender) => number) =>
    `${(Math.min(...peers.map(figureOf)) / figureOf(ours)).toFixed(2)}x`;
  const sha256Peers = others.filter(({ name }) => !name.includes("keccak"));
  const noblePeers = sha256Peers.filter(({ name }) => name.includes("noble"));
  const peakMiB = large.get(ours)!.peakBytes / 2 ** 20;
  return [
    formatTable([header, ...rows]),
    "",
    `build at 2^16, to the faster peer on the same hash library: ${fastest(noblePeers, buildOf)}`,
    `build at 2^16, to the faster peer on whichever suits it:    ${fastest(sha256Peers, buildOf)}`,
    `verification at depth ${DEPTH}, to the faster peer:              ${fastest(sha256Peers, verifyOf)}`,
    `peak memory at 2^20, whole process:                         ${peakMiB.toFixed(0)} MiB`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "--one") {
    const contender = contenders.find(({ name }) => name === args[1])!;
    console.log(JSON.stringify(measureHere(contender, Number(args[2]), Number(args[3]))));
    return;
  }
  const isQuick = args.includes("--quick");
  const verifyUs = measureVerify(isQuick ? 20 : 60);
  const rounds = isQuick ? 3 : 7;
  const small = new Map([
    ...await measureRounds(contenders.slice(0, -1), { leafCount: SMALL, rounds, builds: 15 }),
    // The keccak one only stands beside the others, and takes twenty times as long.
    ...await measureRounds(contenders.slice(-1), { leafCount: SMALL, rounds: 1, builds: 3 }),
  ]);
  const large = await measureRounds(isQuick ? contenders.slice(0, 1) : contenders, {
    leafCount: LARGE,
    rounds: 1,
    builds: 1,
  });
  console.log(report({ small, large, verifyUs }));
}

await main(Deno.args);
