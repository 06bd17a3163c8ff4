/**
 * Writes the tables of docs/cost.md between their markers, from transactions that it sends to an Anvil of its own. With --check
 * it writes nothing and fails where the page says otherwise.
 */
import { proofOfTrainingCompiler } from "../contracts/artifact.ts";
import { parseRecordingPolicy } from "../lib/core/parse_recording_policy.ts";
import { formatCostTables, replaceTables } from "./gas/cost_text.ts";
import { openGasChain } from "./gas/gas_chain.ts";
import { measureContract } from "./gas/our_gas.ts";
import { measureScenarios } from "./gas/scenario_gas.ts";
import { POLICY, SCENARIOS } from "./gas/scenarios.ts";

const path = new URL("../docs/cost.md", import.meta.url);

await using chain = await openGasChain();
const costs = await measureScenarios(chain, SCENARIOS, parseRecordingPolicy(POLICY));
const figures = await measureContract(chain);
const page = await Deno.readTextFile(path);
const text = replaceTables(page, formatCostTables({ costs, figures, compiler: proofOfTrainingCompiler }));

if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(path, text);
  console.log("docs/cost.md: written");
} else if (text === page) {
  console.log("docs/cost.md: still true");
} else {
  console.error("docs/cost.md is stale: run deno task cost");
  Deno.exitCode = 1;
}
