/**
 * Start-up with a key in the environment, with and without the SDKs of AWS, Azure and Slack in Deno's cache: `pot keys show`, the whole
 * process, in turn. Fails when the medians differ by more than 5 %.
 *
 *     deno run -A bench/key_startup_bench.ts [rounds]
 */
import { createBareCache } from "../tests/_fakes/deno_cache.ts";
import { median } from "./measure.ts";

const rounds = Number(Deno.args[0] ?? 41);
const root = new URL("..", import.meta.url).pathname;
/** Anvil's first account: published, worth nothing. */
const PRIVATE_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

await using bare = await createBareCache();
await using full = await createBareCache({ hasOptional: true });
const folder = await Deno.makeTempDir({ prefix: "pot-key-startup-bench-" });

async function startMs(cache: string): Promise<number> {
  const start = performance.now();
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--cached-only", `--lock=${folder}/deno.lock`, `--config=${root}deno.json`],
      ...[`${root}cli/main.ts`, "keys", "show"],
    ],
    cwd: folder,
    env: { DENO_DIR: cache, PRIVATE_KEY },
    stdout: "null",
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`pot keys show exited with ${code}`);
  return performance.now() - start;
}

try {
  await Deno.copyFile(`${root}deno.lock`, `${folder}/deno.lock`);
  const without: number[] = [];
  const withThem: number[] = [];
  for (let round = -2; round < rounds; round++) {
    // Each goes first as often as the other.
    const turns: [string, number[]][] = [[bare.folder, without], [full.folder, withThem]];
    if (round % 2 !== 0) turns.reverse();
    for (const [cache, times] of turns) {
      const ms = await startMs(cache);
      // The first rounds fill the caches.
      if (round >= 0) times.push(ms);
    }
  }
  const ratio = median(withThem) / median(without);
  console.log(`pot keys show with PRIVATE_KEY, whole process, median of ${rounds} runs in turn`);
  console.log(`optional packages not installed ${median(without).toFixed(0).padStart(5)} ms`);
  console.log(`optional packages installed     ${median(withThem).toFixed(0).padStart(5)} ms`);
  console.log(`ratio ${ratio.toFixed(3)} (may be 1.050)`);
  if (ratio > 1.05) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
