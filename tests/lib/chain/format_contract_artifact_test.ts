import assert from "node:assert/strict";
import { encodeDeployData, encodeFunctionData, keccak256 } from "viem/utils";
import { proofOfTrainingAbi, proofOfTrainingCodeHash } from "../../../contracts/artifact.ts";
import { proofOfTrainingStandardJson } from "../../../contracts/standard_json.ts";
import { startDevnet } from "../../../lib/chain/devnet.ts";
import { formatContractArtifact } from "../../../lib/chain/format_contract_artifact.ts";

Deno.test("formatContractArtifact() writes what Hardhat and Foundry read", async () => {
  const text = formatContractArtifact();
  const artifact = JSON.parse(text);
  assert.deepEqual(Object.keys(artifact), [
    "_format",
    "contractName",
    "sourceName",
    "abi",
    "bytecode",
    "deployedBytecode",
    "linkReferences",
    "deployedLinkReferences",
    "solcVersion",
    "solcLongVersion",
    "input",
  ]);
  const { _format, contractName, sourceName, solcVersion, solcLongVersion } = artifact;
  assert.deepEqual([_format, contractName, sourceName, solcVersion, solcLongVersion], [
    "hh-sol-artifact-1",
    "ProofOfTraining",
    "ProofOfTraining.sol",
    "0.8.37",
    "0.8.37+commit.f401782d",
  ]);
  assert.equal(keccak256(artifact.deployedBytecode), proofOfTrainingCodeHash);
  assert.ok(text.endsWith("}\n"));

  // tests/contracts/standard_json_test.ts compiles that again.
  assert.deepEqual(artifact.input, JSON.parse(proofOfTrainingStandardJson));

  await using devnet = await startDevnet();
  const { abi, bytecode } = artifact;
  const owner = devnet.accounts[3]!.address;
  const data = encodeDeployData({ abi, bytecode, args: [owner, `0x${"00".repeat(20)}`] });
  const hash = await devnet.request("eth_sendTransaction", [{ from: owner, data }]);
  await devnet.request("evm_mine");
  const { contractAddress } = await devnet.request("eth_getTransactionReceipt", [hash]) as {
    contractAddress: string;
  };
  const call = encodeFunctionData({ abi: proofOfTrainingAbi, functionName: "owner" });
  const answer = await devnet.request("eth_call", [{ to: contractAddress, data: call }, "latest"]) as string;
  assert.equal(answer.slice(-40), owner.slice(2).toLowerCase());
});
