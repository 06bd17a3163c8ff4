import { compileFiles } from "../../contracts/compile.ts";
import { type GasChain, sampleHash, sampleMetadata } from "./gas_chain.ts";
import type { GasFigure } from "./our_gas.ts";

/** The prototype's own storage layout, built literally: the same calls as ours. */
export async function measureLiteralLayout(
  chain: GasChain,
  lengths: readonly number[],
): Promise<readonly GasFigure[]> {
  const compiled = await compileFiles("LiteralProofOfTraining", ["test/LiteralProofOfTraining.sol"]);
  const contract = await chain.deploy(compiled);
  // As ours: the counter's slot is no longer empty when the figures are taken.
  await contract.send("storeHash", [sampleHash, ""]);
  const figures = [{ name: "deployment", gas: contract.deployment }];
  for (const length of lengths) {
    const gas = await contract.gas("storeHash", [sampleHash, sampleMetadata(length)]);
    figures.push({ name: `storeHash, ${length} B of metadata`, gas });
  }
  return figures;
}
