import type { ScenarioGas } from "./scenario_gas.ts";
import { formatGas } from "./gas_report_text.ts";
import type { GasFigure } from "./our_gas.ts";
import { GAS_PRICE_GWEI, PROJECTED, SCENARIOS } from "./scenarios.ts";

/** What the prototype's documentation claims, for the same calls. */
const CLAIMED: Readonly<Record<string, bigint>> = {
  "deployment": 1_500_000n,
  "storeHash, 0 B of metadata": 56_000n,
  "storeHash, 512 B of metadata": 61_000n,
  "storeHash, 2048 B of metadata": 81_000n,
};

const SHOWN = [
  "deployment",
  "anchor, a submitter's first",
  "anchor, the dearest of 100 later ones",
  "storeHash, 0 B of metadata",
  "storeHash, 64 B of metadata",
  "storeHash, 512 B of metadata",
  "storeHash, 2048 B of metadata",
];

/** The tables of `docs/cost.md` by the names of their markers. */
export function formatCostTables(
  { costs, figures, compiler }: {
    readonly costs: readonly ScenarioGas[];
    readonly figures: readonly GasFigure[];
    readonly compiler: { readonly version: string; readonly optimizerRuns: number };
  },
): Readonly<Record<string, string>> {
  const gas = new Map(figures.map((figure) => [figure.name, figure.gas]));
  const transactions = SHOWN.map((name) => [
    name,
    formatGas(gas.get(name)!),
    name in CLAIMED ? formatGas(CLAIMED[name]!) : "",
  ]);
  const scenarios = costs.map(({ oneByOne, batched, conditional, conditionalRecords }, i) => {
    const { checkpoints, validations } = SCENARIOS[i]!;
    const projected = PROJECTED[i];
    return [
      `${number(checkpoints)} and ${number(validations)}`,
      cost(oneByOne),
      `${cost(conditional)} for ${number(conditionalRecords)}`,
      cost(batched),
      "0",
      projected === undefined ? "" : `$${projected}`,
    ];
  });
  return {
    compiler: `solc ${compiler.version.split("+")[0]}, viaIR, ${compiler.optimizerRuns} runs, Prague rules.`,
    transactions: table([["transaction", "gas", "claimed by the prototype"], ...transactions]),
    scenarios: table([
      [
        "checkpoints and validations",
        "one by one",
        "conditional",
        "batched",
        "local",
        "projected by the prototype",
      ],
      ...scenarios,
    ]),
  };
}

/** Puts each text between `<!-- name -->` and `<!-- /name -->`. */
export function replaceTables(page: string, texts: Readonly<Record<string, string>>): string {
  let result = page;
  for (const [name, text] of Object.entries(texts)) {
    const [from, to] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
    const [start, end] = [result.indexOf(from), result.indexOf(to)];
    if (start < 0 || end < start) throw new Error(`the page has no place for ${name}`);
    result = `${result.slice(0, start + from.length)}\n${text}\n${result.slice(end)}`;
  }
  return result;
}

function cost(gas: bigint): string {
  return `${formatGas(gas)} (${pol(gas)})`;
}

/** In POL at the prototype's gas price, to three digits that say something. */
function pol(gas: bigint): string {
  const value = Number(gas * GAS_PRICE_GWEI) / 1e9;
  return value.toPrecision(3);
}

function number(value: number): string {
  return formatGas(BigInt(value));
}

/** A table as `deno fmt` writes it, columns after the first aligned to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${
      row.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join(
        " | ",
      )
    } |`;
  const rule = widths.map((width, column) => column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  const [head, ...body] = rows;
  return [line(head!), line(rule), ...body.map(line)].join("\n");
}
