import { fuzz } from "./fuzz.ts";
import { fuzzTargets } from "./targets.ts";

/** The same cases each time; `tests/fuzz/run.ts` tries others, for as long as one likes. */
const SEED = 1;

for (const target of await fuzzTargets()) {
  Deno.test(`${target.name} answers damaged input with one clear error`, async () => {
    await fuzz(target, { seed: SEED, budgetMs: 700, mostCases: 2_000 });
  });
}
