/**
 * Writes contracts/GAS.md: what every transaction of the contract costs. With --check it writes nothing and fails where
 * a figure has grown, or is not listed.
 */
import { proofOfTrainingCodeHash, proofOfTrainingCompiler } from "../contracts/artifact.ts";
import { openGasChain } from "./gas/gas_chain.ts";
import { formatGasReport, grownFigures, parseGasReport } from "./gas/gas_report_text.ts";
import { measureContract } from "./gas/our_gas.ts";

const path = new URL("../contracts/GAS.md", import.meta.url);

await using chain = await openGasChain();
const figures = await measureContract(chain);

if (Deno.args.includes("--check")) {
  const wrong = grownFigures(figures, parseGasReport(await Deno.readTextFile(path)));
  for (const line of wrong) console.error(`contracts/GAS.md: ${line}`);
  if (wrong.length > 0) {
    console.error("Gas has grown. If it has to, run deno task gas and commit the new figures.");
    Deno.exitCode = 1;
  } else {
    console.log(`contracts/GAS.md: none of ${figures.length} figures has grown`);
  }
} else {
  const { version, optimizerRuns, evmVersion } = proofOfTrainingCompiler;
  const text = formatGasReport(figures, {
    codeHash: proofOfTrainingCodeHash,
    compiler: `solc ${version.split("+")[0]}, viaIR, ${optimizerRuns} runs, \`evmVersion\` ${evmVersion}`,
  });
  await Deno.writeTextFile(path, text);
  console.log(`contracts/GAS.md: ${figures.length} figures`);
}
