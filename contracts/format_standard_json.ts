import { compilerSettings } from "./compile.ts";

const CONTRACT = "ProofOfTraining";

/**
 * What the compiler is given, as a text: sources and settings, for services that compile them again. Each service asks for
 * the outputs it wants, so the creation and the deployed code are all that is named here.
 */
export async function standardJsonInput(): Promise<string> {
  const sources: Record<string, { readonly content: string }> = {};
  for (const name of [`I${CONTRACT}.sol`, `${CONTRACT}.sol`]) {
    sources[name] = { content: await Deno.readTextFile(new URL(name, import.meta.url)) };
  }
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } };
  return JSON.stringify({
    language: "Solidity",
    sources,
    settings: { ...compilerSettings, outputSelection },
  });
}

/** The text of `contracts/standard_json.ts`. */
export async function formatStandardJson(): Promise<string> {
  return `// Generated from the Solidity sources by \`deno task contracts:build\`; a test compiles it again and compares.
// deno-fmt-ignore-file

/** The contract's name within the standard JSON input. */
export const proofOfTrainingContractName = "${CONTRACT}.sol:${CONTRACT}";

/** Sources and settings as the compiler took them (standard JSON input), for those who want to compile them again. */
export const proofOfTrainingStandardJson: string =
  ${JSON.stringify(await standardJsonInput())};
`;
}
