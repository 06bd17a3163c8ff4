import { proofOfTrainingCodeHash, proofOfTrainingCompiler } from "../../contracts/artifact.ts";
import { proofOfTrainingContractName, proofOfTrainingStandardJson } from "../../contracts/standard_json.ts";
import { PotError } from "../core/errors.ts";
import type { Deployment } from "./deployment_file.ts";
import type { EndpointPool } from "./endpoint_pool.ts";
import { getCodeHash } from "./run_deployment.ts";
import type { PublishedContract } from "./source_service.ts";

/** Which contract's source is to be published. */
export interface PublishedContractOptions {
  readonly endpoints: Pick<EndpointPool, "read" | "chainId">;
  readonly contract: `0x${string}`;
  /** What its deployment file says. */
  readonly deployment?: Deployment | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Everything a service needs to check our source against that contract.
 *
 * @throws {PotError} when the contract's code is not what this version's source compiles to.
 */
export async function publishedContract(
  { endpoints, contract, deployment, signal }: PublishedContractOptions,
): Promise<PublishedContract> {
  const codeHash = await getCodeHash(endpoints, contract, { block: "latest", ...(signal && { signal }) });
  if (codeHash !== proofOfTrainingCodeHash) {
    throw new PotError("Cannot publish the source as the contract was made of another one", {
      facts: [
        `contract: ${contract}`,
        `code hash: ${codeHash ?? "no code"}`,
        `this version's: ${proofOfTrainingCodeHash}`,
      ],
      hint: "check CONTRACT_ADDRESS, or publish it with the version of pot that deployed it",
    });
  }
  const { constructorArguments, transactionHash } = deployment ?? {};
  return {
    chainId: endpoints.chainId,
    contract,
    ...(constructorArguments === undefined ? {} : { constructorArguments }),
    ...(transactionHash === undefined ? {} : { transactionHash }),
    standardJson: proofOfTrainingStandardJson,
    contractName: proofOfTrainingContractName,
    // solc built for JavaScript names its platform behind the commit; the services know the plain one.
    compilerVersion: proofOfTrainingCompiler.version.split(".Emscripten")[0]!,
  };
}
