/**
 * Tries damaged inputs on everything that reads them, in turn.
 *
 *     deno run -A tests/fuzz/run.ts [seed] [minutes]
 *
 * A failure prints its seed: run with that seed and 0 minutes to see it again.
 */
import { fuzz } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

const seed = Number(Deno.args[0] ?? Math.floor(Math.random() * 2 ** 31));
const minutes = Number(Deno.args[1] ?? 5);
const targets = await fuzzTargets();
console.log(`seed ${seed}, ${minutes} minutes`);
for (const target of targets) {
  try {
    const count = await fuzz(target, { seed, budgetMs: minutes * 60_000 / targets.length });
    console.log(`  ${target.name}: ${count} damaged inputs, each refused or read as what it is`);
  } catch (error) {
    Deno.exitCode = 1;
    console.error(`  ${error instanceof Error ? error.message : error}`);
  }
}
