import { compareAcceptance } from "../differential.ts";
import { openForgeProject } from "./forge_project.ts";

// 10 000 runs a property, invariants of 256 × 100 calls, 10 000 inputs to client and contract, 10 000 inclusion proofs:
// deno task contracts:fuzz [seed]
const seed = Number(Deno.args[0] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);
const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(0)} s`;

let start = performance.now();
const { disagreements, ...figures } = await compareAcceptance(10_000, seed);
console.log(`client and contract: ${JSON.stringify(figures)}, ${disagreements.length} disagreements`);
for (const disagreement of disagreements) console.log(`  ${disagreement}`);
console.log(`  ${seconds(start)}`);

start = performance.now();
await using project = await openForgeProject({ vectors: 10_000, seed });
const { success, output } = await project.forge(["test", "--fuzz-seed", `0x${seed.toString(16)}`], {
  FOUNDRY_FUZZ_RUNS: "10000",
  FOUNDRY_INVARIANT_RUNS: "256",
  FOUNDRY_INVARIANT_DEPTH: "100",
  // Slower to compile, faster to run.
  FOUNDRY_OPTIMIZER: "true",
});
console.log(success ? output.split("\n").filter((line) => /^\[|tests passed/.test(line)).join("\n") : output);
console.log(`  ${seconds(start)}`);
if (!success || disagreements.length > 0) Deno.exitCode = 1;
