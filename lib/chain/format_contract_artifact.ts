import {
  proofOfTrainingAbi,
  proofOfTrainingBytecode,
  proofOfTrainingCompiler,
  proofOfTrainingDeployedBytecode,
} from "../../contracts/artifact.ts";
import { proofOfTrainingContractName, proofOfTrainingStandardJson } from "../../contracts/standard_json.ts";

/**
 * The contract as an artifact file of Hardhat (`hh-sol-artifact-1`), which Foundry's `vm.getCode` and `vm.deployCode` read too:
 * ABI, creation and deployed code. Beside what Hardhat writes there it holds the compiler's version and standard JSON
 * input, so that the file alone is enough to compile it again.
 *
 * @returns indented JSON with a line end
 */
export function formatContractArtifact(): string {
  const [sourceName, contractName] = proofOfTrainingContractName.split(":");
  const artifact = {
    _format: "hh-sol-artifact-1",
    contractName,
    sourceName,
    abi: proofOfTrainingAbi,
    bytecode: proofOfTrainingBytecode,
    deployedBytecode: proofOfTrainingDeployedBytecode,
    linkReferences: {},
    deployedLinkReferences: {},
    // As in Hardhat's build info.
    solcVersion: proofOfTrainingCompiler.version.split("+")[0],
    solcLongVersion: proofOfTrainingCompiler.version.replace(".Emscripten.clang", ""),
    input: JSON.parse(proofOfTrainingStandardJson),
  };
  return `${JSON.stringify(artifact, null, 2)}\n`;
}
