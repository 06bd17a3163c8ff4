import assert from "node:assert/strict";
import { keccak256 } from "viem/utils";
import artifact from "../../contracts/ProofOfTraining.json" with { type: "json" };
import {
  proofOfTrainingAbi,
  proofOfTrainingBytecode,
  proofOfTrainingCodeHash,
} from "../../contracts/artifact.ts";

Deno.test("ProofOfTraining.json is an artifact of Hardhat, and says what artifact.ts says", () => {
  const { abi, bytecode, deployedBytecode, ...rest } = artifact;
  const stale = "contracts/ProofOfTraining.json is stale: run deno task contracts:build";
  assert.deepEqual(abi, proofOfTrainingAbi, stale);
  assert.equal(bytecode, proofOfTrainingBytecode, stale);
  assert.equal(keccak256(deployedBytecode as `0x${string}`), proofOfTrainingCodeHash, stale);
  assert.deepEqual(rest, {
    _format: "hh-sol-artifact-1",
    contractName: "ProofOfTraining",
    sourceName: "ProofOfTraining.sol",
    linkReferences: {},
    deployedLinkReferences: {},
  });
});
