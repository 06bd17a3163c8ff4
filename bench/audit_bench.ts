/**
 * `pot log audit` of a large log, in a process of its own: the most memory it takes, and its rate beside that of hashing
 * the same records (leaves and nodes, by the same engine) from the same files.
 *
 *     deno run -A bench/audit_bench.ts [--quick] [records] [folder to measure in]
 */
import { join } from "node:path";
import { leafHash } from "../lib/core/merkle/leaf_hash.ts";
import { createRootAccumulator } from "../lib/core/merkle/root_accumulator.ts";
import { decodeBundle } from "../lib/log/entry_bundle.ts";
import { TILE_WIDTH, tilePath } from "../lib/log/tile_path.ts";
import { auditHome } from "../lib/runtime/audit_home.ts";
import { initialize } from "../lib/runtime/initialize.ts";
import { openRuntime } from "../lib/runtime/open_runtime.ts";
import { parseConfig } from "../lib/runtime/parse_config.ts";
import { median, peakMemoryBytes } from "./measure.ts";

const BAR_BYTES = 300e6;
const ROUNDS = 3;
/** Recorded at once. */
const CHUNK = 5_000;

/** What a child process measured. */
interface Figures {
  readonly seconds: number;
  readonly peakBytes: number;
  /** So that nobody measures something else. */
  readonly root: string;
}

const config = (home: string) => parseConfig({ folder: home, env: {}, file: { home: join(home, ".pot") } });

async function auditHere(home: string): Promise<Figures> {
  const startMs = performance.now();
  const report = await auditHome(config(home), { isOffline: true });
  if (report.outcome !== "clean") throw new Error(JSON.stringify(report.findings));
  return { seconds: (performance.now() - startMs) / 1_000, peakBytes: peakMemoryBytes(), root: report.root };
}

function hashHere(home: string, count: number): Figures {
  const startMs = performance.now();
  const accumulator = createRootAccumulator();
  for (let first = 0; first < count; first += TILE_WIDTH) {
    const path = tilePath(
      { level: "entries", index: first / TILE_WIDTH },
      Math.min(TILE_WIDTH, count - first),
    );
    const entries = decodeBundle(Deno.readFileSync(join(home, ".pot", "log", path)))!;
    accumulator.append(entries.map(({ bytes }) => leafHash(bytes)));
  }
  const root = accumulator.root().toHex();
  return { seconds: (performance.now() - startMs) / 1_000, peakBytes: peakMemoryBytes(), root };
}

async function fill(home: string, count: number): Promise<void> {
  await Deno.mkdir(home);
  await initialize({ folder: home, chain: "local" });
  await using runtime = await openRuntime(config(home));
  const startMs = performance.now();
  for (let from = 0; from < count; from += CHUNK) {
    await Promise.all(
      Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => {
        const step = from + i;
        return runtime.recorder.recordCheckpoint({
          runId: `run-${step % 20}`,
          step,
          artifact: {
            algorithm: "sha256",
            digest: leafHash(new TextEncoder().encode(String(step))).toHex(),
            sizeBytes: 104_857_600,
            name: `step-${step}.safetensors`,
            kind: "file",
            computed: true,
          },
          metrics: { loss: 1 / (1 + step), accuracy: 0.5 },
        });
      }),
    );
    if (from / CHUNK % 10 === 0) await runtime.recorder.anchorPending();
    else await runtime.log.checkpoint();
  }
  await runtime.recorder.anchorPending();
  console.log(`recorded ${count} in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
}

/** In a process of its own, so that its memory is nobody else's. */
async function measure(what: "audit" | "hash", home: string, count: number): Promise<Figures> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "-A", import.meta.filename!, what, home, `${count}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`the process that was to ${what} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function main(args: readonly string[]): Promise<void> {
  const [given, dir] = args.filter((arg) => arg !== "--quick");
  const count = Number(given ?? (args.includes("--quick") ? 100_000 : 1_000_000));
  const folder = await Deno.makeTempDir(dir === undefined ? {} : { dir });
  try {
    const home = join(folder, "home");
    await fill(home, count);
    const audits: Figures[] = [];
    const hashes: Figures[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      hashes.push(await measure("hash", home, count));
      audits.push(await measure("audit", home, count));
    }
    if (new Set([...audits, ...hashes].map(({ root }) => root)).size !== 1) throw new Error("another root");
    const rate = (figures: readonly Figures[]) => count / median(figures.map(({ seconds }) => seconds));
    const peak = Math.max(...audits.map(({ peakBytes }) => peakBytes));
    console.log(
      `${count} records, median of ${ROUNDS} runs in turn (load average ${Deno.loadavg()[0]!.toFixed(1)})`,
    );
    console.log(`  audit    ${Math.round(rate(audits))} records/s`);
    console.log(`  hashing  ${Math.round(rate(hashes))} records/s`);
    const ratio = median(audits.map(({ seconds }, round) => seconds / hashes[round]!.seconds));
    console.log(`  an audit takes ${ratio.toFixed(1)} times as long as hashing alone`);
    const isMet = peak <= BAR_BYTES;
    console.log(
      `peak memory: ${(peak / 1e6).toFixed(0)} MB (bar: at most ${BAR_BYTES / 1e6} MB) ${
        isMet ? "met" : "MISSED"
      }`,
    );
    if (!isMet) Deno.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const [what, home, count] = Deno.args;
  if (what === "audit") console.log(JSON.stringify(await auditHere(home!)));
  else if (what === "hash") console.log(JSON.stringify(hashHere(home!, Number(count))));
  else await main(Deno.args);
}
