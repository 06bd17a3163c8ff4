import type { CompiledContract } from "./compile.ts";

/**
 * The text of `contracts/ProofOfTraining.json`: the contract as an artifact of Hardhat, which Foundry's `vm.getCode` and
 * `deployCode`, ethers, web3.py and most other tools read too.
 */
export function formatArtifactJson({ abi, bytecode, runtimeBytecode }: CompiledContract): string {
  const artifact = {
    _format: "hh-sol-artifact-1",
    contractName: "ProofOfTraining",
    sourceName: "ProofOfTraining.sol",
    abi,
    bytecode,
    deployedBytecode: runtimeBytecode,
    linkReferences: {},
    deployedLinkReferences: {},
  };
  return `${JSON.stringify(artifact, null, 2)}\n`;
}
