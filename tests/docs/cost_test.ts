import assert from "node:assert/strict";
import { formatCostTables, replaceTables } from "../../bench/gas/cost_text.ts";
import { openGasChain } from "../../bench/gas/gas_chain.ts";
import { parseGasReport } from "../../bench/gas/gas_report_text.ts";
import { measureScenarios } from "../../bench/gas/scenario_gas.ts";
import { POLICY, SCENARIOS } from "../../bench/gas/scenarios.ts";
import { proofOfTrainingCompiler } from "../../contracts/artifact.ts";
import { parseRecordingPolicy } from "../../lib/core/parse_recording_policy.ts";

Deno.test("docs/cost.md holds what the scenarios cost", async () => {
  const read = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));
  const page = await read("../../docs/cost.md");
  // tests/contracts/gas_test.ts holds these against the contract.
  const figures = [...parseGasReport(await read("../../contracts/GAS.md"))].map(([name, gas]) => ({
    name,
    gas,
  }));
  await using chain = await openGasChain();
  const costs = await measureScenarios(chain, SCENARIOS, parseRecordingPolicy(POLICY));
  const tables = formatCostTables({ costs, figures, compiler: proofOfTrainingCompiler });
  assert.ok(replaceTables(page, tables) === page, "docs/cost.md is stale: run deno task cost");
  // The text beside the tables.
  const anchor = figures.find(({ name }) => name === "anchor, the dearest of 100 later ones")!.gas;
  assert.equal(Math.ceil(Number(anchor) / 1_000), 30);
  assert.ok(
    page.includes(
      `an anchor of ${tables["transactions"]!.match(/100 later ones \|\s+([\d ]+?) \|/)![1]} gas`,
    ),
  );
});

Deno.test("replaceTables() puts each table in its place, and misses none", () => {
  const page = "a\n<!-- one -->\n\nold\n\n<!-- /one -->\nb\n";
  assert.equal(replaceTables(page, { one: "new" }), "a\n<!-- one -->\n\nnew\n\n<!-- /one -->\nb\n");
  assert.throws(() => replaceTables(page, { two: "new" }), /no place for two/);
});
