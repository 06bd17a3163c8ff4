import assert from "node:assert/strict";
import { openGasChain } from "../../bench/gas/gas_chain.ts";
import { formatGasReport, grownFigures, parseGasReport } from "../../bench/gas/gas_report_text.ts";
import { measureContract } from "../../bench/gas/our_gas.ts";
import { proofOfTrainingCodeHash } from "../../contracts/artifact.ts";

const report = await Deno.readTextFile(new URL("../../contracts/GAS.md", import.meta.url));

Deno.test("gas is what contracts/GAS.md says, and within its limits", async () => {
  await using chain = await openGasChain();
  const figures = await measureContract(chain);
  assert.ok(
    report.includes(`\`${proofOfTrainingCodeHash}\``),
    "contracts/GAS.md is stale: run deno task gas",
  );
  assert.deepEqual(
    [...parseGasReport(report)],
    figures.map(({ name, gas }) => [name, gas]),
    "contracts/GAS.md is stale: run deno task gas",
  );
  const gas = parseGasReport(report);
  const limits = [
    ["deployment", 1_500_000n],
    ["storeHash, 0 B of metadata", 77_000n],
    ["storeHash, 64 B of metadata", 91_000n],
    ["storeHash, 512 B of metadata", 181_000n],
    ["storeHash, 2048 B of metadata", 490_000n],
    ["anchor, the dearest of 100 later ones", 30_500n],
  ] as const;
  for (const [name, limit] of limits) assert.ok(gas.get(name)! <= limit, `${name}: ${gas.get(name)}`);
});

Deno.test("grownFigures() names what has grown and what is new, and nothing else", () => {
  const figures = [
    { name: "deployment", gas: 1_000_001n },
    { name: "anchor", gas: 99n },
    { name: "storeHash, 0 B", gas: 5n },
    { name: "retire", gas: 1n },
  ];
  const text = formatGasReport(
    [
      { name: "deployment", gas: 1_000_000n },
      { name: "anchor", gas: 100n },
      { name: "storeHash, 0 B", gas: 5n },
      { name: "gone", gas: 1n },
    ],
    { codeHash: "0x00", compiler: "solc" },
  );
  assert.deepEqual(grownFigures(figures, parseGasReport(text)), [
    "deployment: 1000001, was 1000000",
    "retire: 1, not listed",
  ]);
});
