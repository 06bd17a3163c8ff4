import { type CompiledContract, compilerSettings } from "./compile.ts";

/** The text of `contracts/artifact.ts`: the same for the same contract, settings and compiler. */
export function formatArtifact(
  { abi, bytecode, runtimeBytecode, codeHash, version }: CompiledContract,
): string {
  if (!bytecode.endsWith(runtimeBytecode.slice(2))) {
    throw new Error("the creation code does not end with the deployed code");
  }
  const { optimizer, viaIR, evmVersion, metadata } = compilerSettings;
  return `// Generated from the Solidity sources by \`deno task contracts:build\`; a test compiles them again and compares.
// deno-fmt-ignore-file

/** ABI of the contract, for viem and any other client. */
export const proofOfTrainingAbi = ${JSON.stringify(abi, null, 2)} as const;

/** Creation code; the ABI-encoded owner and predecessor (32 bytes each, zero for none) follow it in a deployment. */
export const proofOfTrainingBytecode: \`0x\${string}\` =
  "${bytecode}";

/** The code that a deployment leaves on the chain: the end of the creation code. */
export const proofOfTrainingDeployedBytecode: \`0x\${string}\` = \`0x\${
  proofOfTrainingBytecode.slice(-${runtimeBytecode.length - 2})
}\`;

/** keccak256 of that code; the same for every owner and every chain. */
export const proofOfTrainingCodeHash: \`0x\${string}\` =
  "${codeHash}";

/** What compiled it: whoever has these settings and the sources gets the same bytes. */
export const proofOfTrainingCompiler: {
  /** Full version of solc. */
  readonly version: string;
  readonly evmVersion: string;
  readonly viaIR: boolean;
  readonly optimizerRuns: number;
  /** \`none\`: no metadata hash at the end of the code. */
  readonly bytecodeHash: string;
} = {
  version: ${JSON.stringify(version)},
  evmVersion: ${JSON.stringify(evmVersion)},
  viaIR: ${viaIR},
  optimizerRuns: ${optimizer.runs},
  bytecodeHash: ${JSON.stringify(metadata.bytecodeHash)},
};
`;
}
