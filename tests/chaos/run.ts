/**
 * Seeds of chaos, one after another, until the time is up; a seed that fails is printed with what happened, and ends it.
 *
 *     deno run --lock=tests/deno.lock -A tests/chaos/run.ts [first seed] [seeds] [minutes]
 */
import { runChaos } from "../../cli/chaos/run_chaos.ts";

const first = Number(Deno.args[0] ?? 1);
const seeds = Number(Deno.args[1] ?? 500);
const endMs = Date.now() + Number(Deno.args[2] ?? 60) * 60_000;
let done = 0;
const sums = { kills: 0, transactions: 0, replacements: 0, reorganisations: 0 };
for (let seed = first; seed < first + seeds && Date.now() < endMs; seed++) {
  const result = await runChaos({ seed });
  done++;
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name];
  if (result.violations.length === 0) continue;
  console.error(`seed ${seed} failed:\n${result.violations.join("\n")}\n${result.history.join("\n")}`);
  Deno.exitCode = 1;
  break;
}
console.log(
  `${done} seeds of ${seeds}: ${Deno.exitCode === 1 ? "one failed" : "all hold"}; ${JSON.stringify(sums)}`,
);
