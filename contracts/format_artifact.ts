import { type CompiledContract, compilerSettings } from "./compile.ts";

/** The text of `contracts/artifact.ts`: the same for the same contract, settings and compiler. */
export function formatArtifact({ abi, bytecode, codeHash, version }: CompiledContract): string {
  const { optimizer, viaIR, evmVersion, metadata } = compilerSettings;
  return `// Generated from the Solidity sources by \`deno task contracts:build\`; a test compiles them again and compares.
// deno-fmt-ignore-file

/** ABI of the contract, for viem and any other client. */
export const proofOfTrainingAbi = ${JSON.stringify(abi, null, 2)} as const;

/** Creation code; the ABI-encoded owner (32 bytes) follows it in a deployment. */
export const proofOfTrainingBytecode: \`0x\${string}\` =
  "${bytecode}";

/** keccak256 of the code that a deployment leaves on the chain; the same for every owner and every chain. */
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
