import type { GasFigure } from "./our_gas.ts";

/** The text of `contracts/GAS.md`. */
export function formatGasReport(
  figures: readonly GasFigure[],
  { codeHash, compiler }: { readonly codeHash: string; readonly compiler: string },
): string {
  const names = Math.max("what".length, ...figures.map(({ name }) => name.length));
  const gases = Math.max("gas".length, ...figures.map(({ gas }) => formatGas(gas).length));
  const row = (name: string, gas: string) => `| ${name.padEnd(names)} | ${gas.padStart(gases)} |`;
  return `# Gas

What the contract's transactions cost, all of each transaction included, on Anvil under Prague rules. Written
by \`deno task gas\`; \`deno task gas --check\` fails when a figure grows. Beside its peers:
\`deno task bench:gas\`.

- code: \`${codeHash}\`
- compiler: ${compiler}

${row("what", "gas")}
| ${"-".repeat(names)} | ${"-".repeat(gases - 1)}: |
${figures.map(({ name, gas }) => row(name, formatGas(gas))).join("\n")}
`;
}

/** The figures of a report by name. */
export function parseGasReport(text: string): ReadonlyMap<string, bigint> {
  const rows = [...text.matchAll(/^\| (.+?) +\| +([0-9][0-9 ]*) \|$/gm)];
  return new Map(rows.map(([, name, gas]) => [name!, BigInt(gas!.replaceAll(" ", ""))]));
}

/** What is wrong with a report: a line for each figure that is larger now, or not listed. */
export function grownFigures(figures: readonly GasFigure[], report: ReadonlyMap<string, bigint>): string[] {
  return figures.flatMap(({ name, gas }) => {
    const listed = report.get(name);
    if (listed === undefined) return [`${name}: ${gas}, not listed`];
    return gas > listed ? [`${name}: ${gas}, was ${listed}`] : [];
  });
}

/** With a space between thousands. */
export function formatGas(gas: bigint): string {
  return gas.toString().replace(/\B(?=(?:\d{3})+$)/g, " ");
}
