/**
 * Whole-process start-up: `pot verify --offline` and `pot --help` beside `deno eval 0`, in turn, medians and ratio.
 *
 *     deno run -A bench/startup_bench.ts [rounds]
 */
import { join } from "node:path";
import { initialize } from "../lib/runtime/initialize.ts";
import { openRuntime } from "../lib/runtime/open_runtime.ts";
import { parseConfig } from "../lib/runtime/parse_config.ts";
import { formatProof } from "../lib/verify/format_proof.ts";
import { median, wholeProcessMs } from "./measure.ts";

const rounds = Number(Deno.args[0] ?? 21);
const root = new URL("..", import.meta.url).pathname;

async function writeProof(folder: string): Promise<string> {
  const { origin } = await initialize({ folder, chain: "local" });
  await using runtime = await openRuntime(parseConfig({ folder, env: {}, file: { origin } }));
  const { id } = await runtime.recorder.recordCheckpoint({ runId: "bench", step: 1 });
  await runtime.recorder.anchorPending();
  const path = join(folder, "bench.pot-proof.json");
  await Deno.writeTextFile(path, formatProof(await runtime.recorder.prove(id)));
  return path;
}

const folder = await Deno.makeTempDir({ prefix: "pot-startup-bench-" });
try {
  const proof = await writeProof(folder);
  const pot = ["run", "-A", "cli/main.ts"];
  const contenders: readonly (readonly [string, readonly string[]])[] = [
    ["deno eval 0", ["eval", "0"]],
    ["pot verify --offline", [...pot, "verify", proof, "--offline"]],
    ["pot --help", [...pot, "--help"]],
  ];
  const times = contenders.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, [, args]] of contenders.entries()) {
      const ms = await wholeProcessMs(args, root);
      // The first round fills the caches.
      if (round >= 0) times[i]!.push(ms);
    }
  }
  console.log(`whole process, median of ${rounds} runs in turn`);
  for (const [i, [name]] of contenders.entries()) {
    const ratios = times[i]!.map((ms, round) => ms / times[0]![round]!);
    console.log(
      `${name.padEnd(22)} ${median(times[i]!).toFixed(0).padStart(5)} ms  ${
        median(ratios).toFixed(2)
      } times deno eval 0`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
