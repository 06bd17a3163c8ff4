/**
 * Whole process: `pot prove` for a random record of a log of 1 000 000 records, and of one of 1 000, in turn.
 *
 *     deno run -A bench/prove_bench.ts [folder to measure in] [records of the large log] [rounds]
 */
import { join } from "node:path";
import { initialize } from "../lib/runtime/initialize.ts";
import { openRuntime } from "../lib/runtime/open_runtime.ts";
import { parseConfig } from "../lib/runtime/parse_config.ts";
import { median } from "./measure.ts";

const SMALL = 1_000;
const LARGE = Number(Deno.args[1] ?? 1_000_000);
const rounds = Number(Deno.args[2] ?? 21);
const BAR = 1.5;
/** Recorded at once. */
const CHUNK = 5_000;
const main = new URL("../cli/main.ts", import.meta.url).pathname;
const configuration = new URL("../deno.json", import.meta.url).pathname;

const folder = await Deno.makeTempDir(Deno.args[0] === undefined ? {} : { dir: Deno.args[0] });
try {
  const logs = [await filledHome("small", SMALL), await filledHome("large", LARGE)];
  const times = logs.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, { home, ids }] of logs.entries()) {
      const ms = await proveMs(home, ids[Math.floor(Math.random() * ids.length)]!);
      // The first round fills the caches.
      if (round >= 0) times[i]!.push(ms);
    }
  }
  console.log(`pot prove, median of ${rounds} runs in turn (load average ${Deno.loadavg()[0]!.toFixed(1)})`);
  for (const [i, { count }] of logs.entries()) {
    console.log(`  ${count} records: ${median(times[i]!).toFixed(0)} ms`);
  }
  const ratio = median(times[1]!.map((ms, round) => ms / times[0]![round]!));
  console.log(`large to small: ${ratio.toFixed(2)} (bar: at most ${BAR}) ${ratio <= BAR ? "met" : "MISSED"}`);
  if (ratio > BAR) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function filledHome(name: string, count: number) {
  const home = join(folder, name);
  await Deno.mkdir(home);
  const { origin } = await initialize({ folder: home, chain: "local" });
  await using runtime = await openRuntime(parseConfig({ folder: home, env: {}, file: { origin } }));
  const ids: string[] = [];
  const startMs = performance.now();
  for (let from = 0; from < count; from += CHUNK) {
    const results = await Promise.all(
      Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) =>
        runtime.recorder.recordCheckpoint({
          runId: `run-${(from + i) % 20}`,
          step: from + i,
          metrics: { loss: 1 / (1 + from + i) },
        })),
    );
    ids.push(...results.map(({ id }) => id));
    await runtime.log.checkpoint();
  }
  await runtime.recorder.anchorPending();
  console.log(`recorded ${count} in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  return { home, ids, count };
}

async function proveMs(home: string, id: string): Promise<number> {
  const startMs = performance.now();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--config",
      configuration,
      main,
      "prove",
      id,
      "--output",
      join(home, "bench.pot-proof.json"),
    ],
    cwd: home,
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return performance.now() - startMs;
}
